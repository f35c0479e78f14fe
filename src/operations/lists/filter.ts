/** A filter of a list as it is carried out: a test of one column's values. It reads no text. */
import { compareCells } from '../../core/list-page.ts';
import type { Cell } from '../../core/table.ts';
import { type Column, cellsOf } from './column.ts';

type Value = string | number;

/** Every bound that is given holds. Nothing (an empty value) is within no bounds. */
export interface Bounds {
  readonly atLeast?: Value;
  readonly above?: Value;
  readonly atMost?: Value;
  readonly below?: Value;
}
/** The last two are not asked for in text: histories look for IDs within messages, and for what agents do. */
export type Test =
  | { readonly is: 'within'; readonly bounds: Bounds }
  | { readonly is: 'empty' }
  | { readonly is: 'containing'; readonly text: string }
  | { readonly is: 'one of'; readonly texts: readonly string[] };

export interface Filter {
  readonly column: string;
  readonly test: Test;
  /** Fits where the test does not. */
  readonly not: boolean;
}

export function fits({ test, not }: Filter, column: Column, shown: unknown): boolean {
  return cellsOf(column, shown).some((cell) => passes(test, cell)) !== not;
}

function passes(test: Test, cell: Cell): boolean {
  if (cell === null || test.is === 'empty') return cell === null && test.is === 'empty';
  if (test.is === 'containing') return String(cell).includes(test.text);
  if (test.is === 'one of') return test.texts.includes(String(cell));
  const { atLeast, above, atMost, below } = test.bounds;
  return (
    (atLeast === undefined || compareCells(cell, atLeast) >= 0) &&
    (above === undefined || compareCells(cell, above) > 0) &&
    (atMost === undefined || compareCells(cell, atMost) <= 0) &&
    (below === undefined || compareCells(cell, below) < 0)
  );
}
