/** Holds the generated reference pages to the code: a page that was not written anew fails here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { documents, root } from '../scripts/docs.ts';
import { ERRORS } from '../src/errors.ts';

for (const [path, text] of documents())
  test(`${path} is what the code gives; "npm run docs" writes it`, () => {
    assert.equal(readFileSync(join(root, path), 'utf8'), text);
  });

test('every error has its row, and no two errors share a number', () => {
  const errors = documents().get('docs/errors.md') ?? '';
  const rows = errors.split('\n').filter((line) => /^\| \d/.test(line));
  assert.equal(rows.length, Object.keys(ERRORS).length);
  const numbers = Object.values(ERRORS).map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
});
