/** Holds the pages to the code: a generated page that was not written anew, and a test that a page names and nobody has, fail here. */
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

for (const [path, least] of [
  ['docs/known-weaknesses.md', 18],
  ['THREATS.md', 38],
] as const)
  test(`each test that ${path} names exists`, () => {
    const page = readFileSync(join(root, path), 'utf8');
    const named = [
      ...page.matchAll(/`((?:test|src|protocol|agent)\/[^`]*\.test\.ts)`: ([^|]+?)(?: \||<br>)/g),
    ];
    assert.ok(named.length >= least, `${named.length} tests`);
    for (const [, file = '', name = ''] of named) {
      const source = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'");
      assert.ok(source.includes(name), `${file}: ${name}`);
    }
  });
