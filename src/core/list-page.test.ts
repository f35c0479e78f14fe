/** Cells stand in one order everywhere: that of SQLite. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareCells, pageFrom, pageWithin } from './list-page.ts';

test('texts stand in the order of their code points, as SQLite orders them', () => {
  const database = new DatabaseSync(':memory:');
  const less = database.prepare('SELECT ? < ? AS less');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      fc.pre(!/[\0]/.test(a + b));
      assert.equal(compareCells(a, b) < 0, less.get(a, b)?.['less'] === 1);
    }),
  );
  assert.ok(compareCells('\uffee', '\u{1f511}') < 0);
  database.close();
});

test('numbers stand by size', () => {
  assert.deepEqual(
    [10, 9, -1].sort((a, b) => compareCells(a, b)),
    [-1, 9, 10],
  );
});

test('a page ends where another row follows, and is the last where none does', () => {
  const rows = [1, 2, 3].map((n) => ({ row: n, place: { id: n, cell: n } }));
  const places = rows.map(({ place }) => place);
  assert.deepEqual(pageFrom(rows, 2), { rows: [1, 2], places: places.slice(0, 2), last: places[1] });
  assert.deepEqual(pageFrom(rows, 3), { rows: [1, 2, 3], places, last: null });
  assert.deepEqual(pageFrom([], 3), { rows: [], places: [], last: null });
});

test('a page of long rows ends earlier and is gone on with there, and has one row at least', () => {
  const texts = ['a'.repeat(8), 'b'.repeat(8), 'c'.repeat(50), 'd'];
  const rows = texts.map((row, id) => ({ row, place: { id, cell: row } }));
  const whole = pageFrom(rows, 4);
  assert.equal(pageWithin(whole, 1_000), whole);
  // Two quotation marks each.
  assert.deepEqual(pageWithin(whole, 20), pageFrom(rows, 2));
  assert.deepEqual(pageWithin(whole, 19), pageFrom(rows, 1));
  assert.deepEqual(pageWithin(pageFrom(rows.slice(2), 2), 10), pageFrom(rows.slice(2), 1));
  assert.deepEqual(pageWithin(pageFrom([], 4), 10), pageFrom([], 4));
});
