/** The line of progress as a program's standard error has it: what was done before this run counts for the part, and not for the time that is left. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRESS = new URL('progress.ts', import.meta.url).href;
const WORK = `
import { setTimeout } from 'node:timers/promises';
import { progressLine } from '${PROGRESS}';
const line = progressLine(process.argv[1] === 'shown');
line.update(9000, 10000, 'fetching the copy');
await setTimeout(1100);
line.update(9001, 10000, 'fetching the copy');
line.end();
`;
const run = (how: 'shown' | 'silent') =>
  spawnSync(process.execPath, ['--input-type=module', '--eval', WORK, how], { encoding: 'utf8' });

test('a resumed run takes as long for the rest as its own part of the work took', () => {
  const { stderr, status } = run('shown');
  assert.equal(status, 0, stderr);
  const [, seconds] = /^fetching the copy: 90 %, about (\d+) s left\n$/.exec(stderr) ?? [];
  // One took more than a second, and 999 are left; nine thousand in that second would leave one.
  assert.ok(Number(seconds) >= 999, stderr);
});

test('programs are told nothing', () => {
  const { stderr, status } = run('silent');
  assert.deepEqual([status, stderr], [0, '']);
});
