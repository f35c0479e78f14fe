/** What a syslog message is made of: an audit record, or a notice in the place of records that are not there any more. */
import type { AuditRecord } from '../../operations/audit-record.ts';

export interface SentEvent {
  readonly record: AuditRecord;
  /** Of the software. */
  readonly version: string;
}

export interface Kma {
  readonly id: string;
  readonly name: string;
}

export const SKIPPED_CONDITION = 'Audit records not sent';

/** Has the number of the last of them, and no ID: there is no such record. */
export function skippedNotice(kma: Kma, count: number, throughRow: number, nowMs: number): AuditRecord {
  return {
    row: throughRow,
    id: '',
    createdAt: nowMs,
    operation: 'SkipAuditRecords',
    severity: 'warning',
    condition: SKIPPED_CONDITION,
    message: `count=${count} through=${throughRow}`,
    entityId: '',
    entityAddress: '',
    kmaId: kma.id,
    kmaName: kma.name,
    class: 'System',
    term: 'medium',
    solution: 'The KMA has these records as long as its retention says: "kma audit list".',
  };
}
