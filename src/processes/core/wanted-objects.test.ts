/** What is asked for where very many sealed objects are missing: those that nobody has keep no other one waiting for good. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ObjectId } from '../../core/ids.ts';
import type { NamedObject } from '../../core/named-objects.ts';
import { temporaryStore } from '../../store/store.fixture.ts';
import { MISSING_MAX } from '../replicator/messages.ts';
import { WantedObjects } from './wanted-objects.ts';

const LOST = 'AAAAAAAAAAAAAAAA';
const LIVING = 'BBBBBBBBBBBBBBBB';
const idOf = (n: number) => n.toString(16).padStart(32, '0').toUpperCase() as ObjectId;

function world(t: TestContext) {
  const { store } = temporaryStore(t);
  const { missing } = store;
  let nowMs = 0;
  const waited: ObjectId[] = [];
  const splits: ObjectId[] = [];
  const wanted = new WantedObjects({
    missing,
    keySplits: () => splits,
    urgent: () => waited,
    elapsedMs: () => nowMs,
  });
  const note = (objects: readonly NamedObject[], atMs = 0) =>
    store.transaction(() => missing.note(store.state, objects, atMs));
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { missing, wanted, note, pass, waited, splits };
}

function key(id: ObjectId, incarnationId: string, seq: number): NamedObject {
  return { id, table: 'key', row: id, sha256: '', form: null, made: { incarnationId, seq } };
}
const verifier = (id: ObjectId): NamedObject => ({
  ...key(id, '', 0),
  table: 'user',
  made: null,
});
/** IDs in no order, as they are drawn. */
const scattered = (n: number) => idOf((n * 7919) % 100_003);
const range = (length: number) => Array.from({ length }, (_, n) => n);

test('the first keys of every log are asked for, however many are missing of a lost one, and what is no key', (t) => {
  const { wanted, note } = world(t);
  note(range(3_000).map((n) => key(scattered(n), LOST, n)));
  const made = range(100).map((n) => key(scattered(3_000 + n), LIVING, n));
  note(made, 9);
  note([verifier(scattered(9_000))], 9);
  const all = wanted.all();
  assert.equal(all.length, MISSING_MAX);
  assert.equal(new Set(all).size, MISSING_MAX);
  assert.equal(all[0], scattered(9_000));
  for (const { id } of made) assert.ok(all.includes(id));
  assert.ok(all.includes(scattered(0)) && all.includes(scattered(1)), 'those of the lost one too');
});

test('all that is missing is asked for in the end, whatever nobody has', (t) => {
  const { wanted, note, pass } = world(t);
  note(range(2_000).map((n) => verifier(scattered(n))));
  note(range(2_000).map((n) => key(scattered(2_000 + n), LOST, n)));
  note([verifier(scattered(5_000))], 9);
  const asked = new Set(wanted.all());
  for (let second = 0; second < 8; second += 1) {
    pass(1_000);
    assert.ok(wanted.due);
    for (const id of wanted.all()) asked.add(id);
  }
  assert.equal(asked.size, 4_001);
});

test('those that are told stay for a second, so that somebody is asked for them', (t) => {
  const { wanted, note, pass } = world(t);
  note(range(2_500).map((n) => key(scattered(n), LOST, n)));
  const first = wanted.all();
  pass(999);
  assert.ok(!wanted.due);
  assert.deepEqual(wanted.all(), first);
  pass(1);
  assert.notDeepEqual(wanted.all(), first);
});

test('where one message holds all, it has all, and there is nothing to come back for', (t) => {
  const { missing, wanted, note, pass } = world(t);
  note(range(1_200).map((n) => key(scattered(n), LOST, n)));
  wanted.all();
  for (const n of range(200)) missing.forget(scattered(n));
  const left = range(1_000).map((n) => scattered(200 + n));
  assert.deepEqual(wanted.all().toSorted(), left.toSorted());
  pass(60_000);
  assert.ok(!wanted.due);
});

test('what somebody waits for comes first, and what no message can hold not at all', (t) => {
  const { wanted, note, waited } = world(t);
  note([verifier('not an ID' as ObjectId), verifier(idOf(1)), key(idOf(2), LOST, 1), key(idOf(3), LOST, 2)]);
  waited.push(idOf(3));
  assert.deepEqual(wanted.all(), [idOf(3), idOf(1), idOf(2)]);
});

test('the key split of today comes before all others while it is missing, and one that no row names any more is sought only', (t) => {
  const { missing, wanted, note, waited, splits } = world(t);
  note([verifier(idOf(1)), key(idOf(2), LOST, 1), verifier(idOf(9))]);
  waited.push(idOf(2));
  assert.deepEqual(wanted.sought, []);
  splits.push(idOf(9), idOf(8), idOf(9));
  assert.deepEqual(
    [wanted.sought, wanted.all()],
    [
      [idOf(9), idOf(8)],
      [idOf(9), idOf(2), idOf(1)],
    ],
  );
  missing.forget(idOf(9));
  assert.deepEqual(wanted.all(), [idOf(2), idOf(1)]);
  splits.splice(0, 3, 'not an ID' as ObjectId);
  assert.deepEqual(wanted.sought, []);
});
