/** What is common to everything about the audit chains: the retention terms and the text that a signed head covers. It keeps no records. */
import type { RetentionTerm } from '../operations/audit-record.ts';

/** One hash chain for each incarnation and term (architecture section 5, end). */
export const RETENTION_TERMS = ['long', 'medium', 'short'] as const satisfies readonly RetentionTerm[];

export interface ChainName {
  readonly incarnationId: string;
  readonly term: RetentionTerm;
}
/** As facts name it. */
export function chainId({ incarnationId, term }: ChainName): string {
  return `${incarnationId}:${term}`;
}

/** A place in a chain: behind this record, whose chain hash is given; 0 is before the first one. */
export interface ChainPlace {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditHead extends ChainName {
  /** Number of the last record that the signature covers, and its chain hash. */
  readonly seq: number;
  readonly hash: string;
}

/** Signed with the log key of the incarnation, or where that is over, of a later one of the same KMA; the first line keeps the signature from meaning anything else. */
export function headText({ incarnationId, term, seq, hash }: AuditHead): string {
  return `OpenKMA audit head 1\n${incarnationId}\n${term}\n${seq}\n${hash}\n`;
}
