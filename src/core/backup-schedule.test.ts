/** The schedule of database backups: when one is due, and when it is late. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupSchedule, isBackupDue, isBackupOverdue, lastBackupAtMs } from './backup-schedule.ts';
import { removed } from './facts.ts';
import { backupDestroyed, FoldingWorld, madeBackup } from './folding.fixture.ts';
import { settingFact } from './settings.ts';

const HOUR_MS = 3_600_000;

test('nothing is due where nothing is scheduled', () => {
  const schedule = { everyHours: 0, dueAtMs: null };
  assert.equal(isBackupDue(schedule, Number.MAX_SAFE_INTEGER), false);
  assert.equal(isBackupOverdue(schedule, Number.MAX_SAFE_INTEGER), false);
});

test('a backup is due at its time, and late an hour after', () => {
  const schedule = { everyHours: 24, dueAtMs: 10 * HOUR_MS };
  assert.deepEqual(
    [-1, 0, HOUR_MS - 1, HOUR_MS].map((ms) => {
      const now = 10 * HOUR_MS + ms;
      return [isBackupDue(schedule, now), isBackupOverdue(schedule, now)];
    }),
    [
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ],
  );
});

const daily = settingFact('backupEveryHours', 24);

test('without any backup that was fetched one is due at once', () => {
  const world = new FoldingWorld();
  assert.deepEqual(backupSchedule(world.state), { everyHours: 0, dueAtMs: null });
  world.fold(daily, ...madeBackup('A', {}).slice(0, 2));
  assert.equal(lastBackupAtMs(world.state), null);
  assert.deepEqual(backupSchedule(world.state), { everyHours: 24, dueAtMs: 0 });
});

test('the next one is due so long after the newest that was fetched and is not destroyed', () => {
  const world = new FoldingWorld();
  world.fold(daily, ...madeBackup('A', {}, HOUR_MS), ...madeBackup('B', {}, 5 * HOUR_MS));
  assert.equal(backupSchedule(world.state).dueAtMs, 29 * HOUR_MS);
  world.fold(backupDestroyed('B'));
  assert.equal(lastBackupAtMs(world.state), HOUR_MS);
  world.fold(removed('backup', 'A'));
  assert.equal(lastBackupAtMs(world.state), null);
});
