/** The column of a filter: by its name, or as its heading in a table reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { isRefusal } from '../../core/refusal.ts';
import { columnsOf } from './column.ts';
import { parseFilter } from './filter-text.ts';

const columns = columnsOf(
  z.strictObject({
    createdAt: z.string(),
    publicKeySha256: z.string(),
    fileBytes: z.number(),
    usedHours: z.number(),
    used: z.boolean(),
  }),
);

function columnOf(text: string): string {
  const filter = parseFilter(text, columns);
  return isRefusal(filter) ? filter.refused : filter.column;
}

test('a column is named as in JSON, or as its heading reads', () => {
  for (const [text, name] of [
    ['createdAt>=2026-11-25', 'createdAt'],
    ['CREATED >= 2026-11-25', 'createdAt'],
    ['created empty', 'createdAt'],
    ['Public key SHA256=AB', 'publicKeySha256'],
    ['PUBLIC KEY SHA256 notempty', 'publicKeySha256'],
    ['file size>10', 'fileBytes'],
    ['filebytes>10', 'fileBytes'],
  ] as const)
    assert.equal(columnOf(text), name, text);
});

test('a heading of two columns is refused, unless it is the name of one', () => {
  assert.equal(columnOf('used=true'), 'used');
  assert.equal(columnOf('USED=true'), 'FILTER_INVALID');
});

test('what is no column is refused, whatever it is called', () => {
  for (const text of [
    'made=1',
    'at=1',
    'constructor=1',
    '__proto__=1',
    'public  key SHA256=1',
    ' =1',
    'empty',
  ])
    assert.equal(columnOf(text), 'FILTER_INVALID', text);
});
