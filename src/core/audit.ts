/** What is common to everything about the audit chains: the retention terms and the text that a signed head covers. It keeps no records. */
import type { RetentionTerm } from '../operations/audit-record.ts';

/** One hash chain for each incarnation and term (architecture section 5, end). */
export const RETENTION_TERMS = ['long', 'medium', 'short'] as const satisfies readonly RetentionTerm[];

export interface AuditHead {
  readonly incarnationId: string;
  readonly term: RetentionTerm;
  /** Number of the last record that the signature covers, and its chain hash. */
  readonly seq: number;
  readonly hash: string;
}

/** Signed with the incarnation's log key; the first line keeps the signature from meaning anything else. */
export function headText({ incarnationId, term, seq, hash }: AuditHead): string {
  return `OpenKMA audit head 1\n${incarnationId}\n${term}\n${seq}\n${hash}\n`;
}
