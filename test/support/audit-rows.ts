/** Audit records as they lie in the store, so that looking at them leaves no record. */
import type { AuditEntry } from '../../src/store/store.ts';
import { withStore } from './restoring.ts';

export interface StoredAuditRecord extends AuditEntry {
  readonly row: number;
}

/** In the order of writing. */
export function auditRecords(
  dataDirectory: string,
  afterRow = 0,
  limit = Number.MAX_SAFE_INTEGER,
): StoredAuditRecord[] {
  return withStore(dataDirectory, ({ database }) =>
    database
      .prepare('SELECT row, record FROM audit WHERE row > ? ORDER BY row LIMIT ?')
      .all(afterRow, limit)
      .map(({ row, record }) => ({ row: Number(row), ...(JSON.parse(String(record)) as AuditEntry) })),
  );
}

/** The records that `work` leaves; those of the appliance's own upkeep are left out, since they come at their own time. */
export async function recordsOf(
  dataDirectory: string,
  work: () => Promise<unknown>,
): Promise<StoredAuditRecord[]> {
  const before = auditRecords(dataDirectory).at(-1)?.row ?? 0;
  await work();
  return auditRecords(dataDirectory, before).filter(({ operation }) => !UPKEEP.has(operation));
}

const UPKEEP = new Set(['FillKeyPool', 'NoteLowKeyPool', 'ConfirmErasures', 'SignAuditHeads', 'CutAuditLog']);
