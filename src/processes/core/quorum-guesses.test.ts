/** Guessing other people's credentials from a session gets slower with every wrong one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { QuorumGuesses } from './quorum-guesses.ts';

const [OLGA, NINA] = ['O', 'N'] as unknown as [UserId, UserId];
const LIMIT = 3;
const NOW_MS = Date.UTC(2026, 0, 1);

test('after as many wrong ones as the limit a user waits, and nobody else does', () => {
  const guesses = new QuorumGuesses();
  for (let wrong = 0; wrong < LIMIT; wrong += 1)
    assert.ok(!isRefusal(guesses.begin(OLGA, LIMIT, NOW_MS)), `${wrong}`);
  const refused = guesses.begin(OLGA, LIMIT, NOW_MS);
  assert.ok(isRefusal(refused) && refused.refused === 'SERVER_BUSY');
  assert.ok(!isRefusal(guesses.begin(NINA, LIMIT, NOW_MS)));
  assert.ok(!isRefusal(guesses.begin(OLGA, LIMIT, NOW_MS + 60_000)));
});

test('right ones cost nothing, and do not free from wrong ones before', () => {
  const guesses = new QuorumGuesses();
  for (let right = 0; right < 10; right += 1) {
    const takeBack = guesses.begin(OLGA, LIMIT, NOW_MS);
    assert.ok(!isRefusal(takeBack));
    takeBack();
  }
  for (let wrong = 0; wrong < LIMIT; wrong += 1) guesses.begin(OLGA, LIMIT, NOW_MS);
  assert.ok(isRefusal(guesses.begin(OLGA, LIMIT, NOW_MS)));
});
