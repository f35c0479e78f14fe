/** Copies for KMAs that join: a few for each in ten minutes, one at a time, none beside a backup or without space, and none that nobody knows of. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRefusal } from '../../core/refusal.ts';
import { DataDirectory } from '../../store/data-directory.ts';
import { makeSnapshot } from '../../store/snapshot.ts';
import { temporaryDirectory } from '../../store/store.fixture.ts';
import { openStore } from '../../store/store.ts';
import type { BaseResult } from '../reader/messages.ts';
import { BaseJob } from './base-job.ts';

const [ONE, OTHER] = ['A'.repeat(32), 'B'.repeat(32)];

function jobOf(t: TestContext) {
  const directory = DataDirectory.create(join(temporaryDirectory(t), 'data'));
  openStore({ path: directory.databasePath, mode: 'create' }).close();
  const world = { backupRuns: false, nowMs: 0, removed: 0, slowly: Promise.resolve() };
  const job = new BaseJob({
    directory,
    reader: {
      async base(staging): Promise<BaseResult> {
        const path = join(staging, 'base.db');
        const { bytes, stateHash, vector } = makeSnapshot(directory.databasePath, path);
        const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex').toUpperCase();
        await world.slowly;
        return { path, bytes, sha256, stateHash, vector };
      },
    },
    removed: () => {
      world.removed += 1;
    },
    backupRuns: () => world.backupRuns,
    elapsedMs: () => world.nowMs,
  });
  t.after(() => job.discardAll());
  const made = async (kmaId: string) => {
    const answer = await job.make(kmaId);
    return isRefusal(answer) ? (answer.detail ?? '') : answer.path;
  };
  return { directory, world, job, made };
}

test('a copy is there until it is discarded, or until another one is made', async (t) => {
  const { job, made, world } = jobOf(t);
  const first = await made(ONE);
  assert.ok(existsSync(first));
  const second = await made(OTHER);
  assert.deepEqual([existsSync(first), existsSync(second), world.removed], [false, true, 1]);
  await job.discard(second);
  assert.deepEqual([existsSync(second), world.removed], [false, 2]);
});

test('a member gets some copies in ten minutes, and others are not hindered', async (t) => {
  const { made, world } = jobOf(t);
  for (let copy = 1; copy <= 3; copy += 1) assert.ok(existsSync(await made(ONE)));
  assert.match(await made(ONE), /3 copies in 10 minutes/);
  assert.ok(existsSync(await made(OTHER)));
  world.nowMs = 10 * 60_000;
  assert.ok(existsSync(await made(ONE)));
});

test('no copy is made while a backup is, and what was refused counts for nothing', async (t) => {
  const { made, world } = jobOf(t);
  world.backupRuns = true;
  for (let asked = 1; asked <= 4; asked += 1) assert.equal(await made(ONE), 'a backup is being made');
  world.backupRuns = false;
  assert.ok(existsSync(await made(ONE)));
});

test('a question that is refused takes the copy of nobody else away', async (t) => {
  const { made, world, directory } = jobOf(t);
  const copy = await made(ONE);
  world.backupRuns = true;
  assert.equal(await made(OTHER), 'a backup is being made');
  world.backupRuns = false;
  const { bavail, bsize } = statfsSync(directory.path);
  truncateSync(directory.databasePath, bavail * bsize);
  assert.match(await made(OTHER), /MB are needed/);
  assert.ok(existsSync(copy));
});

test('no copy is made where it would leave less space than the store has already', async (t) => {
  const { made, directory } = jobOf(t);
  const { bavail, bsize } = statfsSync(directory.path);
  truncateSync(directory.databasePath, bavail * bsize);
  assert.match(await made(ONE), /^\d+ MB are free, and \d+ MB are needed for a copy$/);
  assert.deepEqual(directory.listStaging(), []);
});

test('a copy that was asked for by somebody who has gone meanwhile is removed at once', async (t) => {
  const { job, directory, world } = jobOf(t);
  assert.ok(isRefusal(await job.make(ONE, () => true)));
  assert.deepEqual([directory.listStaging(), world.removed], [[], 1]);
});

test('one copy is made at a time', async (t) => {
  const { job, made, world } = jobOf(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.slowly = promise;
  const first = job.make(ONE);
  assert.equal(await made(OTHER), 'another copy is being made');
  resolve();
  assert.ok(!isRefusal(await first));
});
