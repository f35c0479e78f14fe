/** What a record of the audit says and how records are asked for (section 9.1 of the product reference). It reads and writes none. */
import type { Steps } from '../core/steps.ts';

export type AuditClass =
  | 'Agent Access'
  | 'Agent Client'
  | 'Appliance Management'
  | 'Auditing'
  | 'Backup'
  | 'CA Service'
  | 'Certificate Service'
  | 'Discovery'
  | 'Key Pool'
  | 'Security Officer'
  | 'Compliance Officer'
  | 'Operator'
  | 'Backup Operator'
  | 'Management'
  | 'Security Violation'
  | 'System';
export type RetentionTerm = 'long' | 'medium' | 'short';
export type Severity = 'success' | 'warning' | 'error';

export interface AuditNote {
  readonly severity: Severity;
  /** A few fixed words; "Success" unless something is worth a look. */
  readonly condition: string;
  /** name=value details, no secrets. */
  readonly message: string;
  /** Only where it differs from the operation's own. */
  readonly retention?: RetentionTerm;
  readonly class?: AuditClass;
}

export interface AuditReader {
  /** One that there is, by its number. */
  record(row: number): AuditRecord;
  /** By its audit log ID, or by its number. */
  find(idOrRow: string | number): AuditRecord | null;
  /** Number of the newest record of this KMA itself; 0 without any. */
  newestRow(): number;
  /** Recomputes every chain from its first kept record; one row for each incarnation and term. All at once. */
  verify(): readonly AuditChainReport[];
  /** The same in steps, each to be taken in one read of the store. */
  verification(): Steps<readonly AuditChainReport[]>;
}
/** Fields of section 9.1 of the product reference. `row` is local and only pages; it is negative where the record is another KMA's. */
export interface AuditRecord {
  readonly row: number;
  readonly id: string;
  readonly createdAt: number;
  readonly operation: string;
  readonly severity: Severity;
  readonly condition: string;
  readonly message: string;
  readonly entityId: string;
  readonly entityAddress: string;
  readonly kmaId: string;
  readonly kmaName: string;
  readonly class: AuditClass;
  readonly term: RetentionTerm;
  readonly solution: string;
}
export interface AuditChainReport {
  /** Whose chain it is; "" where that is not known. */
  readonly kmaName: string;
  readonly incarnationId: string;
  readonly term: RetentionTerm;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  /** Of another KMA: how many it has signed that are not here yet. */
  readonly behind: number;
  /** "intact", which may be followed by what others have in its place, or what is wrong and at which sequence number. */
  readonly verdict: string;
}
