/** Reading the audit: filters and paging, and verification that names the first deviation of a chain somebody has touched. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { headText } from '../core/audit.ts';
import type { Fact } from '../core/facts.ts';
import { created, set } from '../core/facts.ts';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { chainHash, recordText } from './audit-chain.ts';
import { createAuditReader } from './audit-reader.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import { openStore, type Store } from './store.ts';

const CHAIN = `${INCARNATION}:short`;
const signingKey = generateKeyPairSync('ed25519');

const OTHER_LIFE = 'BBBBBBBBBBBBBBBB' as IncarnationId;

function writeFacts(store: Store, facts: readonly Fact[], life = INCARNATION): void {
  const written = store.logLength(INCARNATION) + store.logLength(OTHER_LIFE);
  const stamp = stampOf(hlc(1 + written, 0), life);
  store.transaction(() => store.appendEntry(life, { v: 1, stamp, operation: 'Test', facts }));
}

/** Ten records of the short term, the incarnation known with its signing key. */
function auditedStore(t: TestContext): Store {
  const { store } = temporaryStore(t);
  const publicKey = Buffer.from(signingKey.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  writeFacts(store, [
    created('incarnation', INCARNATION, {
      kmaId: 'KMA' as KmaId,
      logPublicKey: publicKey.toString('hex').toUpperCase(),
      replicationPublicKey: '',
      createdAt: 1,
      reason: 'quickstart',
      clusterEpochId: 'EPOCH',
      baseVectorJson: '{}',
    }),
  ]);
  store.transaction(() => {
    for (let n = 1; n <= 10; n++) store.appendAudit(INCARNATION, auditEntryOf(n));
  });
  return store;
}

function hashAt(store: Store, seq: number): string {
  return String(store.database.prepare('SELECT hash FROM audit WHERE seq = ?').get(seq)?.['hash']);
}
function cutAt(store: Store, seq: number, recordedSeq = seq): void {
  const recordedHash = hashAt(store, recordedSeq);
  store.transaction(() => store.cutAudit(INCARNATION, 'short', seq));
  writeFacts(store, [
    set('audit_cut', CHAIN, { seq: recordedSeq, hash: recordedHash, cutAt: 1, recordsCut: seq }),
  ]);
}
function signHead(store: Store, seq: number, hash: string = hashAt(store, seq), life = INCARNATION): void {
  const text = headText({ incarnationId: INCARNATION, term: 'short', seq, hash });
  const signature = sign(null, Buffer.from(text), signingKey.privateKey).toString('hex').toUpperCase();
  writeFacts(store, [set('audit_head', CHAIN, { seq, hash, signature, signedAt: 1 })], life);
}
const verdict = (store: Store) => createAuditReader(store, 'KMA').verify()[0]?.verdict;

test('an untouched chain is intact, with and without a cut and a signed head', (t) => {
  const store = auditedStore(t);
  const report = {
    ...{ kmaName: '', behind: 0 },
    incarnationId: INCARNATION,
    term: 'short',
    firstSeq: 1,
    lastSeq: 10,
    records: 10,
  };
  assert.deepEqual(createAuditReader(store, 'KMA').verify(), [{ ...report, verdict: 'intact' }]);
  cutAt(store, 3);
  assert.equal(verdict(store), 'intact');
  for (const seq of [4, 9, 10]) {
    signHead(store, seq);
    assert.equal(verdict(store), 'intact');
  }
  cutAt(store, 7);
  assert.deepEqual(createAuditReader(store, 'KMA').verify(), [
    { ...report, firstSeq: 8, records: 3, verdict: 'intact' },
  ]);
});

test('chains verify over a read-only store', (t) => {
  const { store, path } = temporaryStore(t);
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1)));
  const reader = openStore({ path, mode: 'read' });
  t.after(() => reader.close());
  assert.equal(verdict(reader), 'intact');
});

test('an altered record is named', (t) => {
  const store = auditedStore(t);
  store.database.exec(`UPDATE audit SET record = replace(record, 'KeyID=4', 'KeyID=5') WHERE seq = 4`);
  assert.equal(verdict(store), 'record 4 was altered');
});

test('a record altered together with its hash breaks the chain at the next one', (t) => {
  const store = auditedStore(t);
  const record = recordText(auditEntryOf(4, { message: 'KeyID=5' }));
  store.database
    .prepare(`UPDATE audit SET message = 'KeyID=5', record = ?, hash = ? WHERE seq = 4`)
    .run(record, chainHash(hashAt(store, 3), record));
  assert.equal(verdict(store), 'record 5 was altered');
});

test('a chain recomputed from an altered record to its end does not match the signed head', (t) => {
  const store = auditedStore(t);
  signHead(store, 10);
  for (let n = 4; n <= 10; n++) {
    const message = n === 4 ? 'KeyID=5' : `KeyID=${n}`;
    const record = recordText(auditEntryOf(n, { message }));
    store.database
      .prepare('UPDATE audit SET message = ?, record = ?, hash = ? WHERE seq = ?')
      .run(message, record, chainHash(hashAt(store, n - 1), record), n);
  }
  assert.equal(verdict(store), 'record 10 is not the one whose hash was signed');
});

for (const column of [
  'created_at = 1',
  ...['operation', 'severity', 'entity', 'id', 'condition', 'class', 'message'].map(
    (name) => `${name} = 'x'`,
  ),
  ...['entity_address', 'kma_name', 'solution'].map((name) => `${name} = 'x'`),
])
  test(`a column for lists that contradicts its record is named: ${column}`, (t) => {
    const store = auditedStore(t);
    store.database.exec(`UPDATE audit SET ${column} WHERE seq = 6`);
    assert.equal(verdict(store), 'record 6 was altered');
  });

test('half of a surrogate pair in a message is no alteration', (t) => {
  const store = auditedStore(t);
  const message = 'name=\ud83d nul=\u0000.';
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(11, { message })));
  assert.equal(verdict(store), 'intact');
});

test('a record that is no JSON any more is named, even with the right hash', (t) => {
  const store = auditedStore(t);
  store.database
    .prepare(`UPDATE audit SET record = 'x', hash = ? WHERE seq = 10`)
    .run(chainHash(hashAt(store, 9), 'x'));
  assert.equal(verdict(store), 'record 10 was altered');
});

test('records removed from the middle are named', (t) => {
  const store = auditedStore(t);
  store.database.exec('DELETE FROM audit WHERE seq IN (5, 6)');
  assert.equal(verdict(store), 'records 5 to 6 are missing');
  assert.equal(createAuditReader(store, 'KMA').verify()[0]?.lastSeq, 4);
});

test('more cut from the front than recorded is named', (t) => {
  const store = auditedStore(t);
  store.database.exec('DELETE FROM audit WHERE seq = 1');
  assert.equal(verdict(store), 'record 1 is missing');
  cutAt(store, 5, 3);
  assert.equal(verdict(store), 'records 4 to 5 are missing');
});

test('less cut than recorded is named', (t) => {
  const store = auditedStore(t);
  cutAt(store, 3, 5);
  assert.equal(verdict(store), 'record 4 should have gone with the cut at 5');
});

test('a cut recorded with another hash is named', (t) => {
  const store = auditedStore(t);
  cutAt(store, 3);
  writeFacts(store, [set('audit_cut', CHAIN, { hash: hashAt(store, 4) })]);
  assert.equal(verdict(store), 'record 4 was altered');
});

test('a cut at the signed head with another hash is named', (t) => {
  const store = auditedStore(t);
  signHead(store, 3);
  cutAt(store, 3);
  writeFacts(store, [set('audit_cut', CHAIN, { hash: hashAt(store, 5) })]);
  store.database.exec('DELETE FROM audit');
  assert.equal(verdict(store), 'the cut at 3 is not at the record whose hash was signed');
});

test('a head that another life has written counts where it is signed, and says nothing else', (t) => {
  const store = auditedStore(t);
  const forged = { seq: 99, hash: 'A'.repeat(64), signature: 'B'.repeat(128), signedAt: 1 };
  writeFacts(store, [set('audit_head', CHAIN, forged)], OTHER_LIFE);
  assert.equal(verdict(store), 'intact');
  writeFacts(store, [set('audit_head', CHAIN, forged)]);
  assert.equal(verdict(store), 'the signature of the head at 99 is not valid');
  signHead(store, 10, hashAt(store, 10), OTHER_LIFE);
  store.database.exec('DELETE FROM audit WHERE seq > 8');
  assert.equal(verdict(store), 'records 9 to 10 are missing');
});

test('records missing at the end are noticed by the signed head', (t) => {
  const store = auditedStore(t);
  signHead(store, 10);
  store.database.exec('DELETE FROM audit WHERE seq > 8');
  assert.equal(verdict(store), 'records 9 to 10 are missing');
  store.database.exec('DELETE FROM audit');
  assert.deepEqual(createAuditReader(store, 'KMA').verify(), [
    {
      kmaName: '',
      incarnationId: INCARNATION,
      term: 'short',
      firstSeq: 1,
      lastSeq: 0,
      records: 0,
      behind: 0,
      verdict: 'records 1 to 10 are missing',
    },
  ]);
});

test('a forged head is named: wrong signature, wrong key, unknown incarnation', (t) => {
  const store = auditedStore(t);
  signHead(store, 10);
  const good = store.state.get('audit_head', CHAIN)?.signature ?? '';
  const forged = 'the signature of the head at 10 is not valid';
  const other = good.startsWith('00') ? 'FF' : '00';
  for (const signature of [`${other}${good.slice(2)}`, '', 'zz', good.slice(2)]) {
    writeFacts(store, [set('audit_head', CHAIN, { signature })]);
    assert.equal(verdict(store), forged);
  }
  writeFacts(store, [set('audit_head', CHAIN, { signature: good })]);
  assert.equal(verdict(store), 'intact');
  for (const key of [`'${'00'.repeat(32)}'`, `'00'`, 'NULL']) {
    store.database.exec(`UPDATE incarnation SET logPublicKey = ${key}`);
    store.state.forget();
    assert.equal(verdict(store), forged);
  }
});

test('a record is found by its number and by its ID, not by what looks like it elsewhere', (t) => {
  const { store } = temporaryStore(t);
  const [first, second] = [auditEntryOf(1), auditEntryOf(2, { message: `event=${auditEntryOf(1).id}` })];
  store.transaction(() => {
    store.appendAudit(INCARNATION, first);
    store.appendAudit(INCARNATION, second);
  });
  const reader = createAuditReader(store, 'KMA');
  assert.equal(reader.newestRow(), 2);
  assert.deepEqual(reader.record(2), { row: 2, ...second });
  assert.deepEqual(reader.find(first.id), { row: 1, ...first });
  assert.deepEqual(reader.find(2), { row: 2, ...second });
  assert.equal(reader.find(3), null);
  assert.equal(reader.find('KeyID=1'), null);
  assert.throws(() => reader.record(3));
});
