/** What the management front and the core say to each other, as schemas checked on receipt. It sends nothing, and names no operation. */
import { z } from 'zod';
import { IDEMPOTENCY_KEY, SEALED_QUORUM_BYTES_MAX, VERSION_CONDITION } from '../operations/http-route.ts';
import { errorCode } from './messages.ts';

const id = z.int().min(0);

/** For people; longer ones are cut by the core. */
export const PROBLEM_DETAIL_MAX = 1_024;

const keySha256 = z.string().regex(/^[0-9A-F]{64}$/);
/** The internal ID, which is random: by it the front tells users apart and learns nothing of them. */
const userId = z.string().regex(/^[0-9A-F]{32}$/);

/** The caller as the management front saw him: known by the key of his certificate, whatever else stands in it. */
export const managerOrigin = z.strictObject({
  address: z.string().min(1).max(64),
  localAddress: z.string().max(64),
  /** Of the SubjectPublicKeyInfo, whose private half TLS has seen proven; null without a certificate, or with a key of no kind we take. */
  keySha256: keySha256.nullable(),
});
export type ManagerOrigin = z.infer<typeof managerOrigin>;

const sealedQuorum: z.ZodType<Uint8Array> = z
  .instanceof(Uint8Array)
  .refine(({ length }) => length <= SEALED_QUORUM_BYTES_MAX, 'sealed credentials too long');

/** Where a page of the web Manager came from, as browsers write it (RFC 6454). */
const webOrigin = z.string().regex(/^https:\/\/[\x21-\x7e]{1,255}$/);

/** Management front to core. What does not pass ends the connection. */
export const managementToCore = z.discriminatedUnion('t', [
  /** Asked before a connection's first call, or a page's first: what strangers send is not even parsed. */
  z.strictObject({ t: z.literal('who'), id, keySha256 }),
  z.strictObject({
    t: z.literal('call'),
    id,
    operation: z.string().min(1).max(64),
    input: z.unknown(),
    origin: managerOrigin,
    ifMatch: z.string().regex(VERSION_CONDITION).optional(),
    idempotencyKey: z.string().regex(IDEMPOTENCY_KEY).optional(),
    quorum: sealedQuorum.optional(),
    /** Asked by a page by itself: it does not keep the log-in of somebody who has gone away. */
    unattended: z.literal(true).optional(),
  }),
  /** From a page of the web Manager whose user is nobody yet. */
  z.strictObject({
    t: z.literal('prove'),
    id,
    operation: z.enum(['BeginProof', 'LogInWeb']),
    input: z.unknown(),
    webOrigin,
    address: z.string().min(1).max(64),
    localAddress: z.string().max(64),
  }),
  /** Failures before a call: `count` of the same kind since the last such message. */
  z.strictObject({
    t: z.literal('refused'),
    reason: z.string().min(1).max(64),
    address: z.string().max(64),
    count: z.int().min(1),
  }),
]);
export type ManagementToCore = z.infer<typeof managementToCore>;

/** Core to management front. */
export const coreToManagement = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('who'), id, userId: userId.nullable() }),
  z.strictObject({
    t: z.literal('reply'),
    id,
    output: z.unknown(),
    /** Of the thing shown or changed; becomes an ETag. */
    version: z.string().min(1).max(64).optional(),
    /** What became of the request: done, waiting for approval, or under way as a job. */
    became: z.enum(['done', 'pending', 'job']),
  }),
  z.strictObject({
    t: z.literal('problem'),
    id,
    code: errorCode,
    /** For known callers only. */
    detail: z.string().max(PROBLEM_DETAIL_MAX).optional(),
    /** Whether the caller's key is somebody's. */
    known: z.boolean(),
  }),
]);
export type CoreToManagement = z.infer<typeof coreToManagement>;
