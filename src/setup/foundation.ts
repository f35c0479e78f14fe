/** Makes the material of a new KMA: keys, certificates, key split, identifiers. It writes nothing and decides nothing. */
import { generateKeyPair, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import {
  INCARNATION_ID_BYTES,
  type IncarnationId,
  idFrom,
  type KeySplitId,
  type KmaId,
  type MasterEpochId,
  type ObjectId,
  type RootEpochId,
  type UserId,
} from '../core/ids.ts';
import { SETTINGS } from '../core/settings.ts';
import type { IssuedCertificate } from '../operations/contexts.ts';
import type { Credential, NewObject } from '../operations/operation.ts';
import { createRootCa, issueCertificate } from '../security/certificates.ts';
import { createKeySplit } from '../security/key-split.ts';
import { logPublicKey, replicationPublicKey } from '../security/log-signing.ts';
import { sealMasterKey } from '../security/master-key.ts';
import { assertLogSeed, assertRsaPair, makeSound } from '../security/pair-check.ts';
import { makeVerifier } from '../security/passphrase-verifier.ts';
import { sealObject } from '../security/sealing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';

export interface FoundationRequest {
  readonly kmaName: string;
  readonly threshold: number;
  readonly credentials: readonly Credential[];
  readonly officer: Credential;
  readonly digest: 'SHA-1' | 'SHA-256';
  readonly nowMs: number;
  readonly step: (text: string) => void;
}

/** This machine's own identity: private halves go into local files, never into the store (D14, class local). */
export interface LocalIdentity {
  readonly kmaId: KmaId;
  readonly incarnationId: IncarnationId;
  readonly logSeed: SecretBytes;
  readonly logPublicKey: string;
  readonly replicationPublicKey: string;
  readonly tlsPrivateKeyPem: SecretBytes;
  readonly tlsPublicKey: Uint8Array;
}

export interface Foundation {
  readonly identity: LocalIdentity;
  readonly rootKeyMaterial: SecretBytes;
  readonly rootEpochId: RootEpochId;
  readonly masterEpochId: MasterEpochId;
  readonly keySplitId: KeySplitId;
  readonly clusterEpochId: string;
  readonly officerId: UserId;
  readonly kmaNumber: number;
  readonly certificatePem: string;
  readonly kmaCertificate: IssuedCertificate;
  readonly objects: {
    readonly keySplit: NewObject;
    readonly masterKey: NewObject;
    readonly caKey: NewObject;
    readonly officerVerifier: NewObject;
  };
}

export async function makeLocalIdentity(kmaId: KmaId): Promise<LocalIdentity> {
  const pair = await makeSound(newTlsPair);
  const logSeed = await makeSound(newLogSeed);
  return {
    kmaId,
    incarnationId: idFrom<IncarnationId>(randomBytes(INCARNATION_ID_BYTES)),
    logSeed,
    logPublicKey: logPublicKey(logSeed),
    replicationPublicKey: replicationPublicKey(logSeed),
    tlsPrivateKeyPem: SecretBytes.fromText(
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    tlsPublicKey: pair.publicKey.export({ type: 'spki', format: 'der' }),
  };
}

async function newTlsPair() {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  assertRsaPair(pair.publicKey, pair.privateKey);
  return pair;
}

/** Also for a detected copy, which needs a signing key of its own. */
export function newLogSeed(): SecretBytes {
  const seed = new SecretBytes(randomBytes(32));
  assertLogSeed(seed);
  return seed;
}

export async function makeFoundation(request: FoundationRequest): Promise<Foundation> {
  request.step('making the TLS key and the identity of this KMA');
  const identity = await makeLocalIdentity(idFrom<KmaId>(randomBytes(16)));
  const rootKeyMaterial = new SecretBytes(randomBytes(32));
  const masterKey = new SecretBytes(randomBytes(32));
  const rootEpochId = idFrom<RootEpochId>(randomBytes(16));
  const masterEpochId = idFrom<MasterEpochId>(randomBytes(16));
  const keySplitId = idFrom<KeySplitId>(randomBytes(16));
  const officerId = idFrom<UserId>(randomBytes(16));
  request.step('making the root CA');
  const ca = await createRootCa({ ...request, days: SETTINGS.rootCaDays.default });
  const kmaCertificate = await issueCertificate({
    ca: { ...ca, digest: request.digest },
    kind: 'kma',
    name: request.kmaName,
    publicKey: identity.tlsPublicKey,
    nowMs: request.nowMs,
    days: SETTINGS.entityCertificateDays.default,
  });
  request.step(`splitting the root key material among ${request.credentials.length}`);
  const split = await createKeySplit({ ...request, rootKeyMaterial, rootEpochId, splitId: keySplitId });
  const object = (
    kind: string,
    owner: string,
    rest: Pick<NewObject, 'class' | 'epoch' | 'bytes'>,
  ): NewObject => ({
    id: idFrom<ObjectId>(randomBytes(16)),
    kind,
    owner,
    ...rest,
  });
  const caKeyMeta = {
    id: idFrom<ObjectId>(randomBytes(16)),
    kind: 'ca-key',
    owner: 'root',
    epoch: masterEpochId,
  };
  const masterKeyId = idFrom<ObjectId>(randomBytes(16));
  const sealedCaKey = sealObject(masterKey, caKeyMeta, ca.privateKey);
  ca.privateKey.wipe();
  const sealedMasterKey = sealMasterKey(
    rootKeyMaterial,
    { epochId: masterEpochId, objectId: masterKeyId },
    masterKey,
  );
  masterKey.wipe();
  return {
    identity,
    rootKeyMaterial,
    rootEpochId,
    masterEpochId,
    keySplitId,
    clusterEpochId: idFrom(randomBytes(16)),
    officerId,
    kmaNumber: randomInt(1, 2 ** 31 - 1),
    certificatePem: ca.certificatePem,
    kmaCertificate,
    objects: {
      keySplit: object('key-split', keySplitId, {
        class: 'self-protected',
        epoch: rootEpochId,
        bytes: split,
      }),
      masterKey: {
        id: masterKeyId,
        class: 'root-sealed',
        kind: 'master-key',
        owner: masterEpochId,
        epoch: rootEpochId,
        bytes: sealedMasterKey,
      },
      caKey: { ...caKeyMeta, class: 'root-sealed', bytes: sealedCaKey },
      officerVerifier: object('passphrase-verifier', officerId, {
        class: 'open',
        epoch: '',
        bytes: await makeVerifier(request.officer.passphrase),
      }),
    },
  };
}
