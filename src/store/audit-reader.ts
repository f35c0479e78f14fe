/** Lists audit records for people and for `view`; it reads a snapshot in the reader process and never writes. */
import type { AuditFilter, AuditReader, AuditRecord } from '../operations/audit-record.ts';
import type { AuditEntry } from './audit-chain.ts';
import { verifyAudit } from './audit-verification.ts';
import { BOUND_LIMIT } from './schema.ts';
import type { Store } from './store.ts';

export function createAuditReader(store: Store): AuditReader {
  return {
    list: (filter) => listAudit(store, filter),
    verify: () => verifyAudit(store),
  };
}

/** Newest first. */
function listAudit(store: Store, filter: AuditFilter): readonly AuditRecord[] {
  const conditions: string[] = [];
  const cells: (string | number)[] = [];
  const where = (condition: string, ...bound: readonly (string | number | undefined)[]) => {
    const given = bound.filter((cell) => cell !== undefined);
    if (given.length === 0) return;
    conditions.push(condition);
    cells.push(...given);
  };
  where('row < ?', filter.beforeId);
  where('term = ?', filter.term);
  where('operation = ?', filter.operation);
  where('severity = ?', filter.severity);
  where('entity = ?', filter.entity);
  where('created_at >= ?', filter.sinceMs);
  where('created_at <= ?', filter.untilMs);
  const classes = filter.classes ?? [];
  where(`json_extract(record, '$.class') IN (${classes.map(() => '?').join(', ')})`, ...classes);
  // The first test is made on the bytes as they lie there, and few records are left for the second.
  where(`instr(record, ?) > 0 AND json_extract(record, '$.id') = ?`, filter.id, filter.id);
  const { messageHas } = filter;
  where(`instr(record, ?) > 0 AND instr(json_extract(record, '$.message'), ?) > 0`, messageHas, messageHas);
  // Literally the condition of the partial index: SQLite uses the index only where it can see that.
  if (filter.severity !== undefined && filter.severity !== 'success')
    conditions.push(`severity <> 'success'`);
  const selection = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT row, record FROM audit ${selection} ORDER BY row DESC ${BOUND_LIMIT}`;
  return store.database
    .prepare(sql)
    .all(...cells, filter.limit)
    .map((found) => ({
      row: Number(found['row']),
      ...(JSON.parse(String(found['record'])) as AuditEntry),
    }));
}
