/** The long lists over a state in maps: every row is shown and looked at. What the store's SQL finds has to be the same. */
import type { RowId } from '../../core/list-page.ts';
import { isLive } from '../../core/live.ts';
import type { StateView } from '../../core/state.ts';
import { auditEvent, shownEvent } from '../audit-operations.ts';
import type { AuditRecord } from '../audit-record.ts';
import { dataUnitShown, shownDataUnit } from '../data-units.ts';
import { walk } from '../entities.ts';
import { keysListed, listedKey } from '../keys.ts';
import { columnsOf } from './column.ts';
import type { ListReader, StoredRows } from './list.ts';
import { pageOf } from './row-page.ts';

const ROWS_MAX = 100_000;
export const STORED_COLUMNS = {
  data_unit: columnsOf(shownDataUnit),
  key: columnsOf(listedKey),
  audit: columnsOf(auditEvent),
} as const;

/** All rows of a long list as they are shown, with what the store knows them by. */
export function storedRows(
  rows: StoredRows,
  state: StateView,
  nowMs: number,
  records: readonly AuditRecord[] = [],
): ReadonlyMap<RowId, object> {
  switch (rows) {
    case 'data_unit': {
      const units = walk(state, 'data_unit', '', ROWS_MAX, ROWS_MAX, isLive);
      return new Map(units.map((unit) => [unit.id, dataUnitShown(state, unit, nowMs)]));
    }
    case 'key': {
      const keys = walk(state, 'key', '', ROWS_MAX, ROWS_MAX, ({ createdStamp }) => createdStamp !== null);
      const listed = keysListed(state, nowMs);
      return new Map(keys.map((key) => [key.id, listed(key)]));
    }
    case 'audit':
      return new Map(records.map((record) => [record.row, shownEvent(record)]));
  }
}

export function mapLists(state: StateView, nowMs: number, records: readonly AuditRecord[] = []): ListReader {
  return {
    page(rows, question) {
      const ids = new Map([...storedRows(rows, state, nowMs, records)].map(([id, row]) => [row, id]));
      const idOf = (row: object) => ids.get(row) ?? '';
      const page = pageOf([...ids.keys()], idOf, STORED_COLUMNS[rows], question);
      return { ...page, rows: page.rows.map(idOf) };
    },
  };
}
