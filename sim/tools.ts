/** The deterministic twin of the core's security tools: what is sealed, derived or signed follows from the seed. No secret is kept by it. */
import { createHash } from 'node:crypto';
import { type Fingerprint, idFrom, type ObjectId } from '../src/core/ids.ts';
import { readSetting } from '../src/core/settings.ts';
import type { SecurityTools } from '../src/operations/contexts.ts';
import type { NewObject } from '../src/operations/operation.ts';
import { type SplitsHere, splitSearch } from '../src/operations/pending/quorum-outcome.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import { CERTIFICATE_PEM } from './certificate.ts';
import { simulatedNewRoot } from './new-root.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

const DAY_MS = 86_400_000;
const OBJECT_ID_BYTES = 16;
const SEALED_BYTES = 32;

export interface ToolsSupport extends SplitsHere {
  readonly store: Store;
  readonly random: Random;
  readonly nowMs: () => number;
}

export function newObject(
  random: Random,
  object: Pick<NewObject, 'class' | 'kind' | 'owner'>,
  bytes: Uint8Array = random.bytes(SEALED_BYTES),
): NewObject {
  return { id: idFrom<ObjectId>(random.bytes(OBJECT_ID_BYTES)), epoch: '', ...object, bytes };
}

export function simulatedTools(support: ToolsSupport): SecurityTools {
  const { store, random, nowMs } = support;
  const held = (id: ObjectId): NewObject => {
    const object = store.getObject(id);
    if (object === undefined) throw new Error(`object ${id} is missing`);
    return object;
  };
  const epoch = () => readSetting(store.state, 'currentMasterEpochId') ?? '';
  const unused = (): never => {
    throw new Error('no operation of the simulated world uses this');
  };
  return {
    seal: ({ kind, owner }) => ({
      ...newObject(random, { class: 'root-sealed', kind, owner }),
      epoch: epoch(),
    }),
    openObject: (id) => new SecretBytes(Uint8Array.from(held(id).bytes)),
    readObject: (id) => held(id).bytes,
    epochOf: (id) => store.getObject(id)?.epoch ?? '',
    newRoot: async (exceptKmaId) => simulatedNewRoot(store, splitSearch(support), random, exceptKmaId),
    rootUpkeep: unused,
    makeVerifier: async (owner) => newObject(random, { class: 'open', kind: 'passphrase-verifier', owner }),
    makeLegacySecret: async (owner) => ({
      object: newObject(random, { class: 'root-sealed', kind: 'legacy-secret', owner }),
      iterations: 40_000,
    }),
    issueCertificate: async ({ kind, name, publicKey, days = 1e9 }) => {
      const serial = idFrom<string>(random.bytes(8));
      const pem = `${kind} ${name} ${idFrom<string>(publicKey)} ${serial}`;
      const fingerprint = createHash('sha256').update(pem).digest('hex').toUpperCase() as Fingerprint;
      const atMost = readSetting(store.state, 'entityCertificateDays');
      return {
        pem: kind === 'kma' ? CERTIFICATE_PEM : pem,
        fingerprint,
        serial,
        notAfterMs: nowMs() + Math.min(days, atMost) * DAY_MS,
      };
    },
    renewRootCa: async (digest) => ({ certificatePem: CERTIFICATE_PEM, digest }),
    takeKeyPair: async () => ({
      publicKey: random.bytes(8),
      privateKeyPem: new SecretBytes(random.bytes(8)),
    }),
    challenge: unused,
    validChallenges: unused,
    proofChallenge: unused,
    validProofChallenges: unused,
    kwkPublicKeyPem: unused,
    decryptKwk: unused,
    findKwk: unused,
  };
}
