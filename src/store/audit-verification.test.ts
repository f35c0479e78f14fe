/** Verification in steps, between which the store goes on: what is written and cut meanwhile is no deviation, and what is wrong behind the first step is found. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { headText } from '../core/audit.ts';
import { MESSAGE_CHARACTERS_MAX } from '../core/audit-bounds.ts';
import { created, type Fact, set } from '../core/facts.ts';
import { madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import type { AuditChainReport } from '../operations/audit-record.ts';
import { logPublicKey, signText } from '../security/log-signing.ts';
import { newLogSeed } from '../setup/foundation.ts';
import { auditVerification, isIntact, verifyAudit } from './audit-verification.ts';
import { STEP_CHARACTERS, STEP_RECORDS } from './audit-walk.ts';
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

const OTHER_LIFE = 'BBBBBBBBBBBBBBBB' as IncarnationId;
const by = (life: IncarnationId, store: Store, ...facts: Fact[]) => {
  const stamp = stampOf(hlc(1_000 + store.logLength(INCARNATION) + store.logLength(OTHER_LIFE), 0), life);
  store.transaction(() => store.appendEntry(life, { v: 1, stamp, operation: 'Test', facts }));
};
const hash = 'A'.repeat(64);

test('where the own chain was cut no other member says, and what it says in its place is no deviation', (t) => {
  const store = filled(t);
  by(OTHER_LIFE, store, madeLife(OTHER_LIFE, 'OTHER' as KmaId));
  for (const cutFact of [{ seq: 700, hash }, { seq: 7 }, { hash }, { seq: 5_000, hash }]) {
    by(OTHER_LIFE, store, set('audit_cut', CHAIN, cutFact));
    assert.equal(inSteps(store, () => undefined).verdict, 'intact', JSON.stringify(cutFact));
  }
  cut(store, 10);
  by(OTHER_LIFE, store, set('audit_cut', CHAIN, { seq: 3, hash }));
  assert.equal(inSteps(store, () => undefined).verdict, 'intact');
  store.database.exec('DELETE FROM audit WHERE seq <= 12');
  assert.equal(inSteps(store, () => undefined).verdict, 'records 1 to 12 are missing');
});

test('facts of chains that nobody has are no chains', (t) => {
  const store = filled(t);
  by(OTHER_LIFE, store, madeLife(OTHER_LIFE, 'OTHER' as KmaId));
  const head = { seq: 1, hash, signature: 'B'.repeat(128), signedAt: 1 };
  for (let n = 0; n < 1_200; n++) {
    const unknown = n.toString(16).toUpperCase().padStart(16, '0');
    by(OTHER_LIFE, store, set('audit_cut', `${unknown}:short`, { seq: 1, hash }));
    by(OTHER_LIFE, store, set('audit_head', `${unknown}:short`, head));
    by(OTHER_LIFE, store, set('audit_head', `${OTHER_LIFE}:${n}`, head));
  }
  by(OTHER_LIFE, store, set('audit_head', `${OTHER_LIFE}:long`, head));
  assert.deepEqual(
    verifyAudit(store, 'KMA').map(({ incarnationId, term }) => `${incarnationId}:${term}`),
    [CHAIN, `${OTHER_LIFE}:long`],
  );
});

test('of long records fewer are looked at in one step', (t) => {
  const { store } = temporaryStore(t);
  const message = 'x'.repeat(MESSAGE_CHARACTERS_MAX);
  assert.equal(STEP_CHARACTERS / MESSAGE_CHARACTERS_MAX, 16);
  store.transaction(() => {
    for (let n = 1; n <= 40; n++) store.appendAudit(INCARNATION, auditEntryOf(n, { message }));
  });
  const told: number[] = [];
  const report = inSteps(store, (done) => told.push(done));
  assert.deepEqual(told, [16, 32, 40]);
  assert.deepEqual([report.verdict, report.records], ['intact', 40]);
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

const lifeOf = (logPublicKey: string, reason: 'quickstart' | 'copy', base: object) => ({
  ...{ kmaId: 'KMA' as KmaId, logPublicKey, replicationPublicKey: '', createdAt: 1, reason },
  ...{ clusterEpochId: '', baseVectorJson: JSON.stringify(base) },
});

test('where others have another end of an own life that is what is said, and what was altered in it all the same', (t) => {
  const { store } = temporaryStore(t);
  const seed = newLogSeed();
  by(INCARNATION, store, created('incarnation', INCARNATION, lifeOf(logPublicKey(seed), 'quickstart', {})));
  append(store, 1, RECORDS);
  const verdict = () => inSteps(store, () => undefined).verdict;
  const theirs = (seq: number) => {
    const name = { incarnationId: INCARNATION, term: 'short' } as const;
    const signature = signText(seed, headText({ ...name, seq, hash }));
    by(INCARNATION, store, set('audit_head', CHAIN, { seq, hash, signature, signedAt: 1 }));
  };
  theirs(700);
  assert.equal(verdict(), 'record 700 is not the one whose hash was signed');
  // The life that follows began with less of the log than there is, since others had another end of it.
  by(OTHER_LIFE, store, created('incarnation', OTHER_LIFE, lifeOf('', 'copy', { [INCARNATION]: 1 })));
  const said = (seq: number) =>
    `intact; this life went on twice, and others have another end, signed at record ${seq}`;
  assert.equal(verdict(), said(700));
  assert.ok(verifyAudit(store, 'KMA').every(isIntact));
  theirs(RECORDS + 40);
  assert.equal(verdict(), said(RECORDS + 40));
  by(INCARNATION, store, set('audit_head', CHAIN, { signature: 'B'.repeat(128) }));
  assert.match(verdict(), /^the signature of the head at \d+ is not valid$/);
  theirs(700);
  store.database.exec(`UPDATE audit SET message = 'altered' WHERE seq = 20`);
  assert.equal(verdict(), 'record 20 was altered');
  assert.ok(!verifyAudit(store, 'KMA').every(isIntact));
});
