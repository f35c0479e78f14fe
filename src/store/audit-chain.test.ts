/** Audit chains: appended, cut from the front by count and age in bounded steps, and independent of one another. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { MESSAGE_CHARACTERS_MAX } from '../core/audit-bounds.ts';
import { recordText } from './audit-chain.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import { openStore, type Store } from './store.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const NO_LIMIT = { records: MAX, oldestMs: 0, nowMs: MAX };

/** Record n was made at 1000 + n. */
function storeWith(t: TestContext, records: number): { store: Store; path: string } {
  const made = temporaryStore(t);
  made.store.transaction(() => {
    for (let n = 1; n <= records; n++) made.store.appendAudit(INCARNATION, auditEntryOf(n));
  });
  return made;
}

test('each hash covers the one before, the first one the name of the chain', (t) => {
  const { store } = storeWith(t, 0);
  const append = (n: number) => store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(n)));
  const sha256 = (...parts: (string | Buffer)[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const first = sha256(sha256(`${INCARNATION}:short`), recordText(auditEntryOf(1)));
  const second = sha256(first, recordText(auditEntryOf(2)));
  assert.deepEqual(append(1), { seq: 1, hash: first.toString('hex').toUpperCase() });
  assert.deepEqual(append(2), { seq: 2, hash: second.toString('hex').toUpperCase() });
});

test('one record has one text, whatever the order of its fields', () => {
  const entry = auditEntryOf(1);
  const turned = Object.fromEntries(Object.entries(entry).reverse()) as typeof entry;
  assert.equal(recordText(turned), recordText(entry));
});

test('a chain goes on after the store was closed', (t) => {
  const { store, path } = storeWith(t, 3);
  const head = store.audit.head(INCARNATION, 'short');
  store.close();
  const again = openStore({ path, mode: 'write' });
  t.after(() => again.close());
  assert.deepEqual(again.audit.head(INCARNATION, 'short'), head);
  assert.equal(again.transaction(() => again.appendAudit(INCARNATION, auditEntryOf(4))).seq, 4);
});

test('terms and incarnations are chains of their own', (t) => {
  const { store } = storeWith(t, 2);
  const other = 'BBBBBBBBBBBBBBBB';
  store.transaction(() => {
    assert.equal(store.appendAudit(INCARNATION, auditEntryOf(3, { term: 'long' })).seq, 1);
    assert.equal(store.appendAudit(other, auditEntryOf(4)).seq, 1);
  });
  assert.deepEqual(store.audit.chains(), [
    { incarnationId: INCARNATION, term: 'long', firstSeq: 1, lastSeq: 1 },
    { incarnationId: INCARNATION, term: 'short', firstSeq: 1, lastSeq: 2 },
    { incarnationId: other, term: 'short', firstSeq: 1, lastSeq: 1 },
  ]);
});

test('a cut removes the front and gives the hash of its last record', (t) => {
  const { store } = storeWith(t, 5);
  const third = store.database.prepare('SELECT hash FROM audit WHERE seq = 3').get()?.['hash'];
  const cut = store.transaction(() => store.cutAudit(INCARNATION, 'short', 3));
  assert.deepEqual(cut, { hash: third, records: 3 });
  assert.deepEqual(
    store.audit.chains().map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]),
    [[4, 5]],
  );
  assert.equal(store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(6))).seq, 6);
});

test('the last record, a record not there and another chain cannot be cut', (t) => {
  const { store } = storeWith(t, 2);
  const cut = (seq: number, term: 'short' | 'long' = 'short') =>
    store.transaction(() => store.cutAudit(INCARNATION, term, seq));
  for (const refused of [() => cut(2), () => cut(3), () => cut(0), () => cut(1, 'long')])
    assert.throws(refused, /cannot be cut/);
  assert.throws(() => store.cutAudit(INCARNATION, 'short', 1), /inside a transaction/);
  cut(1);
  assert.throws(() => cut(1), /cannot be cut/);
});

test('records over the number are due to be cut, a batch at a time, and never the last', (t) => {
  const { store } = storeWith(t, 10);
  const due = (records: number, batch: number) =>
    store.audit.dueCut(INCARNATION, 'short', { ...NO_LIMIT, records }, batch);
  assert.equal(due(10, 100), undefined);
  assert.equal(due(9, 100), 1);
  assert.equal(due(4, 100), 6);
  assert.equal(due(4, 5), 5);
  assert.equal(due(0, 100), 9);
  store.transaction(() => store.cutAudit(INCARNATION, 'short', 5));
  assert.equal(due(4, 5), 6);
  assert.equal(store.audit.dueCut(INCARNATION, 'long', { ...NO_LIMIT, records: 0 }, 5), undefined);
});

test('records of before the date are due up to the first younger one', (t) => {
  const { store } = storeWith(t, 10);
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(11, { createdAt: 1 })));
  const due = (oldestMs: number, records = 100) =>
    store.audit.dueCut(INCARNATION, 'short', { ...NO_LIMIT, oldestMs, records }, 100);
  assert.equal(due(1001), undefined);
  assert.equal(due(1002), 1);
  assert.equal(due(1006), 5);
  assert.equal(due(1006, 2), 9);
  assert.equal(due(9999), 10);
});

test('a record dated later than now is as old as the first one behind it that is not, and keeps none before it from going', (t) => {
  const { store } = temporaryStore(t);
  const LATER = 1_000_000;
  const dates = [10, LATER, 20, LATER, LATER, LATER, 30, 90, LATER, LATER];
  store.transaction(() => {
    for (const [n, createdAt] of dates.entries())
      store.appendAudit(INCARNATION, auditEntryOf(n + 1, { createdAt }));
  });
  const due = (oldestMs: number, batch = 100, nowMs = 100) =>
    store.audit.dueCut(INCARNATION, 'short', { records: 100, oldestMs, nowMs }, batch);
  assert.equal(due(10), undefined);
  assert.equal(due(15), 1, 'the second may be as young as the third');
  assert.equal(due(25), 3);
  assert.equal(due(31), 7);
  assert.equal(due(31, 5), 5, 'what decides lies behind the batch');
  assert.equal(due(25, 5), 3);
  assert.equal(due(91), 8, 'of what is dated later at the end nobody knows');
  assert.equal(due(LATER, 100, LATER), 1, 'and when that time has come it counts as dated');
  assert.equal(due(LATER + 1, 100, LATER + 1), 9, 'the last one stays');
});

test('texts that are too long lose their end before they are hashed, so that no other KMA refuses them', (t) => {
  const { store } = temporaryStore(t);
  const message = 'x'.repeat(100_000);
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1, { message })));
  const [record] = store.audit.records(INCARNATION, 'short', 0, 1);
  const said = JSON.parse(record?.record ?? '') as { message: string };
  assert.equal(said.message, message.slice(0, MESSAGE_CHARACTERS_MAX));
});
