/** A real core gives its audit to others and takes theirs: judged, cut as its KMA has cut it and as the own retention says, and told of once where it is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { type ChainName, headText } from '../../core/audit.ts';
import { created, event, type Fact, set } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { type AuditRecords, RECORDS_CHARACTERS_MAX, RECORDS_MAX } from '../../replication/audit-messages.ts';
import { logPublicKey, signText, verifyText } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { chainHash, genesisHash, recordText } from '../../store/audit-chain.ts';
import { BATCH_CHARACTERS_MAX, BATCH_RECORDS_MAX } from '../../store/audit-copies.ts';
import { verifyAudit } from '../../store/audit-verification.ts';
import { auditEntryOf } from '../../store/store.fixture.ts';
import { cutAuditCopies } from './audit-chores.ts';
import { OtherMember, PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';

const { running } = await newCoreAlone();
const { core, audit } = running;
const { store, self, time } = core.parts;
const other = new OtherMember(running);
const seed = new SecretBytes(Buffer.alloc(32, 7));
/** A member that passes on what is of others. */
const BETWEEN = 'E'.repeat(32);
const LATER_LIFE = 'CCCCCCCCCCCCCCCC' as IncarnationId;
/** Of this KMA, before it was put back or lost its disk. */
const EARLIER_LIFE = 'DDDDDDDDDDDDDDDD' as IncarnationId;
const lifeOf = (id: IncarnationId, kmaId: KmaId) =>
  created('incarnation', id, {
    ...{ kmaId, logPublicKey: logPublicKey(seed), replicationPublicKey: '', createdAt: 1 },
    ...{ reason: 'copy', clusterEpochId: '', baseVectorJson: '{}' },
  });
const stamp = stampOf(hlc(time.nowMs(), 2), self.incarnationId);
const facts = [lifeOf(LATER_LIFE, PEER), lifeOf(EARLIER_LIFE, self.kmaId)];
store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));

/** A chain as the other KMA has written it, of the life that goes on or of the one before. */
class Chain {
  readonly name: ChainName;
  readonly records: string[] = [];
  readonly hashes: string[];
  signedBy: string = LATER_LIFE;
  constructor(term: ChainName['term'], incarnationId: string = LATER_LIFE) {
    this.name = { incarnationId, term };
    this.hashes = [genesisHash(incarnationId, term)];
  }
  write(count: number, createdAt = time.nowMs(), kmaId: string = PEER): this {
    for (let n = 0; n < count; n++) {
      const at = this.records.length + 1;
      const { term } = this.name;
      const kmaName = kmaId === PEER ? 'peer' : self.kmaName;
      const record = recordText(auditEntryOf(at, { kmaId, kmaName, term, createdAt: createdAt + n }));
      this.records.push(record);
      this.hashes.push(chainHash(this.hashes.at(-1) ?? '', record));
    }
    return this;
  }
  batch(afterSeq: number, count = 128): AuditRecords {
    const records = this.records.slice(afterSeq, afterSeq + count);
    const seq = afterSeq + records.length;
    const text = headText({ ...this.name, seq, hash: this.hashes[seq] ?? '' });
    return {
      start: { seq: afterSeq, hash: this.hashes[afterSeq] ?? '' },
      records,
      proof: { signedBy: this.signedBy, signature: signText(seed, text) },
    };
  }
  take(afterSeq: number, from: string = PEER) {
    return audit.take(this.name, this.batch(afterSeq), from);
  }
  get here(): readonly number[] {
    const { incarnationId, term } = this.name;
    const { firstSeq = 0, lastSeq = 0 } = store.audit.chain(incarnationId, term) ?? {};
    return [firstSeq, lastSeq];
  }
  get verdict(): string | undefined {
    const { incarnationId, term } = this.name;
    return verifyAudit(store, self.kmaId).find(
      (chain) => chain.incarnationId === incarnationId && chain.term === term,
    )?.verdict;
  }
}
const told = () =>
  store.database
    .prepare(`SELECT message FROM audit WHERE condition = 'Audit of a member refused' ORDER BY row`)
    .all()
    .map(({ message }) => String(message));

test('what the store gives at once fits one message', () => {
  assert.deepEqual([BATCH_RECORDS_MAX, BATCH_CHARACTERS_MAX], [RECORDS_MAX, RECORDS_CHARACTERS_MAX]);
});

test('the own chains are given up to now, signed by this life, from where they begin and no other place', () => {
  const name: ChainName = { incarnationId: self.incarnationId, term: 'long' };
  const { seq = 0, hash = '' } = store.audit.head(name.incarnationId, name.term) ?? {};
  const found = audit.read(name, 0);
  assert.ok(found !== null && seq > 0);
  assert.equal(found.start.seq + found.records.length, seq);
  const key = store.state.get('incarnation', self.incarnationId)?.logPublicKey ?? '';
  assert.equal(found.proof.signedBy, self.incarnationId);
  assert.ok(verifyText(key, headText({ ...name, seq, hash }), found.proof.signature));
  assert.equal(audit.read(name, seq), null);
  assert.equal(audit.read(name, seq + 5), null);
  assert.equal(audit.read({ ...name, incarnationId: 'F'.repeat(16) }, 0), null);
});

const long = new Chain('long').write(300);

test('records of another KMA are taken batch by batch, and what is here of all is known', async () => {
  assert.deepEqual(await long.take(0), { lastSeq: 128, refused: null });
  assert.deepEqual(await long.take(128), { lastSeq: 256, refused: null });
  assert.deepEqual(await long.take(256), { lastSeq: 300, refused: null });
  assert.deepEqual([long.here, long.verdict], [[1, 300], 'intact']);
  assert.deepEqual(
    audit.held().find(({ incarnationId, term }) => incarnationId === LATER_LIFE && term === 'long'),
    { ...long.name, lastSeq: 300 },
  );
  assert.deepEqual(await long.take(0), { lastSeq: 300, refused: null }, 'twice is once');
  const passedOn = audit.read(long.name, 256);
  assert.deepEqual([passedOn?.records, passedOn?.proof], [long.records.slice(256), long.batch(256).proof]);
});

test('a chain of an earlier life is signed by a later one of the same KMA', async () => {
  const chain = new Chain('long', PEER_LIFE).write(3);
  assert.deepEqual(await chain.take(0), { lastSeq: 3, refused: null });
  assert.equal(chain.verdict, 'intact');
});

test('what this KMA wrote in an earlier life and has lost comes back from others, and is signed anew', async () => {
  const chain = new Chain('medium', EARLIER_LIFE).write(5, 1, self.kmaId);
  chain.signedBy = EARLIER_LIFE;
  assert.deepEqual(await chain.take(0, BETWEEN), { lastSeq: 5, refused: null });
  assert.equal(chain.verdict, 'intact');
  assert.equal(audit.read(chain.name, 0)?.proof.signedBy, self.incarnationId);
});

test('what is false is refused with its reason, told of once, and nothing of it is kept; the sound goes on', async () => {
  const before = told().length;
  const chain = new Chain('medium').write(5);
  const batch = chain.batch(0);
  const forged = { ...batch, records: batch.records.map((one) => one.replace('KeyID=3', 'KeyID=4')) };
  const refused = { lastSeq: 0, refused: 'the records from 1 on are not as they were signed' };
  for (let n = 0; n < 3; n++) assert.deepEqual(await audit.take(chain.name, forged, PEER), refused);
  await until(() => told().length === before + 1);
  assert.equal(
    told().at(-1),
    `kma=peer chain=${LATER_LIFE}:medium from=peer: the records from 1 on are not as they were signed`,
  );
  const by = (signedBy: string) =>
    audit.take(chain.name, { ...batch, proof: { ...batch.proof, signedBy } }, PEER);
  assert.equal((await by(self.incarnationId)).refused, 'it is signed by another KMA');
  assert.deepEqual(await by('F'.repeat(16)), { lastSeq: 0, refused: null }, 'a life that is not known yet');
  const own = await audit.take({ ...chain.name, incarnationId: self.incarnationId }, batch, PEER);
  assert.equal(own.refused, 'this KMA writes that chain itself');
  const asAnother = new Chain('medium').write(2, 1, self.kmaId);
  assert.equal((await asAnother.take(0)).refused, 'record 1 is of another KMA');
  assert.deepEqual(chain.here, [0, 0]);
  assert.deepEqual(await chain.take(0), { lastSeq: 5, refused: null });
});

test('a chain that goes on otherwise than it was here is refused, also by its own KMA', async () => {
  const rewritten = new Chain('medium').write(5, 1).write(3);
  assert.equal(
    (await rewritten.take(5)).refused,
    'record 5 is another one there than it was when it came here',
  );
  assert.deepEqual(rewritten.here, [1, 5]);
});

test('a gap is taken from its KMA itself, where that has cut, or is no member any more, and from no other', async () => {
  const chain = new Chain('short').write(900);
  assert.deepEqual(await chain.take(0, BETWEEN), { lastSeq: 128, refused: null });
  assert.deepEqual(await chain.take(300, BETWEEN), { lastSeq: 128, refused: null });
  assert.deepEqual(await chain.take(300), { lastSeq: 428, refused: null });
  assert.deepEqual([chain.here, chain.verdict], [[301, 428], 'intact']);
  assert.deepEqual(await chain.take(600, BETWEEN), { lastSeq: 428, refused: null });
  await write(set('audit_cut', `${LATER_LIFE}:short`, { seq: 600, hash: chain.hashes[600] ?? '' }));
  assert.deepEqual(await chain.take(600, BETWEEN), { lastSeq: 728, refused: null });
  assert.deepEqual([chain.here, chain.verdict], [[601, 728], 'intact']);
});

test('what its KMA has cut goes here too', async () => {
  const own = store.audit.chain(self.incarnationId, 'long');
  await write(set('audit_cut', `${LATER_LIFE}:long`, { seq: 40, hash: long.hashes[40] ?? '' }));
  await cutAuditCopies(core);
  assert.deepEqual([long.here, long.verdict], [[41, 300], 'intact']);
  await write(set('audit_cut', `${LATER_LIFE}:long`, { seq: 900, hash: long.hashes[0] ?? '' }));
  await cutAuditCopies(core);
  assert.deepEqual(long.here, [300, 300], 'the last one stays until others follow it');
  assert.deepEqual(store.audit.chain(self.incarnationId, 'long'), own);
});

test('what is older or more than this KMA keeps goes, whether its KMA says so or not', async () => {
  const many = new Chain('short', PEER_LIFE).write(3_500);
  for (let at = 0; at < 3_500; at += 128) await many.take(at);
  const day = 24 * 60 * 60 * 1000;
  const old = new Chain('medium', PEER_LIFE).write(5, time.nowMs() - 100 * day).write(3);
  await old.take(0);
  await cutAuditCopies(core);
  assert.deepEqual(
    [many.here, old.here],
    [
      [1, 3_500],
      [6, 8],
    ],
  );
  await write(settingFact('shortTermRecords', 1_000));
  await cutAuditCopies(core);
  assert.deepEqual(many.here, [2_501, 3_500]);
  assert.deepEqual([many.verdict, old.verdict], ['intact', 'intact']);
});

test('a member that was removed keeps its records here, and others may bring what they have of them', async () => {
  await write(event('kma', PEER, 'removed', { removedHow: 'retired' }));
  const many = new Chain('medium', PEER_LIFE).write(30);
  assert.deepEqual(await many.take(20, BETWEEN), { lastSeq: 30, refused: null });
  assert.deepEqual(new Chain('long', PEER_LIFE).here, [1, 3]);
});

function write(...facts: readonly Fact[]): Promise<unknown> {
  other.write(...facts);
  return other.deliver();
}
