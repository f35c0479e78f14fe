/** The audit of the KMA that made a backup is known by its newest life, whatever has become of its name. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { headText } from '../../core/audit.ts';
import { created, event, type Fact, set } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { logPublicKey, signText } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { verifyAudit } from '../../store/audit-verification.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { makerOf } from './maker.ts';

const MAKER = 'A'.repeat(32) as KmaId;
const NAMESAKE = 'B'.repeat(32) as KmaId;
const seed = new SecretBytes(Buffer.alloc(32, 7));

/** Ten records of the maker, the last two of which are missing although it has signed them; the name is another KMA's by now. */
function storeOfRemoved(t: TestContext) {
  const { store } = temporaryStore(t);
  const write = (...facts: readonly Fact[]) => {
    const stamp = stampOf(hlc(1 + store.logLength(INCARNATION), 0), INCARNATION);
    store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
  };
  write(
    created('kma', MAKER, { name: 'kma-1', createdAt: 1, number: 1 }),
    event('kma', MAKER, 'removed', { removedHow: 'retired' }),
    created('kma', NAMESAKE, { name: 'kma-1', createdAt: 2, number: 2 }),
    created('incarnation', INCARNATION as IncarnationId, {
      kmaId: MAKER,
      logPublicKey: logPublicKey(seed),
      replicationPublicKey: '',
      createdAt: 1,
      reason: 'join',
      clusterEpochId: '',
      baseVectorJson: '{}',
    }),
  );
  store.transaction(() => {
    for (let n = 1; n <= 10; n++) store.appendAudit(INCARNATION, auditEntryOf(n));
  });
  const { seq = 0, hash = '' } = store.audit.head(INCARNATION, 'short') ?? {};
  const signature = signText(seed, headText({ incarnationId: INCARNATION, term: 'short', seq, hash }));
  write(set('audit_head', `${INCARNATION}:short`, { seq, hash, signature, signedAt: 1 }));
  store.database.exec('DELETE FROM audit WHERE seq > 8');
  store.audit.forget();
  return store;
}

test('the end of its own audit is missed, also where it is no member any more and another one has its name', (t) => {
  const store = storeOfRemoved(t);
  assert.equal(makerOf(store, 'kma-1'), MAKER);
  const [own] = verifyAudit(store, makerOf(store, 'kma-1'));
  assert.equal(own?.verdict, 'records 9 to 10 are missing');
});

test('where the store has no record of its own the name counts', (t) => {
  const store = storeOfRemoved(t);
  store.transaction(() => store.auditCopies.adopt());
  assert.equal(makerOf(store, 'kma-1'), NAMESAKE);
  assert.equal(makerOf(store, 'kma-7'), null);
});
