/** What core and reader say to each other: questions over a read-only view of the store, and snapshots. No message carries key material. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors.ts';

const id = z.int().min(0);

/** An operation's question. */
const asked = {
  id,
  operation: z.string().max(64),
  input: z.unknown(),
  self: z.strictObject({ kmaId: z.string(), kmaName: z.string(), incarnationId: z.string() }),
};

export const coreToReader = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('view'), ...asked }),
  /** The same, of what may take minutes. */
  z.strictObject({ t: z.literal('inspect'), ...asked }),
  /** A snapshot of the store, encrypted to an age recipient (public) into a new file. */
  z.strictObject({
    t: z.literal('snapshot'),
    id,
    directory: z.string().min(1),
    fileName: z.string().min(1),
    recipient: z.string().min(1).max(4096),
  }),
  /** A snapshot for a KMA that joins: as it is, since what is secret in it is sealed. */
  z.strictObject({ t: z.literal('base'), id, directory: z.string().min(1) }),
  /** Whether the file is whole. */
  z.strictObject({ t: z.literal('check'), id }),
]);
export type CoreToReader = z.infer<typeof coreToReader>;

export const snapshotResult = z.strictObject({
  vector: z.record(z.string(), z.int().min(0)),
  heldVector: z.record(z.string(), z.int().min(0)),
  stateHash: z.string(),
  fileSha256: z.string(),
  fileBytes: z.int().min(1),
});
export type SnapshotResult = z.infer<typeof snapshotResult>;

export const baseResult = z.strictObject({
  path: z.string().min(1),
  bytes: z.int().min(1),
  sha256: z.string(),
  stateHash: z.string(),
  vector: z.record(z.string(), z.int().min(0)),
});
export type BaseResult = z.infer<typeof baseResult>;

export const readerToCore = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('answer'), id, output: z.unknown() }),
  z.strictObject({
    t: z.literal('refused'),
    id,
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
  }),
  z.strictObject({ t: z.literal('progress'), id, done: z.number(), total: z.number() }),
]);
export type ReaderToCore = z.infer<typeof readerToCore>;
