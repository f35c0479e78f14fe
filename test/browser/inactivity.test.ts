/** When a page warns of the end of a session, and when it tells the KMA that somebody is there: pure arithmetic, for every term that can be set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { standingOf } from '../../manager/src/shell/inactivity.ts';
import { SECURITY_PARAMETERS } from '../../src/core/settings.ts';

const MINUTE_MS = 60_000;
const idle = (inactivityMinutes: number) => ({ usedAtMs: 0, toldAtMs: 0, inactivityMinutes });

test('in the last minute of a long term, and in the last 20 seconds of the shortest', () => {
  assert.equal(standingOf(idle(15), 14 * MINUTE_MS).isWarned, false);
  assert.deepEqual(standingOf(idle(15), 14 * MINUTE_MS + 1), {
    leftMs: MINUTE_MS - 1,
    isWarned: true,
    mustTell: false,
  });
  assert.equal(standingOf(idle(1), 40_000).isWarned, false);
  assert.equal(standingOf(idle(1), 40_001).isWarned, true);
});

test('a term of 0 never ends, and uses are told all the same', () => {
  const use = { ...idle(0), usedAtMs: 1 };
  assert.deepEqual(standingOf(use, 365 * 24 * 60 * MINUTE_MS), {
    leftMs: null,
    isWarned: false,
    mustTell: true,
  });
});

test('who works all the time is never warned, and the KMA is told seldom', () => {
  const { minimum, maximum } = SECURITY_PARAMETERS.sessionInactivityMinutes;
  const minutes = fc.integer({ min: Math.max(1, minimum), max: maximum });
  // Between a sign of somebody and the next.
  const pauses = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 500 });
  fc.assert(
    fc.property(minutes, pauses, (inactivityMinutes, each) => {
      let [nowMs, toldAtMs, told] = [0, 0, 0];
      for (const pause of each) {
        nowMs += pause;
        const standing = standingOf({ usedAtMs: nowMs, toldAtMs, inactivityMinutes }, nowMs);
        assert.equal(standing.isWarned, false);
        if (!standing.mustTell) continue;
        toldAtMs = nowMs;
        told += 1;
      }
      assert.ok(told <= nowMs / 5_000, `${told} times in ${nowMs} ms`);
    }),
  );
});

test('the last sign of somebody is told before the warning comes, or at once in it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 * MINUTE_MS }),
      (minutes, at) => {
        const termMs = minutes * MINUTE_MS;
        const use = { usedAtMs: at, toldAtMs: 0, inactivityMinutes: minutes };
        const looks = Array.from({ length: 120 }, (_, second) => at + second * 1_000);
        const told = looks.find((nowMs) => standingOf(use, nowMs).mustTell);
        assert.ok(told !== undefined && told - at <= Math.min(30_000, termMs / 12) + 1_000);
      },
    ),
  );
});
