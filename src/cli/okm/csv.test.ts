/** CSV files as spreadsheets write them, and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv } from './csv.ts';

const columns = ['a', 'b', 'c'];
const cells = (text: string) => readCsv(text, columns).map((row) => row.cells);

test('cells by the names of their columns, in any order, with or without a last line end', () => {
  for (const text of ['b,a\n1,2\n3,4\n', '\uFEFFb,a\r\n1,2\r\n3,4'])
    assert.deepEqual(cells(text), [
      { b: '1', a: '2' },
      { b: '3', a: '4' },
    ]);
});

test('quoted cells keep commas, line ends, quotes and blanks', () => {
  assert.deepEqual(cells('a,b\n"x, ""y""\nz"," 1 "\n'), [{ a: 'x, "y"\nz', b: ' 1 ' }]);
});

test('empty cells are there, also the last one; empty lines are not', () => {
  assert.deepEqual(cells('a,b\n,\n\n1,'), [
    { a: '', b: '' },
    { a: '1', b: '' },
  ]);
});

test('unknown or doubled columns, a missing cell and an open quote are refused with their place', () => {
  assert.throws(() => readCsv('a,x\n', columns), /line 1: the columns are a, b, c/);
  assert.throws(() => readCsv('a,a\n', columns), /each once/);
  assert.throws(() => readCsv('a,b\n1,2\n3\n', columns), /record 3 has 1 cells, not 2/);
  assert.throws(() => readCsv('a,b\n"1,2\n', columns), /record 2: a quote that is not closed/);
});
