/** The space kept aside for the records of retrievals: made again when there is room, and no reason to think that there is room for changes. */
import assert from 'node:assert/strict';
import { rmSync, statSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { RESERVE_BYTES, SpaceReserve } from '../src/store/space-reserve.ts';
import { withCore } from './support/core-alone.ts';
import { TestKma } from './support/kma.ts';
import { SmallDisk } from './support/small-disk.ts';

test('it is made again by the minutely housekeeping, missing or given up in part', async (t) => {
  const kma = await TestKma.start({ bare: true });
  t.after(() => kma[Symbol.asyncDispose]());
  await kma.stop();
  await withCore(kma.data, async ({ directory, maintenance }) => {
    rmSync(directory.reservePath, { force: true });
    await maintenance.minutely();
    assert.equal(statSync(directory.reservePath).size, RESERVE_BYTES);
    truncateSync(directory.reservePath, 1000);
    await maintenance.minutely();
    assert.equal(statSync(directory.reservePath).size, RESERVE_BYTES);
  });
});

test('whole on a full disk it is not enough to take changes again, and no housekeeping draws on it', async (t) => {
  const disk = SmallDisk.mount(128);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const kma = await disk.during(() => TestKma.start({ bare: true }));
  t.after(() => kma[Symbol.asyncDispose]());
  await kma.stop();
  await withCore(kma.data, async ({ core, directory }) => {
    const { store } = core.parts;
    const reserve = new SpaceReserve(directory.reservePath);
    assert.equal(await reserve.keep(), true);
    disk.fill();
    assert.equal(await reserve.keep(), false);
    // Beyond what the write-ahead log has room for.
    const value = 'x'.repeat(8 * 1024 * 1024);
    assert.throws(() => store.transaction(() => store.setLocal('large', value)), {
      code: 'STORE_UNWRITABLE',
    });
    assert.equal(statSync(directory.reservePath).size, RESERVE_BYTES);
    disk.free();
    assert.equal(await reserve.keep(), true);
  });
});
