/** Copies of other KMAs' audit chains: numbered apart from the own ones, begun, grown and cut, and passed on up to a signature only. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type ChainName, type ChainPlace, headText } from '../core/audit.ts';
import {
  CREATED_AT_MS_MAX,
  MESSAGE_CHARACTERS_MAX,
  SEQ_MAX,
  TEXT_CHARACTERS_MAX,
} from '../core/audit-bounds.ts';
import { created, set } from '../core/facts.ts';
import { madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { type AuditBatch, judgeBatch } from './audit-batch.ts';
import { type AuditEntry, chainHash, genesisHash, recordText } from './audit-chain.ts';
import { BATCH_RECORDS_MAX } from './audit-copies.ts';
import { createAuditReader } from './audit-reader.ts';
import { auditTailOf } from './audit-tail.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const OTHER_LIFE = 'BBBBBBBBBBBBBBBB' as IncarnationId;
const OTHER = 'B'.repeat(32);
const CHAIN: ChainName = { incarnationId: OTHER_LIFE, term: 'short' };
const GENESIS: ChainPlace = { seq: 0, hash: genesisHash(OTHER_LIFE, 'short') };
const keys = generateKeyPairSync('ed25519');
const rawKey = (key: KeyObject) =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
    .toString('hex')
    .toUpperCase();
const OWNER = { kmaId: OTHER, kmaName: 'kma-2', logPublicKey: rawKey(keys.publicKey) };

const theirs = (n: number, changes: Partial<AuditEntry> = {}) =>
  auditEntryOf(n, { kmaId: OTHER, kmaName: 'kma-2', ...changes });

/** As the other KMA would write and sign it. */
class Origin {
  readonly store: Store;
  constructor(t: TestContext, count: number) {
    this.store = temporaryStore(t).store;
    this.write(1, count);
  }
  write(from: number, count: number): void {
    this.store.transaction(() => {
      for (let n = from; n < from + count; n++) this.store.appendAudit(OTHER_LIFE, theirs(n));
    });
  }
  batch(afterSeq: number): AuditBatch {
    const stretch = this.store.auditCopies.stretch(CHAIN, afterSeq, true);
    assert.ok(stretch !== null && stretch.proof === null);
    const { start, records } = stretch;
    const { seq, hash } = records.at(-1) ?? start;
    return { start, records: records.map(({ record }) => record), proof: signed(seq, hash) };
  }
}

function signed(seq: number, hash: string) {
  const signature = sign(null, Buffer.from(headText({ ...CHAIN, seq, hash })), keys.privateKey);
  return { signedBy: OTHER_LIFE, signature: signature.toString('hex').toUpperCase() };
}

/** A store of another KMA, which knows the one of the chain. */
function copyingStore(t: TestContext): Store {
  const { store } = temporaryStore(t);
  const life = madeLife(OTHER_LIFE, OTHER as KmaId);
  write(store, created('kma', OTHER, { name: 'kma-2', createdAt: 1, number: 2 }), life);
  store.database.prepare('UPDATE incarnation SET logPublicKey = ?').run(OWNER.logPublicKey);
  store.state.forget();
  return store;
}
function write(store: Store, ...facts: Parameters<Store['appendEntry']>[1]['facts'][number][]): void {
  const stamp = stampOf(hlc(1 + store.logLength(INCARNATION), 0), INCARNATION);
  store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
}
function take(store: Store, batch: AuditBatch): void {
  const judged = judgeBatch(CHAIN, batch, OWNER);
  assert.ok(typeof judged !== 'string', String(judged));
  store.transaction(() => {
    if (store.audit.head(OTHER_LIFE, 'short') === undefined) store.auditCopies.begin(CHAIN, batch.start);
    store.auditCopies.append(CHAIN, judged, batch.proof);
  });
}
function takeAll(store: Store, origin: Origin, count: number): void {
  const here = () => store.audit.head(OTHER_LIFE, 'short')?.seq ?? 0;
  while (here() < count) take(store, origin.batch(here()));
}
const verified = (store: Store) =>
  createAuditReader(store, 'KMA')
    .verify()
    .find(({ incarnationId }) => incarnationId === OTHER_LIFE);

test('copies are the same records and hashes, and nothing that counts the own records sees them', (t) => {
  const origin = new Origin(t, 5);
  const store = copyingStore(t);
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1)));
  take(store, origin.batch(0));
  const rows = 'SELECT seq, hash, record FROM audit WHERE incarnation = ? ORDER BY seq';
  assert.deepEqual(
    store.database.prepare(rows).all(OTHER_LIFE),
    origin.store.database.prepare(rows).all(OTHER_LIFE),
  );
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(2)));
  const tail = auditTailOf(store);
  assert.deepEqual([tail.oldestRow(), tail.newestRow()], [1, 2]);
  assert.deepEqual(
    tail.after(0, 100, 1_000_000, 'all').records.map(({ row, kmaName }) => [row, kmaName]),
    [
      [1, 'kma-1'],
      [2, 'kma-1'],
    ],
  );
  const reader = createAuditReader(store, 'KMA');
  assert.equal(reader.newestRow(), 2);
  assert.equal(reader.find(theirs(3).id)?.kmaName, 'kma-2');
  assert.equal(reader.find(reader.find(theirs(3).id)?.row ?? 0)?.id, theirs(3).id);
});

test('a store with copies alone has no newest record of its own, and numbers its first one 1', (t) => {
  const store = copyingStore(t);
  take(store, new Origin(t, 3).batch(0));
  assert.deepEqual([auditTailOf(store).newestRow(), auditTailOf(store).oldestRow()], [0, 0]);
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1)));
  assert.deepEqual([auditTailOf(store).newestRow(), auditTailOf(store).oldestRow()], [1, 1]);
});

test('a chain grows batch by batch, and of equal times the later record has the higher number', (t) => {
  const origin = new Origin(t, 2);
  const store = copyingStore(t);
  take(store, origin.batch(0));
  origin.write(3, 600);
  takeAll(store, origin, 602);
  assert.deepEqual(store.audit.head(OTHER_LIFE, 'short'), origin.store.audit.head(OTHER_LIFE, 'short'));
  const rows = store.database.prepare('SELECT row FROM audit WHERE seq IN (3, 4) ORDER BY seq').all();
  assert.ok(Number(rows[0]?.['row']) < Number(rows[1]?.['row']));
  assert.deepEqual(verified(store), {
    ...{ kmaName: 'kma-2', ...CHAIN, firstSeq: 1, lastSeq: 602, records: 602, behind: 0 },
    verdict: 'intact',
  });
});

test('what is passed on ends at a signature, and who has it can pass it on too', (t) => {
  const origin = new Origin(t, 0);
  const store = copyingStore(t);
  for (let n = 1; n <= 1_000; n += 10) {
    origin.write(n, 10);
    take(store, origin.batch(n - 1));
  }
  const proofs = Number(store.database.prepare('SELECT count(*) AS n FROM audit_proof').get()?.['n']);
  assert.ok(proofs < 20, `${proofs} signatures of 100 are kept`);
  const third = copyingStore(t);
  let last = 0;
  for (let asked = 0; last < 1_000; asked++) {
    assert.ok(asked < 20);
    const stretch = store.auditCopies.stretch(CHAIN, last, false);
    assert.ok(stretch?.proof != null && stretch.records.length <= BATCH_RECORDS_MAX);
    const records = stretch.records.map(({ record }) => record);
    take(third, { start: stretch.start, records, proof: stretch.proof });
    last = third.audit.head(OTHER_LIFE, 'short')?.seq ?? 0;
  }
  assert.equal(verified(third)?.verdict, 'intact');
});

test('who has a part between two signatures gets the rest of it', (t) => {
  const origin = new Origin(t, 100);
  const store = copyingStore(t);
  take(store, origin.batch(0));
  const stretch = store.auditCopies.stretch(CHAIN, 70, false);
  assert.deepEqual([stretch?.start.seq, stretch?.records.length], [70, 30]);
  assert.equal(store.auditCopies.stretch(CHAIN, 100, false), null);
  assert.equal(store.auditCopies.stretch(CHAIN, 5_000, false), null);
});

test('long records make a message shorter', (t) => {
  const origin = new Origin(t, 0);
  origin.store.transaction(() => {
    for (let n = 1; n <= 20; n++)
      origin.store.appendAudit(OTHER_LIFE, theirs(n, { message: 'x'.repeat(MESSAGE_CHARACTERS_MAX) }));
  });
  const store = copyingStore(t);
  for (const [last, count] of [
    [0, 7],
    [7, 7],
    [14, 6],
  ] as const) {
    assert.equal(origin.batch(last).records.length, count);
    take(store, origin.batch(last));
  }
  assert.equal(store.auditCopies.stretch(CHAIN, 0, false)?.records.length, 7);
});

test('records and signatures that are due go, the chain goes on, and it says where it begins', (t) => {
  const origin = new Origin(t, 600);
  const store = copyingStore(t);
  takeAll(store, origin, 600);
  store.transaction(() => store.auditCopies.cut(CHAIN, 300));
  assert.equal(store.auditCopies.start(CHAIN)?.seq, 300);
  assert.deepEqual([verified(store)?.firstSeq, verified(store)?.verdict], [301, 'intact']);
  assert.equal(store.database.prepare('SELECT count(*) AS n FROM audit_proof').get()?.['n'], 3);
  assert.equal(store.auditCopies.stretch(CHAIN, 0, false)?.start.seq, 300);
  assert.throws(() => store.transaction(() => store.auditCopies.cut(CHAIN, 600)), /cannot be cut/);
});

test('a copy that begins elsewhere goes in pieces, and is a chain after each, whatever ends the process', (t) => {
  const origin = new Origin(t, 500);
  const store = copyingStore(t);
  takeAll(store, origin, 300);
  const { seq, hash } = origin.store.audit.records(OTHER_LIFE, 'short', 398, 1)[0] ?? GENESIS;
  const begin = () => store.transaction(() => store.auditCopies.beginAnew(CHAIN, { seq, hash }, 128));
  for (const firstSeq of [129, 257]) {
    assert.equal(begin(), false);
    assert.deepEqual([verified(store)?.firstSeq, verified(store)?.verdict], [firstSeq, 'intact']);
  }
  assert.equal(begin(), true);
  assert.equal(store.audit.head(OTHER_LIFE, 'short'), undefined);
  assert.deepEqual(store.auditCopies.start(CHAIN), { seq: 399, hash });
  assert.equal(begin(), true, 'where nothing is here');
  take(store, origin.batch(399));
  assert.deepEqual([verified(store)?.firstSeq, verified(store)?.verdict], [400, 'intact']);
});

test('where a chain begins nobody else says: neither of the own one nor of a copy', (t) => {
  const store = new Origin(t, 10).store;
  const hash = store.audit.hashAt(OTHER_LIFE, 'short', 3) ?? '';
  const cutFact = (seq: number, cutHash: string) =>
    write(store, set('audit_cut', `${OTHER_LIFE}:short`, { seq, hash: cutHash }));
  store.transaction(() => store.cutAudit(OTHER_LIFE, 'short', 3));
  cutFact(7, hash);
  assert.deepEqual(store.auditCopies.stretch(CHAIN, 0, true)?.start, { seq: 3, hash });
  assert.equal(store.auditCopies.isCopy(CHAIN), false, 'though where it begins is written down');
  store.database.exec('DELETE FROM audit_copy');
  assert.equal(store.auditCopies.start(CHAIN), null, 'an older version did not write it down');
  cutFact(3, 'A'.repeat(64));
  assert.equal(store.auditCopies.start(CHAIN), null);
  cutFact(3, hash);
  assert.deepEqual(store.auditCopies.start(CHAIN), { seq: 3, hash });
});

test('in a store that another KMA has given nothing was written here, and the order stays', (t) => {
  const store = copyingStore(t);
  store.transaction(() => {
    for (let n = 1; n <= 4; n++) store.appendAudit(INCARNATION, auditEntryOf(n));
    store.cutAudit(INCARNATION, 'short', 2);
  });
  take(store, new Origin(t, 3).batch(0));
  const order = () => {
    const rows = store.database
      .prepare('SELECT incarnation, seq FROM audit WHERE row < 0 ORDER BY row')
      .all();
    return rows.map(({ incarnation, seq }) => `${String(incarnation)[0]}${seq}`);
  };
  assert.deepEqual(order(), ['B1', 'B2', 'B3']);
  store.transaction(() => store.auditCopies.adopt());
  assert.deepEqual(order(), ['A3', 'A4', 'B1', 'B2', 'B3']);
  assert.deepEqual([auditTailOf(store).newestRow(), auditTailOf(store).oldestRow()], [0, 0]);
  assert.equal(store.audit.newestWriter(), undefined);
  const given = { incarnationId: INCARNATION, term: 'short' } as const;
  assert.equal(store.auditCopies.isCopy(given), true);
  assert.equal(
    store.auditCopies.stretch(given, 0, true),
    null,
    'nobody has signed it, and it is not signed now',
  );
  write(store, set('audit_cut', `${INCARNATION}:short`, { seq: 9, hash: '' }));
  assert.equal(store.auditCopies.start(given)?.seq, 2);
  store.transaction(() => store.appendAudit('F'.repeat(16), auditEntryOf(9)));
  assert.deepEqual(
    auditTailOf(store)
      .after(0, 9, 1_000, 'all')
      .records.map(({ row }) => row),
    [1],
  );
  const reader = createAuditReader(store, 'KMA');
  assert.equal(reader.find(auditEntryOf(4).id)?.row, -4);
  assert.equal(reader.find(-4)?.id, auditEntryOf(4).id);
  store.transaction(() => store.auditCopies.adopt());
  assert.equal(order()[0], 'F1', 'again');
});

test('a copy that lacks what its KMA has signed is behind, not broken; one that contradicts it is broken', (t) => {
  const origin = new Origin(t, 20);
  const store = copyingStore(t);
  const sign20 = origin.batch(0);
  const at = (seq: number) => origin.store.audit.hashAt(OTHER_LIFE, 'short', seq) ?? '';
  write(store, set('audit_head', `${OTHER_LIFE}:short`, { seq: 20, hash: at(20), ...headOf(20, at(20)) }));
  assert.deepEqual([verified(store)?.behind, verified(store)?.verdict], [20, 'intact']);
  take(store, { ...sign20, records: sign20.records.slice(0, 15), proof: signed(15, at(15)) });
  assert.deepEqual([verified(store)?.behind, verified(store)?.verdict], [5, 'intact']);
  write(store, set('audit_cut', `${OTHER_LIFE}:short`, { seq: 3, hash: at(4) }));
  assert.equal(verified(store)?.verdict, 'intact', 'any member may say where it was cut');
  store.database.exec(`UPDATE audit_proof SET signature = '${'0'.repeat(128)}'`);
  assert.equal(verified(store)?.verdict, 'record 15 is not the one that came with a signature');
});
const headOf = (seq: number, hash: string) => ({ signature: signed(seq, hash).signature, signedAt: 1 });

test('an altered copy is named, and one that bears the name of this KMA too', (t) => {
  const store = copyingStore(t);
  take(store, new Origin(t, 9).batch(0));
  const last = JSON.parse(store.audit.records(OTHER_LIFE, 'short', 8, 1)[0]?.record ?? '') as AuditEntry;
  const named = recordText({ ...last, kmaId: 'KMA' });
  const rehashed = chainHash(store.audit.hashAt(OTHER_LIFE, 'short', 8) ?? '', named);
  store.database.prepare('UPDATE audit SET record = ?, hash = ? WHERE seq = 9').run(named, rehashed);
  assert.equal(verified(store)?.verdict, 'record 9 was altered');
  store.database.exec(`UPDATE audit SET record = replace(record, 'KeyID=4', 'KeyID=5') WHERE seq = 4`);
  assert.equal(verified(store)?.verdict, 'record 4 was altered');
});

test('what is not as its KMA has signed it is refused with its reason', (t) => {
  const batch = new Origin(t, 5).batch(0);
  const judge = (change: Partial<AuditBatch>, owner = OWNER, name = CHAIN) =>
    judgeBatch(name, { ...batch, ...change }, owner);
  assert.equal(judge({}).length, 5);
  const unsigned = 'the records from 1 on are not as they were signed';
  const altered = (record: string, n: number) =>
    batch.records.map((one, at) => (at === n - 1 ? record : one));
  const third = batch.records[2] ?? '';
  assert.equal(judge({ records: altered(third.replace('KeyID=3', 'KeyID=9'), 3) }), unsigned);
  assert.equal(judge({ records: altered(`${third} `, 3) }), 'record 3 has not the form of one');
  assert.equal(judge({ records: altered('x', 3) }), 'record 3 has not the form of one');
  const more = JSON.stringify({ ...JSON.parse(third), more: 1 });
  assert.equal(judge({ records: altered(more, 3) }), 'record 3 has not the form of one');
  const long = recordText(theirs(3, { term: 'long' }));
  assert.equal(judge({ records: altered(long, 3) }), 'record 3 is of another retention term');
  assert.equal(judge({ records: altered(recordText(auditEntryOf(3)), 3) }), 'record 3 is of another KMA');
  const named = recordText(theirs(3, { kmaName: 'kma-1' }));
  assert.equal(judge({ records: altered(named, 3) }), 'record 3 is of another KMA');
  for (const change of [
    { createdAt: CREATED_AT_MS_MAX + 1 },
    { createdAt: Number.MAX_SAFE_INTEGER },
    { message: 'x'.repeat(MESSAGE_CHARACTERS_MAX + 1) },
    { entityId: 'x'.repeat(TEXT_CHARACTERS_MAX + 1) },
    { solution: 'x'.repeat(TEXT_CHARACTERS_MAX + 1) },
  ])
    assert.equal(
      judge({ records: altered(recordText(theirs(3, change)), 3) }),
      'record 3 has not the form of one',
    );
  assert.equal(judge({ start: { ...GENESIS, hash: '0'.repeat(64) } }), unsigned);
  assert.match(String(judge({ start: { ...GENESIS, seq: SEQ_MAX - 5 } })), /not as they were signed/);
  assert.equal(
    judge({ start: { ...GENESIS, seq: SEQ_MAX - 4 } }),
    'its numbers are larger than those of any chain',
  );
  assert.equal(judge({ start: { ...GENESIS, seq: 1 } }), 'the records from 2 on are not as they were signed');
  assert.match(String(judge({ records: batch.records.slice(0, 4) })), /not as they were signed/);
  assert.match(String(judge({}, { ...OWNER, logPublicKey: '0'.repeat(64) })), /not as they were signed/);
  assert.match(String(judge({}, OWNER, { ...CHAIN, incarnationId: INCARNATION })), /not as they were/);
});
