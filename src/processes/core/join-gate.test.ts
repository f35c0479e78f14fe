/** A KMA that has joined is closed for agents until it has what each member had when it was first heard of, through restarts, and never for ever. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CATCHES_UP } from '../../core/catching-up.ts';
import { created, type Fact, removed } from '../../core/facts.ts';
import type { IncarnationId, KmaId, ObjectId } from '../../core/ids.ts';
import { isOnlyOneThatLived } from '../../core/members.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { entryOf, INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import { JoinGate } from './join-gate.ts';

const OTHER = 'BBBBBBBBBBBBBBBB';
const LOST = 'DDDDDDDDDDDDDDDD';
const MINUTE_MS = 60_000;

const entered = (id: string): Fact => created('kma', id, { name: id.toLowerCase(), createdAt: 0, number: 1 });
const member = (id: string, incarnationId: string): readonly Fact[] => [
  entered(id),
  created('incarnation', incarnationId, {
    kmaId: id as KmaId,
    logPublicKey: '',
    createdAt: 0,
    reason: 'join',
    clusterEpochId: '',
    baseVectorJson: '{}',
    replicationPublicKey: '',
  }),
];
/** By the log of the lost member, which nobody waits for. */
function write(store: Store, facts: readonly Fact[]): void {
  const stamp = stampOf(hlc(500 + store.logLength(LOST), 0), LOST as IncarnationId);
  store.transaction(() =>
    store.appendEntry(LOST as IncarnationId, { v: 1, stamp, operation: 'JoinCluster', facts }),
  );
}

function joined(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { store } = temporaryStore(t);
  store.transaction(() => store.setLocal(CATCHES_UP, '1'));
  write(store, [entered('THIS'), ...member('OTHER', OTHER)]);
  let nowMs = 0;
  const opened: string[] = [];
  const start = () => {
    const gate = new JoinGate({
      store,
      elapsedMs: () => nowMs,
      isAlone: () => isOnlyOneThatLived(store.state, 'THIS'),
      opened: (why) => opened.push(why),
    });
    t.after(() => gate.stop());
    return gate;
  };
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const fold = (n: number) => store.transaction(() => store.appendEntry(INCARNATION, entryOf(n)));
  const told = (
    gate: JoinGate,
    applied: Record<string, number> | null,
    incarnationId = OTHER,
    holds = applied,
  ) => gate.told({ incarnationId, connected: true, applied, holds });
  return { store, start, pass, fold, told, opened };
}

test('it opens when it has what the first that it hears from had, and not before it could hear the others', (t) => {
  const { start, pass, fold, told, opened } = joined(t);
  const gate = start();
  pass(60_000);
  assert.ok(gate.closed, 'nobody was heard');
  told(gate, null);
  told(gate, { [INCARNATION]: 2 });
  // What it has written since is followed, not waited for.
  told(gate, { [INCARNATION]: 900 });
  fold(1);
  fold(2);
  pass(2_000);
  assert.ok(gate.closed);
  told(gate, { [INCARNATION]: 3 }, 'CCCCCCCCCCCCCCCC');
  pass(2_000);
  assert.ok(gate.closed, 'another one had more');
  fold(3);
  pass(200);
  assert.ok(!gate.closed);
  assert.equal(opened.length, 1);
  assert.ok(!start().closed, 'it is open for good');
});

test('a restart goes on waiting, and what nobody has is not waited for for ever', (t) => {
  const { start, pass, told, opened } = joined(t);
  told(start(), { [INCARNATION]: 2 });
  pass(2_000);
  const gate = start();
  assert.ok(gate.closed);
  told(gate, { [INCARNATION]: 2 });
  pass(9 * 60_000);
  assert.ok(gate.closed);
  pass(61_000);
  pass(9 * 60_000);
  assert.ok(!gate.closed);
  assert.match(opened.at(-1) ?? '', /nobody that can be reached/);
});

test('a sealed object that nobody has is not waited for, however busy the cluster is', (t) => {
  const { store, start, pass, fold, told } = joined(t);
  const id = 'OF-THE-LOST' as ObjectId;
  const made = { incarnationId: INCARNATION, seq: 2 };
  const lost = { id, table: 'key', row: 'K', sha256: '', form: null, made } as const;
  const gate = start();
  for (const n of [1, 2, 3]) fold(n);
  store.transaction(() => store.missing.note(store.state, [lost], 0));
  told(gate, { [INCARNATION]: 4 }, OTHER, { [INCARNATION]: 1 });
  pass(4_000);
  assert.ok(gate.closed, 'the fourth entry is there, at the other');
  fold(4);
  pass(200);
  assert.ok(!gate.closed);
});

test('what is written meanwhile does not keep it waiting for entries that went with a lost member', (t) => {
  const { start, pass, fold, told } = joined(t);
  const gate = start();
  told(gate, { [INCARNATION]: 3, [LOST]: 20 });
  for (let minute = 1; minute <= 13; minute += 1) {
    assert.ok(gate.closed, `minute ${minute}`);
    fold(minute);
    pass(MINUTE_MS);
  }
  pass(200);
  assert.ok(!gate.closed);
});

test('a member that tells of what cannot be keeps it waiting for an hour at most', (t) => {
  const { start, pass, fold, told, opened } = joined(t);
  const gate = start();
  told(gate, { [INCARNATION]: 2 ** 52 });
  for (let minute = 1; minute <= 60; minute += 1) {
    fold(minute);
    pass(MINUTE_MS);
  }
  assert.ok(gate.closed);
  pass(MINUTE_MS);
  assert.ok(!gate.closed);
  assert.match(opened.at(-1) ?? '', /an hour/);
});

test('it waits for nobody once the others are deleted, whoever else was only entered', (t) => {
  const { store, start, pass, opened } = joined(t);
  write(store, member('THIRD', 'EEEEEEEEEEEEEEEE'));
  write(store, [entered('ENTERED')]);
  start();
  pass(MINUTE_MS);
  write(store, [removed('kma', 'OTHER')]);
  pass(MINUTE_MS);
  const restarted = start();
  pass(MINUTE_MS);
  assert.ok(restarted.closed, 'one is left');
  write(store, [removed('kma', 'THIRD')]);
  pass(200);
  assert.ok(!restarted.closed);
  assert.match(opened.at(-1) ?? '', /no other member/);
});

test('a KMA that has not joined is open', (t) => {
  const { store } = temporaryStore(t);
  const gate = new JoinGate({ store, elapsedMs: () => 0, isAlone: () => false, opened: assert.fail });
  assert.ok(!gate.closed);
});
