/** Verification in steps, between which the store goes on: what is written and cut meanwhile is no deviation, and what is wrong behind the first step is found. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { set } from '../core/facts.ts';
import { madeLife } from '../core/folding.fixture.ts';
import type { KmaId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import type { AuditChainReport } from '../operations/audit-record.ts';
import { auditVerification, verifyAudit } from './audit-verification.ts';
import { STEP_RECORDS } from './audit-walk.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const CHAIN = `${INCARNATION}:short`;
/** Two whole steps and some more. */
const RECORDS = 2 * STEP_RECORDS + 10;

function append(store: Store, from: number, count: number): void {
  store.transaction(() => {
    for (let n = from; n < from + count; n++) store.appendAudit(INCARNATION, auditEntryOf(n));
  });
}
function filled(t: TestContext): Store {
  const { store } = temporaryStore(t);
  const entry = { v: 1, stamp: stampOf(hlc(1, 0), INCARNATION), operation: 'Test' } as const;
  store.transaction(() =>
    store.appendEntry(INCARNATION, { ...entry, facts: [madeLife(INCARNATION, 'KMA' as KmaId)] }),
  );
  append(store, 1, RECORDS);
  return store;
}
function cut(store: Store, seq: number): void {
  const hash = store.audit.hashAt(INCARNATION, 'short', seq) ?? '';
  const stamp = stampOf(hlc(1 + store.logLength(INCARNATION), 0), INCARNATION);
  const facts = [set('audit_cut', CHAIN, { seq, hash, cutAt: 1, recordsCut: seq })];
  store.transaction(() => {
    store.cutAudit(INCARNATION, 'short', seq);
    store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts });
  });
}

/** `between` is told how many records were looked at so far. */
function inSteps(store: Store, between: (done: number) => void): AuditChainReport {
  const steps = auditVerification(store, 'KMA');
  for (;;) {
    const step = store.read(() => steps.next());
    if (step.done !== true) {
      assert.equal(store.inTransaction, false);
      between(step.value.done);
      continue;
    }
    const [report] = step.value;
    assert.ok(report !== undefined && step.value.length === 1);
    return report;
  }
}

test('a long chain is looked at a few records at a time, and it is told how far that is', (t) => {
  const store = filled(t);
  const told: number[] = [];
  const report = inSteps(store, (done) => told.push(done));
  assert.deepEqual(told, [STEP_RECORDS, 2 * STEP_RECORDS, RECORDS]);
  assert.deepEqual([report.verdict, report.firstSeq, report.records], ['intact', 1, RECORDS]);
  assert.deepEqual([report], verifyAudit(store, 'KMA'));
});

test('what is written meanwhile belongs to it', (t) => {
  const store = filled(t);
  let last = RECORDS;
  const report = inSteps(store, (done) => {
    if (done === RECORDS) return;
    append(store, last + 1, 20);
    last += 20;
  });
  assert.deepEqual([report.verdict, report.lastSeq, report.records], ['intact', last, last]);
});

test('what is cut meanwhile is not missed, whether it was looked at or not', (t) => {
  const store = filled(t);
  const seen = inSteps(store, (done) => {
    if (done === STEP_RECORDS) cut(store, STEP_RECORDS - 5);
  });
  assert.deepEqual([seen.verdict, seen.lastSeq, seen.records], ['intact', RECORDS, RECORDS]);
  const to = 2 * STEP_RECORDS + 3;
  const unseen = inSteps(store, (done) => {
    if (done === STEP_RECORDS) cut(store, to);
  });
  assert.deepEqual(
    [unseen.verdict, unseen.firstSeq, unseen.lastSeq, unseen.records],
    ['intact', to + 1, RECORDS, RECORDS - to],
  );
});

test('what goes meanwhile without a cut is missed', (t) => {
  const store = filled(t);
  const report = inSteps(store, (done) => {
    if (done === STEP_RECORDS)
      store.database.prepare('DELETE FROM audit WHERE seq <= ?').run(STEP_RECORDS + 2);
  });
  assert.equal(report.verdict, `records ${STEP_RECORDS + 1} to ${STEP_RECORDS + 2} are missing`);
});

test('what was altered behind the first step is named', (t) => {
  const store = filled(t);
  const seq = STEP_RECORDS + 7;
  store.database.prepare(`UPDATE audit SET message = 'x' WHERE seq = ?`).run(seq);
  const report = inSteps(store, () => undefined);
  assert.deepEqual([report.verdict, report.lastSeq], [`record ${seq} was altered`, seq - 1]);
});
