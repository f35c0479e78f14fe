/** A large file goes piece by piece, a small and a missing one at once; real files. */
import assert from 'node:assert/strict';
import { existsSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeLargeFile } from './large-file.ts';
import { temporaryDirectory } from './store.fixture.ts';

test('a large file gets shorter by pieces before it goes', { timeout: 20_000 }, async (t) => {
  const path = join(temporaryDirectory(t), 'copy.db');
  writeFileSync(path, Buffer.alloc(1000, 1));
  const sizes = new Set<number>();
  const watching = watch(path, () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) sizes.add(found.size);
  });
  t.after(() => watching.close());
  await removeLargeFile(path, 300);
  assert.equal(existsSync(path), false);
  assert.ok(sizes.size > 0, 'it was seen while it went');
  for (const size of sizes) assert.ok([700, 400, 100].includes(size), String(size));
});

test('a file of one piece goes, and one that is not there is no trouble', async (t) => {
  const path = join(temporaryDirectory(t), 'copy.db');
  writeFileSync(path, 'x');
  await removeLargeFile(path);
  assert.equal(existsSync(path), false);
  await removeLargeFile(path);
});
