/** Members that are left alone are told of once each time, shown while it lasts, and bounded whatever the replicator says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftAlone } from './left-alone.ts';

function world() {
  const time = { elapsedMs: 1_000, nowMs: 50_000 };
  const alone = new LeftAlone({ elapsedMs: () => time.elapsedMs, nowMs: () => time.nowMs });
  const pass = (ms: number) => {
    time.elapsedMs += ms;
    time.nowMs += ms;
  };
  return { alone, pass };
}

test('one is shown with the reason until its time is over, and each time is told of', () => {
  const { alone, pass } = world();
  assert.equal(alone.told({ kmaId: 'A', reason: 'garbage', seconds: 30 }), true);
  assert.deepEqual([...alone.report()], [['A', { reason: 'garbage', untilMs: 80_000 }]]);
  pass(29_999);
  assert.deepEqual([...alone.report()], [['A', { reason: 'garbage', untilMs: 80_000 }]]);
  pass(1);
  assert.equal(alone.report().size, 0);
  assert.equal(alone.told({ kmaId: 'A', reason: 'again', seconds: 60 }), true);
  assert.equal(alone.report().get('A')?.reason, 'again');
});

test('a replicator that tells a thousand times has one record written', () => {
  const { alone, pass } = world();
  const told = Array.from({ length: 1_000 }, (_, n) => {
    pass(20);
    return alone.told({ kmaId: 'A', reason: `fault ${n}`, seconds: 1 });
  });
  assert.equal(told.filter(Boolean).length, 1);
  const others = Array.from({ length: 1_000 }, (_, n) =>
    alone.told({ kmaId: `B${n}`, reason: '', seconds: 30 }),
  );
  assert.equal(others.filter(Boolean).length, 255);
});
