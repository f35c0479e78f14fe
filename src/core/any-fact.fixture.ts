/** Any facts whatever, for properties of the fold: about few rows, so that they meet. It makes no entry of them. */
import fc from 'fast-check';
import type { Fact } from './facts.ts';
import type { Cell } from './table.ts';
import { type TableName, tableOf } from './tables.ts';

/** Columns of JSON hold JSON, which the fold of foreign entries insists on. */
function textsFor(column: string): readonly string[] {
  if (column.endsWith('ectorJson')) return ['{}', '{"A":1}'];
  return column.endsWith('Json') ? ['null', '1', '["a"]'] : ['', 'a', 'b', 'Ä "\u{1F511}'];
}

const cells = (table: TableName, names: readonly string[]): fc.Arbitrary<Record<string, Cell>> =>
  fc.record(
    Object.fromEntries(
      names.map((name) => {
        const text = fc.constantFrom(...textsFor(name));
        const number = fc.integer({ min: 0, max: 3 });
        const value: fc.Arbitrary<Cell> = tableOf(table).columns[name]?.type === 'text' ? text : number;
        return [name, fc.option(value, { nil: null })];
      }),
    ),
  );

const columnsOf = (table: TableName, rule: string) =>
  Object.entries(tableOf(table).columns)
    .filter(([, column]) => column.rule === rule)
    .map(([name]) => name);

/** Any fact about one of three rows of a table. */
function factOf(table: TableName): fc.Arbitrary<Fact> {
  const id = fc.constantFrom('X', 'Y', 'Z');
  const events = fc.constantFrom(...tableOf(table).events).chain((name) =>
    fc.record({
      table: fc.constant(table),
      id,
      event: fc.constant(name),
      cells: cells(table, columnsOf(table, name)),
    }),
  );
  const settable = columnsOf(table, 'lww');
  if (settable.length === 0) return events;
  const sets = fc
    .subarray(settable, { minLength: 1 })
    .chain((names) => fc.record({ table: fc.constant(table), id, set: cells(table, names) }));
  return fc.oneof(events, sets);
}

/** About one of three rows of one of the tables. */
export function anyFact(tables: readonly TableName[]): fc.Arbitrary<Fact> {
  return fc.constantFrom(...tables).chain(factOf);
}
