/** The alarms of the audit behind a row, page by page. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { auditTailOf, LOOKED_AT_MAX } from './audit-tail.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const MUCH = 1_000_000;

/** Every so many-th of them is an error. */
function storeWith(t: TestContext, count: number, every: number, message = ''): Store {
  const { store } = temporaryStore(t);
  store.transaction(() => {
    for (let n = 1; n <= count; n++)
      store.appendAudit(
        INCARNATION,
        auditEntryOf(n, n % every === 0 ? { severity: 'error', condition: 'Trouble', message } : {}),
      );
  });
  return store;
}

test('an empty audit has neither a newest nor an oldest record', (t) => {
  const tail = auditTailOf(storeWith(t, 0, 1));
  assert.deepEqual([tail.newestRow(), tail.oldestRow()], [0, 0]);
  assert.deepEqual(tail.after(0, 10, MUCH, 'alarms'), { records: [], throughRow: 0, looked: 0 });
});

test('alarms come in order, page by page, and nothing between them is told', (t) => {
  const tail = auditTailOf(storeWith(t, 100, 10));
  const first = tail.after(0, 4, MUCH, 'alarms');
  assert.deepEqual(
    first.records.map(({ row, condition }) => [row, condition]),
    [10, 20, 30, 40].map((row) => [row, 'Trouble']),
  );
  assert.deepEqual([first.throughRow, first.looked], [40, 40]);
  const second = tail.after(first.throughRow, 100, MUCH, 'alarms');
  assert.deepEqual(
    second.records.map(({ row }) => row),
    [50, 60, 70, 80, 90, 100],
  );
  assert.deepEqual(tail.after(95, 1, MUCH, 'alarms').records.length, 1);
  assert.deepEqual(tail.after(100, 10, MUCH, 'alarms'), { records: [], throughRow: 100, looked: 0 });
  assert.deepEqual(tail.after(0, 0, MUCH, 'alarms'), { records: [], throughRow: 0, looked: 0 });
});

test('long records make a page shorter, and one alone always fits', (t) => {
  const tail = auditTailOf(storeWith(t, 10, 1, 'x'.repeat(1_000)));
  assert.equal(tail.after(0, 10, 3_500, 'alarms').records.length, 2);
  const one = tail.after(0, 10, 10, 'alarms');
  assert.deepEqual([one.records.length, one.throughRow], [1, 1]);
});

test('where nothing alarms the page still goes on, a bounded number of records at a time', (t) => {
  const tail = auditTailOf(storeWith(t, LOOKED_AT_MAX + 10, LOOKED_AT_MAX + 5));
  const first = tail.after(0, 200, MUCH, 'alarms');
  assert.deepEqual(first, { records: [], throughRow: LOOKED_AT_MAX, looked: LOOKED_AT_MAX });
  const second = tail.after(first.throughRow, 200, MUCH, 'alarms');
  assert.deepEqual([second.records.length, second.throughRow], [1, LOOKED_AT_MAX + 10]);
});

test('what was cut away is known by the oldest that is left', (t) => {
  const store = storeWith(t, 10, 1);
  store.transaction(() => store.cutAudit(INCARNATION, 'short', 4));
  const tail = auditTailOf(store);
  assert.deepEqual([tail.oldestRow(), tail.newestRow()], [5, 10]);
  assert.equal(tail.after(0, 1, MUCH, 'alarms').records[0]?.row, 5);
});

test('all records come where all are asked for, and how many there are tells what was cut between them', (t) => {
  const store = storeWith(t, 10, 1);
  store.transaction(() => {
    for (let n = 11; n <= 20; n++)
      store.appendAudit(INCARNATION, auditEntryOf(n, { term: n % 2 === 0 ? 'short' : 'long' }));
    store.cutAudit(INCARNATION, 'short', 13);
  });
  const { records, throughRow, looked } = auditTailOf(store).after(10, 200, MUCH, 'all');
  assert.deepEqual(
    records.map(({ row }) => row),
    [11, 13, 15, 17, 18, 19, 20],
  );
  assert.deepEqual([throughRow, looked], [20, 7]);
});
