/** What core and replicator say to each other: logs and sealed objects both ways, and who is a member. No message holds a key that is not sealed, but for the two of this KMA itself in `begin`. */
import { z } from 'zod';
import { ABSENCES, SERVICE_ANSWERS } from '../../core/membership.ts';
import { SOUGHT_MAX } from '../../core/missing-split.ts';
import { auditRecords, CHAINS_MAX, chainName, heldChain } from '../../replication/audit-messages.ts';
import {
  hello,
  memberHealth,
  OBJECT_BYTES_PER_ANSWER,
  sealedObject,
  versionVector,
  WANTED_MAX,
} from '../../replication/peer-messages.ts';
import { clusterStanding } from '../../replication/standing-messages.ts';

/** Entries of one batch: agents wait for the commit that folds them. */
export const BLOCKS_MAX = 64;
/** Of the blocks in one message; a block may be as large alone. */
export const BLOCKS_BYTES_MAX = 1024 * 1024;
/** Of one entry of a log; no operation writes a tenth of it. */
export const BLOCK_BYTES_MAX = 1024 * 1024;
/** Of one answer with sealed objects. */
export const OBJECTS_BYTES_MAX = OBJECT_BYTES_PER_ANSWER;
/** Objects that are named as missing at once. */
export const MISSING_MAX = 1_000;
const MEMBERS_MAX = 64;
const FORMER_MAX = 1_000;
const LIVES_MAX = 10_000;
const SEED_BYTES = 32;

const id = z.int().min(0);
const length = z.int().min(0);
const kmaId = z.string().regex(/^[0-9A-F]{32}$/);
const objectId = z.string().regex(/^[0-9A-F]{32}$/);
const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);
const publicKey = z.string().regex(/^[0-9A-F]{64}$/);
/** Of the key that signs the log's blocks in the engine. */
const replicationPublicKey = publicKey;
const keySha256 = z.string().regex(/^[0-9A-F]{64}$/);
const pem = z.string().min(1).max(65_536);
const name = z.string().max(256);
const reason = z.string().min(1).max(256);
const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);

const block = bytes.refine((value) => value.length <= BLOCK_BYTES_MAX, 'entry too long');
const blocks = z.array(block).max(BLOCKS_MAX);
const vectors = { vector: versionVector, held: versionVector };

export const rosterMember = z.strictObject({
  kmaId,
  name,
  /** On the management network, without a port; "" if none is known. */
  address: name,
  /** The same on the service network. */
  serviceAddress: name,
  /** Of the certificate that counts; "" while it has none. */
  keySha256: z.union([keySha256, z.literal('')]),
  incarnations: z
    .array(z.strictObject({ incarnationId, replicationPublicKey, live: z.boolean() }))
    .max(LIVES_MAX),
});
export type RosterMember = z.infer<typeof rosterMember>;

/** A KMA whose key counts no more: it is told so. */
export const formerMember = z.strictObject({ keySha256, why: z.enum(ABSENCES) });
export type FormerMember = z.infer<typeof formerMember>;

export const rosterLog = z.strictObject({
  incarnationId,
  replicationPublicKey,
  limit: length.nullable(),
  /** From here on it is to be compared, also what is folded. */
  comparedFrom: length.nullable(),
});

export const coreToReplicator = z.discriminatedUnion('t', [
  /** First, and again when the TLS key or a certificate has changed. */
  z.strictObject({
    t: z.literal('begin'),
    self: z.strictObject({
      kmaId,
      kmaName: name,
      incarnationId,
      logPublicKey: publicKey,
      clusterEpochId: z.string().max(64),
    }),
    /** Of the Ed25519 key that signs the blocks of the own log, and nothing else. */
    replicationSeed: bytes.refine((seed) => seed.length === SEED_BYTES, 'not a seed'),
    tls: z.strictObject({ privateKeyPem: pem, certificatePem: pem, caPem: pem }),
    /** What this life began from: entries up to there are never fetched. */
    base: versionVector,
    /** What is in the engine's files of an earlier life others may have otherwise: they are not to be used. */
    freshCache: z.boolean(),
    ...vectors,
  }),
  /** After `begin`, and when a member or a life has changed. This KMA itself is among the members. */
  z.strictObject({
    t: z.literal('roster'),
    members: z.array(rosterMember).max(MEMBERS_MAX),
    former: z.array(formerMember).max(FORMER_MAX),
    /** All that are to be followed, the own one too. `limit`: entries beyond it count nowhere. */
    logs: z.array(rosterLog).max(LIVES_MAX),
  }),
  /** After commits: entries of `vector` can be read, and confirmed to others. */
  z.strictObject({ t: z.literal('grown'), ...vectors }),
  /** Sealed objects to ask others for; the whole of what is looked for now, again when some have come. */
  z.strictObject({
    t: z.literal('missing'),
    ids: z.array(objectId).max(MISSING_MAX),
    /** Of these it is told who has them not; what of them is not missing is not fetched. */
    sought: z.array(objectId).max(SOUGHT_MAX),
  }),
  /** So far these chains of the audit are here: all after `begin`, then those that have grown, every second. */
  z.strictObject({ t: z.literal('audit-chains'), chains: z.array(heldChain).max(CHAINS_MAX) }),
  /** Every second. */
  z.strictObject({ t: z.literal('health'), health: memberHealth, nowMs: z.int().min(0) }),
  z.strictObject({ t: z.literal('catch-up'), id, timeoutMs: z.int().min(1).max(60_000) }),

  /** Answers. `log` and `objects` hold the first that fit. */
  z.strictObject({ t: z.literal('log'), id, blocks }),
  z.strictObject({
    t: z.literal('applied'),
    id,
    /** Of the log as it is folded here now. */
    length,
    /** Why no more of this log is taken; to be tried again later. */
    stalled: reason.nullable(),
    /** What stalls it is nothing that a KMA writes: its owner is to be left alone. */
    broken: z.boolean(),
  }),
  z.strictObject({ t: z.literal('objects'), id, objects: z.array(sealedObject).max(WANTED_MAX) }),
  /** How many of them have not the bytes that a fact names here. */
  z.strictObject({ t: z.literal('stored'), id, refused: length }),
  z.strictObject({ t: z.literal('audit'), id, found: auditRecords.nullable() }),
  /** Of the chain, as it is here now; why the records are none of its KMA, or do not go on from what is here. */
  z.strictObject({ t: z.literal('audit-taken'), id, lastSeq: length, refused: reason.nullable() }),
  z.strictObject({ t: z.literal('admitted'), id, refused: reason.nullable() }),
  z.strictObject({ t: z.literal('folded'), id, vector: versionVector }),
  /** None where the name has no address, or nobody could be asked. */
  z.strictObject({ t: z.literal('looked-up'), id, addresses: z.array(z.string().max(64)).max(8) }),
  z.strictObject({
    t: z.literal('base-made'),
    id,
    /** Null where none could be made, for `reason`. */
    base: z
      .strictObject({
        path: z.string().min(1),
        bytes: length,
        sha256: keySha256,
        stateHash: keySha256,
        vector: versionVector,
      })
      .nullable(),
    reason: z.string().max(256),
  }),
]);
export type CoreToReplicator = z.infer<typeof coreToReplicator>;

/** A member did what no KMA does, and is left alone: once for each time. */
const leftAlone = z.strictObject({
  t: z.literal('left-alone'),
  kmaId,
  address: name,
  reason,
  seconds: z.int().min(1).max(3_600),
  attempts: length,
});
export type ToldLeftAlone = z.infer<typeof leftAlone>;

export const replicatorToCore = z.discriminatedUnion('t', [
  /** A snapshot in a file of its own, for this KMA, which joins; `base-done` when it is not needed any more. */
  z.strictObject({ t: z.literal('base'), id, kmaId }),
  z.strictObject({ t: z.literal('base-done'), path: z.string().min(1) }),
  z.strictObject({
    t: z.literal('read-log'),
    id,
    incarnationId,
    afterSeq: length,
    limit: z.int().min(1).max(BLOCKS_MAX),
  }),
  z.strictObject({ t: z.literal('entries'), id, incarnationId, afterSeq: length, blocks }),
  z.strictObject({ t: z.literal('read-objects'), id, ids: z.array(objectId).min(1).max(WANTED_MAX) }),
  z.strictObject({ t: z.literal('objects'), id, objects: z.array(sealedObject).max(WANTED_MAX) }),
  /** Records of a chain of the audit, for a member: as many as fit behind this one, or behind where the chain begins here. */
  z.strictObject({ t: z.literal('read-audit'), id, ...chainName.shape, afterSeq: length }),
  /** `from`: the member that brought them. */
  z.strictObject({
    t: z.literal('audit-records'),
    id,
    ...chainName.shape,
    records: auditRecords,
    from: kmaId,
  }),
  /** Of a peer whose certificate has this key; it is admitted where that is a live member's and its life is known or may be. */
  z.strictObject({ t: z.literal('greeted'), id, keySha256, hello, address: name }),
  z.strictObject({ t: z.literal('caught-up'), id, complete: z.boolean() }),
  /** The address of a member is a name: the core has it looked up by the DNS servers of this KMA. */
  z.strictObject({ t: z.literal('look-up'), id, name: name.min(1) }),
  /** How far the folds are at this moment: "grown" tells it a little later. */
  z.strictObject({ t: z.literal('how-far'), id }),
  /** The KMA is stopped: what it has to say still is to be written, and how far the folds are then. */
  z.strictObject({ t: z.literal('ending'), id }),
  z.strictObject({
    t: z.literal('peer'),
    kmaId,
    incarnationId,
    connected: z.boolean(),
    /** Both null until it has confirmed anything over this connection. */
    applied: versionVector.nullable(),
    /** After its commits; this is what readiness goes by. */
    holds: versionVector.nullable(),
    health: memberHealth.nullable(),
    responseMs: z.number().min(0).nullable(),
    /** Of its clock against that of this KMA. */
    clockAheadMs: z.number().nullable(),
  }),
  /** What a member has answered of objects that are sought. `asked`: what was folded here when it was asked. */
  z.strictObject({
    t: z.literal('searched'),
    incarnationId,
    lacks: z.array(objectId).max(SOUGHT_MAX),
    has: z.array(objectId).max(SOUGHT_MAX),
    asked: versionVector,
  }),
  /** Whether a member answers on its service network, every few seconds. */
  z.strictObject({ t: z.literal('service'), kmaId, answer: z.enum(SERVICE_ANSWERS) }),
  /** As a member has answered that none is connected with. */
  z.strictObject({ t: z.literal('standing'), kmaId, standing: clusterStanding }),
  /** Of the own log, as the longest that a peer knows. `proven`: the engine has a block beyond the end that was signed with its key. */
  z.strictObject({ t: z.literal('own-length'), length, proven: z.boolean() }),
  z.strictObject({
    t: z.literal('refused'),
    address: name,
    reason,
    keySha256: keySha256.nullable(),
    count: z.int().min(1),
  }),
  leftAlone,
]);
export type ReplicatorToCore = z.infer<typeof replicatorToCore>;
