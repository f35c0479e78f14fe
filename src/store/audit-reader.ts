/** Finds single audit records for people and for `view`; it reads a snapshot in the reader process and never writes. Lists of them are found by list-query.ts. */
import type { AuditReader, AuditRecord } from '../operations/audit-record.ts';
import type { AuditEntry } from './audit-chain.ts';
import { auditVerification, verifyAudit } from './audit-verification.ts';
import type { Store } from './store.ts';

/** Of this KMA; null where nobody knows whose store it is. */
export function createAuditReader(store: Store, kmaId: string | null): AuditReader {
  const byRow = store.statements.prepare('SELECT row, record FROM audit WHERE row = ?');
  // No index leads to an ID: IDs have no order, so each record would change a page of it.
  const byId = store.statements.prepare(
    'SELECT row, record FROM audit WHERE id = ? ORDER BY row DESC LIMIT 1',
  );
  const newest = store.statements.prepare('SELECT max(row) AS row FROM audit');
  return {
    record(row) {
      const found = recordOf(byRow.get(row));
      if (found === null) throw new Error(`there is no audit record ${row}`);
      return found;
    },
    find: (wanted) => recordOf(typeof wanted === 'number' ? byRow.get(wanted) : byId.get(wanted)),
    newestRow: () => Math.max(0, Number(newest.get()?.['row'] ?? 0)),
    verify: () => verifyAudit(store, kmaId),
    verification: () => auditVerification(store, kmaId),
  };
}

function recordOf(found: Record<string, unknown> | undefined): AuditRecord | null {
  if (found === undefined) return null;
  return { row: Number(found['row']), ...(JSON.parse(String(found['record'])) as AuditEntry) };
}
