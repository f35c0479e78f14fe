/** What two KMAs say to each other on port 3336 beside the engine's own messages, as schemas with bounds, checked on receipt. It sends nothing. */
import { z } from 'zod';
import { greeting } from './greeting.ts';

/** Of this channel: a KMA that speaks another says so and closes. */
export const PEER_PROTOCOL = 1;
/** Objects asked for at once. */
export const WANTED_MAX = 256;
/** Of one message, encoded. */
export const PEER_MESSAGE_BYTES_MAX = 2 * 1024 * 1024;
/** Of the sealed bytes in one answer; one object may be larger, alone. */
export const OBJECT_BYTES_PER_ANSWER = 512 * 1024;
const OBJECT_BYTES_MAX = 1024 * 1024;
/** Twenty members, each with some lives. */
const VECTOR_ENTRIES_MAX = 4_096;

const kmaId = z.string().regex(/^[0-9A-F]{32}$/);
const objectId = z.string().regex(/^[0-9A-F]{32}$/);
const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);
/** Empty where a life goes back to before there were epochs. */
const epochId = z.string().regex(/^([0-9A-F]{32})?$/);
const publicKey = z.string().regex(/^[0-9A-F]{64}$/);
const word = z.string().min(1).max(64);
const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);

/** For each incarnation a length of its log. */
export const versionVector = z
  .record(incarnationId, z.int().min(0))
  .refine((vector) => Object.keys(vector).length <= VECTOR_ENTRIES_MAX, 'too many logs');

/** First in both directions; nothing else is taken before it. */
export const hello = greeting({
  t: z.literal('hello'),
  protocol: z.int().min(1),
  softwareVersion: word,
  /** What the KMA can read and fold (12.4 of the product). */
  replicationVersion: z.int().min(1),
  kmaId,
  incarnationId,
  /** The static key of the engine's stream has to be this one. */
  replicationPublicKey: publicKey,
  /** Signs the audit of this life. */
  logPublicKey: publicKey,
  clusterEpochId: epochId,
  vector: versionVector,
});
export type Hello = z.infer<typeof hello>;

/** What others show of a member (11.3 of the product). */
export const memberHealth = z.strictObject({
  locked: z.boolean(),
  /** Calls under way. */
  load: z.number().min(0).max(1_000_000),
  keyPoolReadyPercent: z.number().min(0).max(100),
  version: word,
});
export type MemberHealth = z.infer<typeof memberHealth>;

/** The classes of sealed objects that leave a KMA: `local` is not among them. */
export const sealedObject = z.strictObject({
  id: objectId,
  class: z.enum(['open', 'self-protected', 'root-sealed']),
  kind: word,
  owner: z.string().max(256),
  epoch: z.string().max(64),
  bytes: bytes.refine(({ length }) => length <= OBJECT_BYTES_MAX, 'object too long'),
});
export type SealedObject = z.infer<typeof sealedObject>;

const sequence = z.int().min(0);
const wanted = z.array(objectId).min(1).max(WANTED_MAX);

/** What does not pass ends the connection, and the peer is left alone for a while. */
export const peerMessage = z.discriminatedUnion('t', [
  hello,
  /** The other side's hello was taken: from now on it may open the engine's channels, and send all that follows. */
  z.strictObject({ t: z.literal('welcome') }),
  z.strictObject({ t: z.literal('health'), health: memberHealth }),
  z.strictObject({ t: z.literal('ping'), sequence }),
  /** With the clock of who answers, milliseconds since 1970. */
  z.strictObject({ t: z.literal('pong'), sequence, nowMs: z.int().min(0) }),
  /** `vector`: what is folded where it is asked; who answers has folded that too, so that nothing that is destroyed there comes back. */
  z.strictObject({ t: z.literal('want'), sequence, ids: wanted, vector: versionVector }),
  /** The first that fit; what is in neither list is asked for again. */
  z.strictObject({
    t: z.literal('have'),
    sequence,
    objects: z.array(sealedObject).max(WANTED_MAX),
    haveNot: z.array(objectId).max(WANTED_MAX),
  }),
  z.strictObject({ t: z.literal('bye'), reason: z.string().min(1).max(256) }),
]);
export type PeerMessage = z.infer<typeof peerMessage>;
