/** What two KMAs say to each other about their audit, as schemas with bounds, checked on receipt. It sends nothing. */
import { z } from 'zod';
import { RETENTION_TERMS } from '../core/audit.ts';
import { SEQ_MAX } from '../core/audit-bounds.ts';

/** The first replication version whose members speak of it; to others nothing of it is sent. */
export const AUDIT_SINCE = 4;
/** Of one answer. */
export const RECORDS_MAX = 128;
/** Of the records of one answer, and of one that is longer than all others, alone. */
export const RECORDS_CHARACTERS_MAX = 256 * 1024;
/** Named in one message. */
export const CHAINS_MAX = 1_000;
/** A character of a record, which is JSON already, has four bytes at most, and is written with its quotes escaped. */
export const AUDIT_MESSAGE_BYTES_MAX = 2 * 1024 * 1024;

const incarnationId = z.string().regex(/^[0-9A-F]{16}$/);
const seq = z.int().min(0).max(SEQ_MAX);
const hash = z.string().regex(/^[0-9A-F]{64}$/);
const name = { incarnationId, term: z.enum(RETENTION_TERMS) };

export const chainName = z.strictObject(name);
export type AuditChainName = z.infer<typeof chainName>;

/** What there is of a chain: up to which record. */
export const heldChain = z.strictObject({ ...name, lastSeq: z.int().min(1).max(SEQ_MAX) });
export type HeldChain = z.infer<typeof heldChain>;

/** Records that follow each other, with what makes them believed, whoever brings them. */
export const auditRecords = z.strictObject({
  start: z.strictObject({ seq, hash }),
  records: z
    .array(z.string().max(RECORDS_CHARACTERS_MAX))
    .min(1)
    .max(RECORDS_MAX)
    .refine(
      (records) =>
        records.length === 1 ||
        records.reduce((sum, { length }) => sum + length, 0) <= RECORDS_CHARACTERS_MAX,
      'too many characters',
    ),
  proof: z.strictObject({ signedBy: incarnationId, signature: z.string().regex(/^[0-9A-F]{128}$/) }),
});
export type AuditRecords = z.infer<typeof auditRecords>;

const sequence = z.int().min(0);

export const auditMessage = z.discriminatedUnion('t', [
  /** All there are at first, then those that have grown. */
  z.strictObject({ t: z.literal('chains'), chains: z.array(heldChain).min(1).max(CHAINS_MAX) }),
  z.strictObject({ t: z.literal('after'), sequence, ...name, afterSeq: seq }),
  /** Null where nothing can be given. */
  z.strictObject({ t: z.literal('records'), sequence, found: auditRecords.nullable() }),
]);
export type AuditMessage = z.infer<typeof auditMessage>;
