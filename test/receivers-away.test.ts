/** The short form of "npm run receivers": nothing is lost and nothing out of order while receivers are away, and the counting itself notices both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tally } from './receivers/tally.ts';
import { programFed } from './support/kma-command.ts';

const PROGRAM = fileURLToPath(new URL('receivers-away.ts', import.meta.url));

test('what is lost, out of order or there twice is counted', () => {
  const sent = ['a', 'b', 'b', 'c', 'd'];
  const count = (...got: readonly string[]) => {
    const { lost, outOfOrder, again } = tally(sent, got);
    return [lost, outOfOrder, again];
  };
  assert.deepEqual(count('before', 'a', 'b', 'b', 'c', 'd'), [0, 0, 0]);
  assert.deepEqual(count('a', 'b', 'c', 'd'), [1, 0, 0]);
  assert.deepEqual(count('a', 'b', 'b', 'd', 'c'), [0, 1, 0]);
  assert.deepEqual(count('a', 'b', 'b', 'b', 'c', 'd'), [0, 0, 1]);
});

test('four receivers of four kinds miss nothing of what was written while they were away', async () => {
  const { status, stdout, stderr } = await programFed('', {}, PROGRAM, '--minutes', '0.1', '--any-ports');
  assert.equal(status, 0, stdout + stderr);
  const counted = [...stdout.matchAll(/│ ([\w, ]+?) +│ (\d+) +│ (\d+) +│ 0 +│ 0 +│ \d+ +│/g)];
  assert.equal(counted.length, 4, stdout);
  for (const [, name, sent, received] of counted) {
    assert.equal(sent, received, name);
    assert.ok(Number(sent) > 3, stdout);
  }
});
