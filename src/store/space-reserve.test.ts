/** Holds the reserve to being whole or not there, private, and made only where space is left beside it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RESERVE_BYTES, SpaceReserve } from './space-reserve.ts';

function reserveIn(t: { after(work: () => void): void }) {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-reserve-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'reserve');
  return { path, reserve: new SpaceReserve(path) };
}

test('it is made once, private, and given up piece by piece', async (t) => {
  const { path, reserve } = reserveIn(t);
  assert.equal(await reserve.keep(), true);
  const made = statSync(path);
  assert.deepEqual([made.size, made.mode & 0o777], [RESERVE_BYTES, 0o600]);
  assert.equal(await reserve.keep(), true);
  assert.equal(statSync(path).ino, made.ino, 'not again');
  let pieces = 0;
  while (reserve.release()) pieces += 1;
  assert.equal(pieces, 64);
  assert.equal(statSync(path).size, 0);
  assert.equal(await reserve.keep(), true, 'and made anew');
});

test('one that a crash left half made is made anew', async (t) => {
  const { path, reserve } = reserveIn(t);
  await reserve.keep();
  truncateSync(path, 1000);
  assert.equal(await reserve.keep(), true);
  assert.equal(statSync(path).size, RESERVE_BYTES);
});

test('what cannot be made leaves nothing and is no error', async () => {
  assert.equal(await new SpaceReserve('/proc/reserve').keep(), false);
});
