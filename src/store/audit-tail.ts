/** The audit records of this KMA behind a given one, all or those that people are told of at once, in the order they were written; always a bounded number, of a bounded number that is looked at. It writes nothing. Those of other KMAs, which tell of them themselves, have negative numbers (audit-chain.ts). */
import { isAlarmEvent, type JudgedRecord } from '../core/alarm-events.ts';
import type { AuditRecord } from '../operations/audit-record.ts';
import type { AuditEntry } from './audit-chain.ts';
import type { Store } from './store.ts';

export interface AuditTailPage {
  readonly records: AuditRecord[];
  /** How far was looked. */
  readonly throughRow: number;
  /** How many there are up to there, wanted or not. */
  readonly looked: number;
}

export interface AuditTailOfStore {
  newestRow(): number;
  oldestRow(): number;
  /** So many at most, and none more once they have so many characters; one always fits. */
  after(row: number, limit: number, charactersMax: number, events: 'all' | 'alarms'): AuditTailPage;
}

/** Where agents take thousands of keys a second the next page goes on: lists wait for this one. */
export const LOOKED_AT_MAX = 5_000;

export function auditTailOf(store: Store): AuditTailOfStore {
  const newest = store.statements.prepare('SELECT max(row) AS row FROM audit');
  const oldest = store.statements.prepare('SELECT min(row) AS row FROM audit WHERE row > 0');
  const behind = store.statements.prepare(
    'SELECT row, operation, class, severity, condition, record FROM audit WHERE row > ? ORDER BY row LIMIT ?',
  );
  return {
    newestRow: () => Math.max(0, Number(newest.get()?.['row'] ?? 0)),
    oldestRow: () => Number(oldest.get()?.['row'] ?? 0),
    after(row, limit, charactersMax, events) {
      const records: AuditRecord[] = [];
      let [throughRow, characters, looked] = [row, 0, 0];
      for (const found of behind.iterate(row, LOOKED_AT_MAX)) {
        if (records.length >= limit) break;
        if (events === 'all' || isAlarmEvent(judgedOf(found))) {
          const text = String(found['record']);
          characters += text.length;
          if (characters > charactersMax && records.length > 0) break;
          records.push({ row: Number(found['row']), ...(JSON.parse(text) as AuditEntry) });
        }
        throughRow = Number(found['row']);
        looked += 1;
      }
      return { records, throughRow, looked };
    },
  };
}

/** What stands in columns; the record itself is looked at only where it counts. */
function judgedOf(found: Record<string, unknown>): JudgedRecord {
  return {
    operation: String(found['operation']),
    class: String(found['class']),
    severity: String(found['severity']),
    condition: String(found['condition']),
  } as JudgedRecord;
}
