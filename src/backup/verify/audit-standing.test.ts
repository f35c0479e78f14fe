/** A backup is unsound by the audit of the life that made it, and not by what another member has written. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, type Fact, set } from '../../core/facts.ts';
import { madeLife } from '../../core/folding.fixture.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { auditStanding } from './audit-standing.ts';

const OTHER_LIFE = 'BBBBBBBBBBBBBBBB' as IncarnationId;
const HASH = 'A'.repeat(64);
const forgedHead = { seq: 7, hash: HASH, signature: 'B'.repeat(128), signedAt: 1 };

/** Of kma-1, which has ten records and knows another member. */
function backedUp(t: TestContext) {
  const { store } = temporaryStore(t);
  const write = (life: IncarnationId, ...facts: readonly Fact[]) => {
    const stamp = stampOf(hlc(1 + store.logLength(INCARNATION) + store.logLength(OTHER_LIFE), 0), life);
    store.transaction(() => store.appendEntry(life, { v: 1, stamp, operation: 'Test', facts }));
  };
  write(
    INCARNATION,
    created('kma', 'KMA', { name: 'kma-1', createdAt: 1, number: 1 }),
    madeLife(INCARNATION, 'KMA' as KmaId),
  );
  write(
    OTHER_LIFE,
    created('kma', 'OTHER', { name: 'kma-2', createdAt: 2, number: 2 }),
    madeLife(OTHER_LIFE, 'OTHER' as KmaId),
  );
  store.transaction(() => {
    for (let n = 1; n <= 10; n++) store.appendAudit(INCARNATION, auditEntryOf(n));
  });
  return { store, write };
}

test('what another member says of its audit, or of that of others, is told and refuses no backup', (t) => {
  const { store, write } = backedUp(t);
  write(OTHER_LIFE, set('audit_head', `${OTHER_LIFE}:long`, forgedHead));
  write(OTHER_LIFE, set('audit_cut', `${INCARNATION}:short`, { seq: 5, hash: HASH }));
  assert.deepEqual(auditStanding(store, 'kma-1'), {
    auditRecords: 10,
    auditChainsNotIntact: 1,
    auditFindings: [`kma-2, life ${OTHER_LIFE}, long term: the signature of the head at 7 is not valid`],
  });
});

test('what is wrong with the audit of the life that made it refuses it', (t) => {
  const { store } = backedUp(t);
  store.database.exec('DELETE FROM audit WHERE seq = 4');
  const found = auditStanding(store, 'kma-1');
  assert.ok(isRefusal(found) && found.refused === 'BACKUP_UNSOUND');
  assert.equal(found.detail, 'audit of the short term: record 4 is missing');
});
