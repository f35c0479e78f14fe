/** How SQLite goes about the lists that must stay fast however long they are: along an index or the key, sorting nothing. Real statements, asked for their plans. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, event, type Fact, set } from '../core/facts.ts';
import type { AgentId, DataUnitId, KeyGroupId, KeyId, KeyPolicyId, ObjectId } from '../core/ids.ts';
import { isRefusal } from '../core/refusal.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { listAuditEvents } from '../operations/audit-operations.ts';
import type { ViewContext } from '../operations/contexts.ts';
import { listDataUnits } from '../operations/data-units.ts';
import { listKeys } from '../operations/keys.ts';
import type { ListReader, StoredRows } from '../operations/lists/list.ts';
import { STORED_COLUMNS } from '../operations/lists/map-lists.fixture.ts';
import { type Asked, type Question, readQuestion } from '../operations/lists/question.ts';
import type { Operation } from '../operations/operation.ts';
import { sourceOf } from './list-columns.ts';
import { createListReader } from './list-query.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const NOW_MS = Date.UTC(2026, 0, 10);
const ROWS = 24;
const PAGE_ROWS = 3;
function filledStore(t: TestContext): Store {
  const { store } = temporaryStore(t);
  store.transaction(() => {
    for (let n = 1; n <= ROWS; n += 1) {
      const id = n.toString(16).padStart(32, '0').toUpperCase();
      const facts = [
        created('data_unit', id, { createdAt: NOW_MS + n, createdBy: null }),
        set('data_unit', id, { externalTag: `VOL${n}`, description: 'd', externalUniqueId: `E${n}` }),
        created('key', `K${id}`, { ...KEY, madeSeq: n, createdAt: NOW_MS + n }),
      ];
      store.appendEntry(INCARNATION, {
        v: 1,
        stamp: stampOf(hlc(1000 + n, 0), INCARNATION),
        operation: 'Test',
        facts,
      });
      store.appendAudit(INCARNATION, auditEntryOf(n, { createdAt: NOW_MS + n }));
    }
  });
  return store;
}
const KEY = {
  objectId: 'O' as ObjectId,
  objectSha256: '',
  incarnationId: INCARNATION,
};

/** The keys of the older half of the units, so that none of the newest has one. */
function handOut(store: Store): void {
  const policy = { name: 'years', createdAt: 1, encryptionPeriodSeconds: 1e9, cryptoperiodSeconds: 2e9 };
  const facts: Fact[] = [
    created('key_policy', 'P', policy),
    created('key_group', 'G', { name: 'group', createdAt: 1 }),
    set('key_group', 'G', { keyPolicyId: 'P' as KeyPolicyId }),
  ];
  for (let n = 1; n <= ROWS / 2; n += 1) {
    const unit = n.toString(16).padStart(32, '0').toUpperCase() as DataUnitId;
    const key = `K${unit}` as KeyId;
    facts.push(
      event('key', key, 'activated', {
        activatedAt: NOW_MS,
        processOnly: 0,
        activatedByAgentId: 'A' as AgentId,
        activatedKeyGroupId: 'G' as KeyGroupId,
      }),
      created('data_unit_key', `${unit}:${key}`, { dataUnitId: unit, keyId: key }),
      set('data_unit_key', `${unit}:${key}`, { present: 1 }),
    );
  }
  const stamp = stampOf(hlc(9_000, 0), INCARNATION);
  store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts });
}

/** What SQLite is asked for the first page and for the second, with the plan of each statement. */
function plansOf(
  store: Store,
  rows: StoredRows,
  asked: Pick<Asked, 'filter' | 'sort'>,
  walkedRows?: number,
): string[][] {
  const plans: string[][] = [];
  const { statements, database } = store;
  const prepare = statements.prepare.bind(statements);
  statements.prepare = (sql) => {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    plans.push(steps.map(({ detail }) => String(detail)));
    return prepare(sql);
  };
  try {
    const lists = createListReader(store, NOW_MS, walkedRows);
    let after: string | undefined;
    for (let page = 1; page <= 2; page += 1) {
      const subject = { list: rows, columns: STORED_COLUMNS[rows], order: { column: '', descending: false } };
      const read = readQuestion({ ...asked, after, limit: PAGE_ROWS }, { ...subject, scope: {} });
      if (isRefusal(read)) throw new Error(`${JSON.stringify(asked)}: ${read.detail}`);
      const { rows: found, last } = lists.page(rows, read.question);
      assert.equal(found.length, PAGE_ROWS, JSON.stringify(asked));
      assert.ok(last !== null);
      after = read.cursor(last);
    }
  } finally {
    statements.prepare = prepare;
  }
  return plans;
}

/** In one step, along this index or the key of the table. */
function assertAlong(plans: readonly string[][], index: string | undefined, told: string): void {
  const way =
    index === undefined
      ? /^(SCAN t|SEARCH t USING (INTEGER )?PRIMARY KEY \(.*\))$/
      : new RegExp(`^(SCAN|SEARCH) t USING (COVERING )?INDEX ${index}\\b`);
  assert.equal(plans.length, 2, `${told}: a statement for each page`);
  for (const steps of plans) {
    assert.equal(steps.length, 1, `${told}: ${steps.join('; ')}`);
    assert.match(steps[0] ?? '', way, told);
  }
}

/** What a list asks the store where its caller asks for nothing else. */
function defaultQuestion({ input, view }: Pick<Operation, 'input' | 'view'>): {
  rows: StoredRows;
  question: Question;
} {
  const asked: { rows: StoredRows; question: Question }[] = [];
  const lists: ListReader = {
    page(rows, question) {
      asked.push({ rows, question });
      return { rows: [], places: [], last: null };
    },
  };
  // Only the store is asked for a long list, and nothing is shown of no rows.
  view?.(input.parse({}), { lists } as ViewContext);
  const [only] = asked;
  if (only === undefined) throw new Error('the store was not asked');
  return only;
}

test('the default order of each long list is that of an index or of the table itself', (t) => {
  const store = filledStore(t);
  for (const operation of [listDataUnits, listKeys, listAuditEvents]) {
    const { rows, question } = defaultQuestion(operation);
    const { column, descending } = question.sort;
    const { index } = sourceOf(rows, store, NOW_MS).columns[column] ?? {};
    const sort = `${descending ? '-' : ''}${column}`;
    assertAlong(plansOf(store, rows, { filter: [], sort }), index, `${operation.name}: ${sort}`);
  }
});

test('every column with an index is read in its order, from either end and beyond a bound', (t) => {
  const store = filledStore(t);
  for (const rows of ['data_unit', 'key', 'audit'] as const) {
    const { columns, key } = sourceOf(rows, store, NOW_MS);
    const inOrder = Object.entries(columns).filter(
      ([, { sql, index }]) => sql === key || index !== undefined,
    );
    assert.ok(inOrder.length >= 2, rows);
    for (const [name, { index }] of inOrder)
      for (const sort of [name, `-${name}`]) {
        const told = `${rows} ${sort}`;
        assertAlong(plansOf(store, rows, { filter: [], sort }), index, told);
        const least = `${name}>${STORED_COLUMNS[rows][name]?.type === 'date' ? '2000-01-01' : '0'}`;
        assertAlong(plansOf(store, rows, { filter: [least], sort }), index, `${told}, ${least}`);
      }
  }
});

test('audit records of one value lie in their order, so that they are not sorted', (t) => {
  const store = filledStore(t);
  for (const [filter, index] of [
    ['operation=CreateKey', 'audit_by_operation'],
    ['entityId=agent-1', 'audit_by_entity'],
  ] as const)
    assertAlong(plansOf(store, 'audit', { filter: [filter], sort: '-row' }), index, filter);
});

test('units of a state or a number of keys that many have are found along the associations, each once', (t) => {
  const store = filledStore(t);
  store.transaction(() => handOut(store));
  for (const filter of ['state=READABLE_NORMAL', 'state=NO_KEY', 'keys>=1']) {
    const last = plansOf(store, 'data_unit', { filter: [filter], sort: '-createdAt' }, 1).at(-1) ?? [];
    assert.ok(
      last.some((step) => step.startsWith('SCAN a USING COVERING INDEX data_unit_key_by_unit')) ||
        last.some((step) => step.startsWith('SCAN data_unit_key USING COVERING INDEX data_unit_key_by_unit')),
      `${filter}: ${last.join('; ')}`,
    );
    assert.ok(!last.includes('USE TEMP B-TREE FOR DISTINCT'), `${filter}: no ID is kept`);
    assert.ok(!last.includes('USE TEMP B-TREE FOR GROUP BY'), `${filter}: nothing is sorted`);
  }
});

test('what has no index is told apart: it is sorted', (t) => {
  const store = filledStore(t);
  const plans = plansOf(store, 'audit', { filter: [], sort: 'message' });
  assert.ok(plans.every((steps) => steps.some((step) => step.startsWith('USE TEMP B-TREE'))));
  assert.throws(() => assertAlong(plans, undefined, 'message'));
});
