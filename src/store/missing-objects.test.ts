/** What a missing sealed object has to be, where several rows name it: whoever names the object of another one spoils nothing. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Fact, type LogEntry, set } from '../core/facts.ts';
import { admittedLife, madeKey, madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, ObjectId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { appendForeign } from './foreign-entries.ts';
import { INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const OTHER = 'BBBBBBBBBBBBBBBB' as IncarnationId;
const NOW_MS = 10_000;

/** A store that has admitted the other life. */
function knowing(t: TestContext): Store {
  const { store } = temporaryStore(t);
  const stamp = stampOf(hlc(1, 0), INCARNATION);
  const entry: LogEntry = { v: 1, stamp, operation: 'Test', facts: [admittedLife(OTHER)] };
  store.transaction(() => store.appendEntry(INCARNATION, entry));
  return store;
}
/** The n-th entry of its log, which begins with that life. */
function take(store: Store, n: number, ...facts: Fact[]): void {
  const stamp = stampOf(hlc(1000 + n, 0), OTHER);
  const all = n === 1 ? [madeLife(OTHER), ...facts] : facts;
  const bytes = Buffer.from(JSON.stringify({ v: 1, stamp, operation: 'Test', facts: all }));
  store.transaction(() => assert.equal(appendForeign(store, OTHER, n - 1, [bytes], NOW_MS).stalled, null));
}

test('who names the object of a key in another row changes neither what it has to be nor how far its log is held', (t) => {
  const named = set('user', 'U', { verifierObjectId: 'object-K1' as ObjectId, verifierSha256: 'BB' });
  for (const [first, second] of [
    [madeKey('K1', 1, OTHER), named],
    [named, madeKey('K1', 2, OTHER)],
  ] as const) {
    const store = knowing(t);
    take(store, 1, first);
    take(store, 2, second);
    const demanded = store.missing.demanded(store.state, 'object-K1');
    assert.deepEqual([demanded?.table, demanded?.sha256], ['key', 'AA']);
    assert.equal(store.heldVector(INCARNATION)[OTHER], (demanded?.made?.seq ?? 0) - 1);
    store.transaction(() => store.missing.findAll(store.state, NOW_MS));
    assert.equal(store.missing.demanded(store.state, 'object-K1')?.table, 'key');
  }
});

test('of what is no key, the row that names an object first says what it has to be, as long as it names it', (t) => {
  const store = knowing(t);
  const named = (user: string, id: string, sha256: string) =>
    set('user', user, { verifierObjectId: id as ObjectId, verifierSha256: sha256 });
  const hash = () => store.missing.demanded(store.state, 'OBJECT')?.sha256;
  take(store, 1, named('U', 'OBJECT', 'AA'));
  take(store, 2, named('V', 'OBJECT', 'BB'));
  assert.equal(hash(), 'AA');
  take(store, 3, named('U', 'NEXT', 'CC'), named('W', 'OBJECT', 'DD'));
  assert.equal(hash(), 'DD', 'it passed to another row');
});
