/** Judges audit records that another KMA has sent: their form, whose they are, that they are chained, and the signature of their end. It stores nothing and trusts nobody who passes them on. */
import { z } from 'zod';
import { type ChainName, type ChainPlace, headText, RETENTION_TERMS } from '../core/audit.ts';
import {
  CREATED_AT_MS_MAX,
  MESSAGE_CHARACTERS_MAX,
  SEQ_MAX,
  TEXT_CHARACTERS_MAX,
} from '../core/audit-bounds.ts';
import { verifyText } from '../security/log-signing.ts';
import { type AuditEntry, type CopiedRecord, chainHash, recordText } from './audit-chain.ts';
import type { AuditProof } from './audit-copies.ts';

export interface AuditBatch {
  /** Behind this place the records follow. */
  readonly start: ChainPlace;
  /** Canonical texts. */
  readonly records: readonly string[];
  readonly proof: AuditProof;
}

export interface ChainOwner {
  readonly kmaId: string;
  /** Which is never changed: lists show what the record says. */
  readonly kmaName: string;
  /** Of the life that has signed. */
  readonly logPublicKey: string;
}

const text = z.string().max(TEXT_CHARACTERS_MAX);
/** A later version may have more classes. */
const entrySchema = z.strictObject({
  id: text,
  createdAt: z.int().min(0).max(CREATED_AT_MS_MAX),
  operation: text,
  severity: z.enum(['success', 'warning', 'error']),
  condition: text,
  message: z.string().max(MESSAGE_CHARACTERS_MAX),
  entityId: text,
  entityAddress: text,
  kmaId: text,
  kmaName: text,
  class: text,
  term: z.enum(RETENTION_TERMS),
  solution: text,
});

/** The records with their places, or what is wrong. */
export function judgeBatch(
  name: ChainName,
  batch: AuditBatch,
  owner: ChainOwner,
): readonly CopiedRecord[] | string {
  const copied: CopiedRecord[] = [];
  if (batch.start.seq + batch.records.length > SEQ_MAX)
    return 'its numbers are larger than those of any chain';
  let { seq, hash } = batch.start;
  for (const record of batch.records) {
    seq += 1;
    hash = chainHash(hash, record);
    const entry = entryOf(record);
    if (entry === null) return `record ${seq} has not the form of one`;
    if (entry.term !== name.term) return `record ${seq} is of another retention term`;
    if (entry.kmaId !== owner.kmaId || entry.kmaName !== owner.kmaName)
      return `record ${seq} is of another KMA`;
    copied.push({ seq, hash, record, entry });
  }
  const signed = headText({ ...name, seq, hash });
  return verifyText(owner.logPublicKey, signed, batch.proof.signature)
    ? copied
    : `the records from ${batch.start.seq + 1} on are not as they were signed`;
}

/** Null where it is not the one text of a record: columns beside it would say something else. */
function entryOf(record: string): AuditEntry | null {
  try {
    const entry = entrySchema.parse(JSON.parse(record)) as AuditEntry;
    return recordText(entry) === record ? entry : null;
  } catch {
    return null;
  }
}
