/** The schedule of database backups: when one is due, and when it is late. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBackupDue, isBackupOverdue } from './backup-schedule.ts';

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
