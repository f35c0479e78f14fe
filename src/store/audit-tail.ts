/** The audit records behind a given one, in the order they were written; always a bounded number. It writes nothing. */
import type { AuditRecord } from '../operations/audit-record.ts';
import type { AuditEntry } from './audit-chain.ts';
import type { Store } from './store.ts';

export interface AuditTailOfStore {
  newestRow(): number;
  oldestRow(): number;
  /** So many at most, and none more once they have so many characters; one always fits. */
  after(
    row: number,
    limit: number,
    charactersMax: number,
  ): { readonly records: AuditRecord[]; readonly throughRow: number };
}

export function auditTailOf(store: Store): AuditTailOfStore {
  const newest = store.statements.prepare('SELECT max(row) AS row FROM audit');
  const oldest = store.statements.prepare('SELECT min(row) AS row FROM audit');
  const behind = store.statements.prepare('SELECT row, record FROM audit WHERE row > ? ORDER BY row LIMIT ?');
  return {
    newestRow: () => Number(newest.get()?.['row'] ?? 0),
    oldestRow: () => Number(oldest.get()?.['row'] ?? 0),
    after(row, limit, charactersMax) {
      const records: AuditRecord[] = [];
      let characters = 0;
      for (const found of behind.iterate(row, limit)) {
        const text = String(found['record']);
        characters += text.length;
        if (characters > charactersMax && records.length > 0) break;
        records.push({ row: Number(found['row']), ...(JSON.parse(text) as AuditEntry) });
      }
      return { records, throughRow: records.at(-1)?.row ?? row };
    },
  };
}
