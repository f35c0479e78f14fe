/** An odd clock of another member is named once, and once more when it is right again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberStanding } from '../../operations/member-standing.ts';
import { OddClocks } from './odd-clocks.ts';

const MINUTE_MS = 60_000;

function world() {
  const told: string[] = [];
  const clocks = new Map<string, number | null>();
  const seen = { own: null as string | null, responding: true };
  const odd = new OddClocks({
    own: () => seen.own,
    members: () =>
      [...clocks].map(
        ([kmaId, clockAheadMs]): MemberStanding => ({
          kmaId,
          clockAheadMs,
          responding: seen.responding,
          responseMs: 1,
          health: null,
          heardAtMs: 0,
          service: null,
          lagEntries: () => 0,
        }),
      ),
    nameOf: (kmaId) => `kma-${kmaId}`,
    trouble: (condition, details) => told.push(`${condition}: ${details}`),
    over: (text) => told.push(text),
  });
  const look = (...given: [string, number | null][]) => {
    for (const [kmaId, aheadMs] of given) clocks.set(kmaId, aheadMs);
    odd.look();
    return told.splice(0);
  };
  return { look, seen };
}

test('whose clock is more than five minutes off is named, once, with the side', () => {
  const { look } = world();
  assert.deepEqual(look(['2', 5 * MINUTE_MS], ['3', null]), []);
  assert.deepEqual(look(['2', 12 * MINUTE_MS], ['3', 0]), [
    'Clock is odd: kma=kma-2 its clock is 12 min ahead of the one here',
  ]);
  assert.deepEqual(look(['2', 12 * MINUTE_MS]), []);
  assert.deepEqual(look(['2', 0], ['3', -6 * MINUTE_MS]), [
    'the clock of kma-2 is in order again',
    'Clock is odd: kma=kma-3 its clock is 6 min behind the one here',
  ]);
});

test('who is odd himself accuses nobody of many, and of two each names the other', () => {
  const alone = world();
  alone.seen.own = 'the clock is 12 min behind those of the other KMAs';
  assert.equal(alone.look(['2', 12 * MINUTE_MS]).length, 1);
  const many = world();
  many.seen.own = alone.seen.own;
  assert.deepEqual(many.look(['2', 12 * MINUTE_MS], ['3', 12 * MINUTE_MS]), []);
});

test('of one that does not respond nothing is said', () => {
  const { look, seen } = world();
  seen.responding = false;
  assert.deepEqual(look(['2', 60 * MINUTE_MS]), []);
});
