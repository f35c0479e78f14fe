/** What is known of other members: the last word of each life, who responds, and that it is bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemberStandings } from './member-standings.ts';

const B = 'B'.repeat(32);
const life = (n: number) => n.toString(16).toUpperCase().padStart(16, '0');
const [ONE, TWO] = [life(1), life(2)] as const;
const HEALTH = { locked: false, load: 3, keyPoolReadyPercent: 80, version: '1.2.3' };
const peer = (incarnationId: string, more: object = {}) => ({
  t: 'peer' as const,
  kmaId: B,
  incarnationId,
  connected: true,
  applied: { [life(1)]: 4 },
  holds: {},
  health: HEALTH,
  responseMs: 12,
  clockAheadMs: null,
  ...more,
});

function world() {
  const time = { elapsedMs: 1_000, nowMs: 50_000 };
  const standings = new MemberStandings({
    elapsedMs: () => time.elapsedMs,
    nowMs: () => time.nowMs,
    vector: () => ({ [life(1)]: 10, [life(2)]: 1 }),
  });
  const pass = (ms: number) => {
    time.elapsedMs += ms;
    time.nowMs += ms;
  };
  return { standings, pass, time };
}

test('the last word of a member counts, with the lag by what is folded here now', () => {
  const { standings } = world();
  standings.told(peer(life(9)));
  standings.told(peer(life(9), { health: { ...HEALTH, locked: true }, responseMs: 7 }));
  const [seen, ...others] = standings.report();
  assert.deepEqual(others, []);
  assert.deepEqual([seen?.kmaId, seen?.responding, seen?.responseMs], [B, true, 7]);
  assert.deepEqual([seen?.health?.locked, seen?.heardAtMs, seen?.lagEntries()], [true, 50_000, 7]);
});

test('who was there is awaited for some seconds, and all are after a start', () => {
  const { standings, pass } = world();
  const C = 'C'.repeat(32);
  const awaited = (...kmas: string[]) => standings.awaits(() => kmas);
  assert.deepEqual([awaited(), awaited(B), awaited(B, C)], [false, true, true]);
  standings.told(peer(life(9)));
  assert.deepEqual([awaited(B), awaited(B, C)], [false, true]);
  pass(10_000);
  assert.equal(
    standings.awaits(() => assert.fail('nobody can be awaited')),
    false,
  );
  standings.told(peer(life(9)));
  standings.told(peer(life(9), { connected: false }));
  assert.deepEqual([awaited(B), awaited(C)], [true, false]);
  pass(9_999);
  assert.equal(awaited(B), true);
  pass(1);
  assert.equal(awaited(B), false);
  standings.told(peer(life(10)));
  assert.equal(awaited(B), false, 'a later life responds');
});

test('who is silent does not respond, nor who is cut off, and when he was heard of stays', () => {
  const { standings, pass } = world();
  standings.told(peer(life(9)));
  pass(5_000);
  assert.equal(standings.someoneResponds, true);
  pass(1);
  assert.equal(standings.someoneResponds, false);
  standings.told(peer(life(9)));
  assert.equal(standings.someoneResponds, true);
  pass(2_000);
  standings.told(peer(life(9), { connected: false }));
  const [seen] = standings.report();
  assert.deepEqual([seen?.responding, seen?.heardAtMs], [false, 55_001]);
});

test('somebody lags who responds and lacks what is folded here, not who has more', () => {
  const { standings, pass } = world();
  assert.equal(standings.someoneLags, false);
  standings.told(peer(life(9), { applied: { [life(1)]: 12, [life(2)]: 1 } }));
  assert.equal(standings.someoneLags, false);
  standings.told(peer(life(9), { applied: { [life(1)]: 12 } }));
  assert.equal(standings.someoneLags, true);
  pass(5_001);
  assert.equal(standings.someoneLags, false);
});

test('whether a member answers where agents are is known of one that is heard of, while there is a replicator', () => {
  const { standings } = world();
  const service = () => standings.report().map((one) => one.service);
  standings.serviceTold(B, 'not-accessible');
  assert.deepEqual(service(), []);
  standings.told(peer(life(9)));
  assert.deepEqual(service(), ['not-accessible']);
  standings.serviceTold(B, 'responding');
  assert.deepEqual(service(), ['responding']);
  standings.replicatorGone();
  assert.deepEqual(service(), [null]);
});

test('everything is here once somebody has told how far he is and nobody is further', () => {
  const { standings } = world();
  assert.equal(standings.hasAll, false);
  standings.told(peer(life(9), { applied: null }));
  assert.equal(standings.hasAll, false);
  standings.told(peer(life(9), { applied: { [life(1)]: 10 } }));
  assert.equal(standings.hasAll, true);
  standings.told(peer(life(8), { applied: { [life(3)]: 1 } }));
  assert.equal(standings.hasAll, false);
});

test('a clock that is set changes nothing', () => {
  const { standings, time } = world();
  standings.told(peer(life(9)));
  time.nowMs += 86_400_000;
  assert.equal(standings.report()[0]?.responding, true);
});

test('with the replicator all connections are gone', () => {
  const { standings } = world();
  standings.told(peer(life(9)));
  standings.replicatorGone();
  assert.equal(standings.someoneResponds, false);
  standings.told(peer(life(9)));
  assert.equal(standings.someoneResponds, true);
});

test('a new life takes the place of one that is gone, and not of one that is there', () => {
  const { standings } = world();
  standings.told(peer(life(9)));
  standings.told(peer(life(10)));
  assert.equal(standings.report().length, 2);
  standings.told(peer(life(9), { connected: false }));
  standings.told(peer(life(10)));
  assert.equal(standings.report().length, 1);
});

test('a flood of lives does not fill the memory', () => {
  const { standings } = world();
  for (let n = 1; n <= 1_000; n += 1) standings.told(peer(life(n)));
  assert.equal(standings.report().length, 256);
});

test('all have told once each responds and has said how far it is', () => {
  const { standings, pass } = world();
  const C = 'C'.repeat(32);
  assert.deepEqual([standings.haveTold([]), standings.haveTold([B])], [true, false]);
  standings.told(peer(life(9), { applied: null }));
  assert.equal(standings.haveTold([B]), false);
  standings.told(peer(life(9)));
  assert.deepEqual([standings.haveTold([B]), standings.haveTold([B, C])], [true, false]);
  pass(5_001);
  assert.equal(standings.haveTold([B]), false);
});

test('a member has not an object where every life of it that is connected has just said so, and responds', () => {
  const { standings, pass } = world();
  const applied = { [ONE]: 10, [TWO]: 1 };
  const lacks = (...lives: string[]) => {
    for (const incarnationId of lives)
      standings.searched({ t: 'searched', incarnationId, lacks: ['O'], has: [], asked: applied });
  };
  const tell = (...lives: string[]) => {
    for (const one of lives) standings.told(peer(one, { applied }));
  };
  /** For as long as it takes until it counts. */
  const answer = (...lives: string[]) => {
    lacks(...lives);
    pass(5_000);
    tell(...lives);
    lacks(...lives);
  };
  const lacking = () => [...standings.lacking(B, 'O')];
  lacks(life(9));
  tell(life(9));
  pass(5_000);
  lacks(life(9));
  tell(life(9));
  assert.deepEqual(lacking(), [], 'nobody was connected who could have said it before');
  answer(life(9));
  assert.deepEqual(lacking(), [life(9)]);
  assert.deepEqual([...standings.lacking(B, 'P')], []);
  tell(life(10));
  assert.deepEqual(lacking(), [], 'a copy of its disk has not said so');
  answer(life(9), life(10));
  assert.deepEqual(lacking(), [life(9), life(10)]);
  standings.told(peer(life(10), { connected: false }));
  tell(life(10));
  assert.deepEqual(lacking(), [], 'it was said over a connection that has ended');
  answer(life(9), life(10));
  pass(5_001);
  assert.deepEqual(lacking(), [], 'nobody responds');
  tell(life(9), life(10));
  assert.deepEqual(lacking(), [life(9), life(10)]);
  standings.told(peer(life(10), { applied: { ...applied, [ONE]: 99 } }));
  assert.deepEqual(lacking(), [life(9), life(10)], 'what it has folded since is of no matter');
  standings.told(peer(life(10), { connected: false }));
  standings.told(peer(life(10), { applied: { ...applied, [ONE]: 99 } }));
  answer(life(9));
  lacks(life(10));
  pass(5_000);
  tell(life(9));
  standings.told(peer(life(10), { applied: { ...applied, [ONE]: 99 } }));
  lacks(life(9), life(10));
  assert.deepEqual(lacking(), [], 'what it had folded is not all known here: it may have replaced it');
  standings.told(peer(life(10), { connected: false }));
  tell(life(10));
  standings.membersChanged();
  assert.deepEqual(lacking(), [], 'who is a member has changed since');
  lacks(life(9), life(10));
  assert.deepEqual(lacking(), [], 'and something may have been on its way');
  answer(life(9), life(10));
  assert.deepEqual(lacking(), [life(9), life(10)]);
  standings.replicatorGone();
  tell(life(9), life(10));
  assert.deepEqual(lacking(), []);
});
