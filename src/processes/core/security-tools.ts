/** What operations may use while they prepare: the modules of src/security/ joined to the store and the core's memory. It writes nothing. */
import { randomBytes } from 'node:crypto';
import { deriveSecret } from '@openkma/protocol';
import { type AgentId, idFrom, type ObjectId } from '../../core/ids.ts';
import { firstMasterEpoch } from '../../core/master-epochs.ts';
import { readSetting } from '../../core/settings.ts';
import { LEGACY_ITERATIONS } from '../../operations/agent/ca.ts';
import type { SecurityTools } from '../../operations/contexts.ts';
import type { NewObject } from '../../operations/operation.ts';
import { type CaKey, issueCertificate, renewRootCa } from '../../security/certificates.ts';
import { makeVerifier } from '../../security/passphrase-verifier.ts';
import { openSealedObject, sealObject, sealObjectWithEpoch } from '../../security/sealing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { CoreParts } from './core-parts.ts';
import { objectAwaited } from './failure.ts';
import { newRoot, rootUpkeep } from './new-root.ts';
import { openEpoch } from './root-tools.ts';

export interface SecurityParts extends Pick<CoreParts, 'store' | 'memory' | 'self' | 'lacking'> {
  readonly time: Pick<CoreParts['time'], 'nowMs'>;
}

export function createSecurityTools({ store, memory, self, time, lacking }: SecurityParts): SecurityTools {
  const now = () => time.nowMs();
  const readObject = (id: ObjectId) => {
    const object = store.getObject(id);
    if (object === undefined)
      throw store.missing.has(id) ? objectAwaited(id) : new Error(`object ${id} is missing`);
    return object;
  };
  const masterKey = (epoch: string) => memory.masterKey(epoch, () => openEpoch(store, memory, epoch));
  const openObject = (id: ObjectId): SecretBytes => {
    const object = readObject(id);
    return openSealedObject(masterKey(object.epoch), object, object.bytes);
  };
  const seal: SecurityTools['seal'] = ({ kind, owner, plaintext }) => {
    const epoch = readSetting(store.state, 'currentMasterEpochId');
    if (epoch === null) throw new Error('there is no master key epoch');
    const id = idFrom<ObjectId>(randomBytes(16));
    const sealing = epoch === firstMasterEpoch(store.state) ? sealObject : sealObjectWithEpoch;
    const bytes = sealing(masterKey(epoch), { id, kind, owner, epoch }, plaintext);
    return { id, class: 'root-sealed', kind, owner, epoch, bytes };
  };
  const withCa = async <T>(work: (ca: CaKey) => Promise<T>): Promise<T> => {
    const ca = store.state.get('certificate_authority', 'root');
    if (ca?.certificatePem == null || ca.keyObjectId === null) throw new Error('there is no root CA');
    const privateKey = openObject(ca.keyObjectId);
    const { certificatePem, digest } = ca;
    return work({ certificatePem, privateKey, digest: digest ?? 'SHA-256' }).finally(() => privateKey.wipe());
  };
  return {
    seal,
    openObject,
    epochOf: (id) => store.getObject(id)?.epoch ?? '',
    newRoot: (exceptKmaId) => newRoot({ store, memory, self, lacking, masterKey }, exceptKmaId),
    rootUpkeep: () => rootUpkeep({ store, memory, self, lacking, masterKey }),
    readObject: (id) => readObject(id).bytes,
    async makeVerifier(owner, passphrase) {
      return openObjectOf('passphrase-verifier', owner, await makeVerifier(passphrase));
    },
    async makeLegacySecret(owner, passphrase) {
      const secret = new SecretBytes(await deriveSecret(passphrase.reveal(), LEGACY_ITERATIONS));
      const object = seal({ kind: 'legacy-secret', owner, plaintext: secret });
      secret.wipe();
      return { object, iterations: LEGACY_ITERATIONS };
    },
    issueCertificate({ root, ...request }) {
      const days = Math.min(
        readSetting(store.state, 'entityCertificateDays'),
        request.days ?? Number.POSITIVE_INFINITY,
      );
      return withCa((ca) => issueCertificate({ ...request, ca: { ...ca, ...root }, nowMs: now(), days }));
    },
    renewRootCa(digest) {
      const days = readSetting(store.state, 'rootCaDays');
      return withCa(async (ca) => ({
        certificatePem: await renewRootCa(ca, { digest, nowMs: now(), days }),
        digest,
      }));
    },
    async takeKeyPair() {
      return memory.keyPairs.take();
    },
    challenge: (entity, rootPem) => memory.challenges.challenge(entity, rootPem, now()),
    validChallenges: (entity, rootPem) => memory.challenges.valid(entity, rootPem, now()),
    proofChallenge: (question) => memory.proofChallenges.challenge(question, now()),
    validProofChallenges: (question) => memory.proofChallenges.valid(question, now()),
    kwkPublicKeyPem: () => memory.kwks.publicKeyPem(),
    decryptKwk: (ciphertext) => memory.kwks.decrypt(ciphertext),
    findKwk: (kwkId, agentId: AgentId) => memory.kwks.find(kwkId, agentId),
  };
}

/** An object that is not sealed: readable while locked (D14). */
export function openObjectOf(kind: string, owner: string, bytes: Uint8Array): NewObject {
  return { id: idFrom<ObjectId>(randomBytes(16)), class: 'open', kind, owner, epoch: '', bytes };
}
