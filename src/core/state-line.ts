/** The canonical text of one replicated row, of which state hashes are made (invariant 6). It hashes nothing. */
import { columnNames, type TableName } from './tables.ts';

/** The columns of a table in the order of the text. */
export function lineColumns(table: TableName): readonly string[] {
  return [...columnNames(table)].sort();
}

/**
 * One line of JSON: table name, then names and values of all cells that are not NULL, columns by name. NULLs are left out so
 * that a column added by a later version leaves the hash of rows without it as it was: a backup can be compared after an upgrade.
 */
export function stateLine(table: TableName, columns: readonly string[], cells: readonly unknown[]): string {
  const line: unknown[] = [table];
  for (let i = 0; i < columns.length; i++) if (cells[i] !== null) line.push(columns[i], cells[i]);
  return `${JSON.stringify(line)}\n`;
}
