/** Tab-separated text keeps one row a line and one cell a column, whatever stands in a name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asTsv } from './tsv.ts';

test('a heading, then every column of every row', () => {
  const rows = [
    { user: 'olga', roles: ['AUDITOR', 'OPERATOR'], enabled: true },
    { user: 'boris', failed: 3, last: null },
  ];
  assert.equal(
    asTsv(rows),
    'user\troles\tenabled\tfailed\tlast\nolga\tAUDITOR,OPERATOR\ttrue\t\t\nboris\t\t\t3\t\n',
  );
  assert.equal(asTsv([]), '');
});

test('what would end a cell or steer a terminal is written as an escape', () => {
  assert.equal(asTsv([{ a: 'x\ty\nz\\\u001b[31m\u202e' }]), 'a\nx\\ty\\nz\\\\\\u{1b}[31m\\u{202e}\n');
  assert.equal(asTsv([{ 'a\tb\u009b': 1 }]), 'a\\tb\\u{9b}\n1\n');
});

test('no cell makes another cell or row', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string() })), (rows) => {
      const lines = asTsv(rows).split('\n');
      assert.equal(lines.length, rows.length === 0 ? 1 : rows.length + 2);
      for (const line of lines.slice(0, -1)) assert.equal(line.split('\t').length, 2);
    }),
  );
});
