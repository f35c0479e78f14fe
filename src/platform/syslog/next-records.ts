/** The audit as the queue of a syslog server: what comes next behind a record, and how many are not to be had any more. It remembers nothing and sends nothing. */
import type { AuditRecord } from '../../operations/audit-record.ts';
import type { EventsSent } from '../../platform-settings/syslog.ts';
import type { AuditTail } from '../part.ts';

export interface QueueBounds {
  /** A receiver that is behind by more gets no older ones. */
  readonly behindMax: number;
  readonly events: EventsSent;
}

export interface NextRecords {
  readonly records: readonly AuditRecord[];
  /** Of the last one that was looked at, wanted or not. */
  readonly throughRow: number;
  /** Left out before these: the receiver was too far behind, or the retention has cut them. */
  readonly skipped: number;
}

const READ_MAX = 200;

/** Null where there is nothing new. Records are numbered without gaps as they are written, so that a gap is what was cut. */
export async function recordsAfter(
  afterRow: number,
  audit: AuditTail,
  { behindMax, events }: QueueBounds,
): Promise<NextRecords | null> {
  const fromRow = Math.max(afterRow, audit.newestRow() - behindMax);
  const { records, throughRow, looked } = await audit.read(fromRow, READ_MAX, events);
  return throughRow === afterRow ? null : { records, throughRow, skipped: throughRow - afterRow - looked };
}
