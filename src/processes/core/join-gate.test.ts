/** A KMA that has joined is closed for agents until it has what each member had when it was first heard of, through restarts, and not for ever. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CATCHES_UP } from '../../core/catching-up.ts';
import { entryOf, INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { JoinGate } from './join-gate.ts';

const OTHER = 'BBBBBBBBBBBBBBBB';

function joined(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { store } = temporaryStore(t);
  store.transaction(() => store.setLocal(CATCHES_UP, '1'));
  let nowMs = 0;
  const opened: string[] = [];
  const start = () => {
    const gate = new JoinGate({ store, elapsedMs: () => nowMs, opened: (why) => opened.push(why) });
    t.after(() => gate.stop());
    return gate;
  };
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const fold = (n: number) => store.transaction(() => store.appendEntry(INCARNATION, entryOf(n)));
  const told = (gate: JoinGate, applied: Record<string, number> | null, incarnationId = OTHER) =>
    gate.told({ incarnationId, connected: true, applied });
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

test('a KMA that has not joined is open', (t) => {
  const { store } = temporaryStore(t);
  const gate = new JoinGate({ store, elapsedMs: () => 0, opened: assert.fail });
  assert.ok(!gate.closed);
});
