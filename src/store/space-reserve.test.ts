/** Holds the reserve to being whole or not there, private, and made only where space is left beside it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

test('two who want it make it once, and none of it is given up meanwhile', async (t) => {
  const { path, reserve } = reserveIn(t);
  const first = reserve.keep();
  const second = reserve.keep();
  const both = Promise.all([first, second]);
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < RESERVE_BYTES / 4) await nextTurn();
  assert.equal(reserve.release(), false);
  assert.deepEqual(await both, [true, true]);
  assert.equal(statSync(path).size, RESERVE_BYTES);
  assert.equal(reserve.release(), true);
});

test('one whose last piece was not written whole is none', (t) => {
  const { path } = reserveIn(t);
  const program = `import { SpaceReserve } from '${new URL('./space-reserve.ts', import.meta.url)}';
    console.log(await new SpaceReserve(process.argv[1]).keep());`;
  // Files end 512 bytes short of the reserve.
  const limited = ['-c', `ulimit -f ${RESERVE_BYTES / 512 - 1}; exec "$@"`, 'sh'];
  const node = [process.execPath, '--input-type=module-typescript', '-e', program, path];
  const { stdout, stderr } = spawnSync('/bin/sh', [...limited, ...node], { encoding: 'utf8' });
  assert.equal(stdout, 'false\n', stderr);
  assert.equal(existsSync(path), false);
});

test('work that needs room gets a piece more each time; other failures get none', async (t) => {
  const { path, reserve } = reserveIn(t);
  await reserve.keep();
  let needed = 3;
  const full = () => Object.assign(new Error('full'), { code: 'ENOSPC' });
  const work = () => {
    if (needed-- > 0) throw full();
    return 'done';
  };
  assert.equal(reserve.roomFor(work), 'done');
  const { size } = statSync(path);
  assert.equal(size, (RESERVE_BYTES / 64) * 61);
  assert.throws(() =>
    reserve.roomFor(() => {
      throw new Error('broken');
    }),
  );
  assert.equal(statSync(path).size, size);
  const never = () => {
    throw full();
  };
  assert.throws(() => reserve.roomFor(never), { code: 'ENOSPC' });
  assert.equal(statSync(path).size, 0);
});
