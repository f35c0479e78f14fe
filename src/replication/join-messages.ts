/** What a KMA that joins and the member that it joins at say to each other on port 3336, as schemas with bounds. It sends nothing; nothing of the quorum is in it. */
import { z } from 'zod';
import { greeting } from './greeting.ts';
import { versionVector } from './peer-messages.ts';

/** Of the connection (ALPN). */
export const JOIN_ALPN = 'openkma-join/1';
/** Of these messages. */
export const JOIN_PROTOCOL = 1;
/** Of the base in one message. */
export const PIECE_BYTES = 1024 * 1024;
export const WHY_CHARACTERS_MAX = 256;

const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);
const kmaId = z.string().regex(/^[0-9A-F]{32}$/);
const publicKey = z.string().regex(/^[0-9A-F]{64}$/);
const sha256 = z.string().regex(/^[0-9A-F]{64}$/);
const word = z.string().min(1).max(64);
const offset = z.int().min(0);
const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);

export const joinerSays = z.discriminatedUnion('t', [
  /** First. The life with which it joins, again and again until it has joined. */
  greeting({
    t: z.literal('hello'),
    protocol: z.int().min(1),
    softwareVersion: word,
    replicationVersion: z.int().min(1),
    incarnationId,
    logPublicKey: publicKey,
    replicationPublicKey: publicKey,
  }),
  z.strictObject({ t: z.literal('want'), sha256, offset }),
  /** All of it is there: the member may remove its copy. */
  z.strictObject({ t: z.literal('done'), sha256 }),
  /** First instead of a hello: with the copy in its hands it could not join, which the people of the member have to know. */
  z.strictObject({
    t: z.literal('failed'),
    code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
    detail: z.string().regex(/^[\x20-\x7e]{0,160}$/),
  }),
]);
export type JoinerSays = z.infer<typeof joinerSays>;
export type JoinFailed = Extract<JoinerSays, { t: 'failed' }>;
export type JoinHello = Extract<JoinerSays, { t: 'hello' }>;

export const memberSays = z.discriminatedUnion('t', [
  /** A copy of the member's store, which stays the same for a while. */
  z.strictObject({
    t: z.literal('base'),
    kmaId,
    bytes: z.int().min(1),
    sha256,
    stateHash: sha256,
    vector: versionVector,
  }),
  z.strictObject({
    t: z.literal('piece'),
    offset,
    bytes: bytes.refine(({ length }) => length > 0 && length <= PIECE_BYTES, 'not a piece'),
  }),
  /** `why`: words for the operator at the newcomer, only where they tell a stranger nothing. */
  z.strictObject({ t: z.literal('refused'), why: z.string().max(WHY_CHARACTERS_MAX) }),
]);
export type MemberSays = z.infer<typeof memberSays>;
export type Base = Extract<MemberSays, { t: 'base' }>;
