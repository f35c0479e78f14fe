/** A real core gives its audit to others and takes theirs: judged, believed as far as whoever signed may speak, and told of once an hour where it is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChainName, headText } from '../../core/audit.ts';
import { SEQ_MAX } from '../../core/audit-bounds.ts';
import { event } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import {
  auditRecords,
  heldChain,
  RECORDS_CHARACTERS_MAX,
  RECORDS_MAX,
} from '../../replication/audit-messages.ts';
import { verifyText } from '../../security/log-signing.ts';
import type { AuditEntry } from '../../store/audit-chain.ts';
import { BATCH_CHARACTERS_MAX, BATCH_RECORDS_MAX } from '../../store/audit-copies.ts';
import { AuditAlarms, QUIET_MS } from './audit-alarms.ts';
import {
  audit,
  BETWEEN,
  Chain,
  core,
  EARLIER_LIFE,
  known,
  knownBy,
  LATER_LIFE,
  lifeOf,
  running,
  self,
  store,
  told,
  write,
} from './audit-chain.fixture.ts';
import { AuditExchange } from './audit-exchange.ts';
import { PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';

/** With a clock that is set by hand, and what it tells people. */
function exchangeAt(nowMs: () => number) {
  const notes: string[] = [];
  const alarms = new AuditAlarms((_condition, details) => notes.push(details), nowMs);
  return { exchange: new AuditExchange(core, running.directory, alarms), notes };
}

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

test('records of another KMA are taken batch by batch, and what is here of all is known', async () => {
  const long = new Chain('long').write(300);
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

const earlier = new Chain('long', PEER_LIFE).write(3);

test('what a later life has signed is taken from its KMA itself, and from nobody in between', async () => {
  const before = told().length;
  const refused = 'a later life has signed it, for which its KMA alone may speak';
  assert.deepEqual(await earlier.take(0, BETWEEN), { lastSeq: 0, refused });
  assert.deepEqual(await earlier.take(0), { lastSeq: 3, refused: null });
  assert.equal(earlier.verdict, 'intact');
  assert.equal(told().length, before, 'an honest member gives it too');
});

test('what this KMA wrote in an earlier life and has lost comes back, and goes on as that life has signed it', async () => {
  const chain = new Chain('medium', EARLIER_LIFE).write(5, 1, self.kmaId);
  chain.signedBy = EARLIER_LIFE;
  assert.deepEqual(await chain.take(0, BETWEEN), { lastSeq: 5, refused: null });
  assert.equal(chain.verdict, 'intact');
  assert.deepEqual(audit.read(chain.name, 0)?.proof, chain.batch(0).proof);
});

test('what it has still of an earlier life it signs, and nothing that came back to it behind that', async () => {
  const chain = new Chain('long', EARLIER_LIFE).write(5, 1, self.kmaId);
  chain.signedBy = EARLIER_LIFE;
  store.transaction(() => {
    for (const record of chain.records.slice(0, 2))
      store.appendAudit(EARLIER_LIFE, JSON.parse(record) as AuditEntry);
  });
  assert.deepEqual(await chain.take(2, BETWEEN), { lastSeq: 5, refused: null });
  const [own, back] = [audit.read(chain.name, 0), audit.read(chain.name, 2)];
  assert.deepEqual([own?.records, own?.proof.signedBy], [chain.records.slice(0, 2), self.incarnationId]);
  assert.deepEqual([back?.records, back?.proof], [chain.records.slice(2), chain.batch(2).proof]);
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

test('no record has a number from which nobody can count on, whoever has signed it', async () => {
  const invented = '4'.repeat(16) as IncarnationId;
  known(lifeOf(invented, PEER));
  const chain = new Chain('long', invented).write(2);
  chain.signedBy = invented;
  const tooFar = chain.behind(SEQ_MAX - 1, 2);
  assert.deepEqual(await audit.take(chain.name, tooFar, PEER), {
    ...{ lastSeq: 0, refused: 'its numbers are larger than those of any chain' },
  });
  assert.equal(auditRecords.safeParse(chain.behind(Number.MAX_SAFE_INTEGER, 1)).success, false);
  assert.deepEqual(await audit.take(chain.name, chain.behind(SEQ_MAX - 2, 2), PEER), {
    ...{ lastSeq: SEQ_MAX, refused: null },
  });
  const held = audit.held().find(({ incarnationId }) => incarnationId === invented);
  assert.equal(heldChain.parse(held).lastSeq, SEQ_MAX);
  assert.equal(chain.verdict, 'intact');
});

test('whatever is wrong, people are told once an hour of each chain and sender, and then how often', async () => {
  let nowMs = 0;
  const { exchange, notes } = exchangeAt(() => nowMs);
  const rewritten = new Chain('medium').write(5, 1).write(3);
  const forged = { ...rewritten.batch(5), records: ['{}'] };
  const wrong = async () => {
    await rewritten.take(5, PEER, exchange);
    await exchange.take(rewritten.name, forged, PEER);
  };
  for (let n = 0; n < 10; n++) await wrong();
  assert.equal(notes.length, 1);
  await rewritten.take(5, BETWEEN, exchange);
  assert.equal(notes.length, 2, 'from another one');
  nowMs += QUIET_MS - 1;
  await wrong();
  assert.equal(notes.length, 2);
  nowMs += 1;
  await wrong();
  assert.match(notes.at(-1) ?? '', /from=peer: record 5 is another one .* \(without-note=21\)$/);
  nowMs += QUIET_MS;
  await wrong();
  assert.match(notes.at(-1) ?? '', /\(without-note=1\)$/);
  assert.equal(notes.length, 4);
});

test('of a life that went on twice each member keeps what it has, and people are told once', async () => {
  const twice = '1'.repeat(16) as IncarnationId;
  knownBy(twice, lifeOf(twice, PEER));
  known(lifeOf('2'.repeat(16) as IncarnationId, PEER));
  const [one, other] = [new Chain('long', twice).write(5, 1), new Chain('long', twice).write(8, 2)];
  one.signedBy = twice;
  other.signedBy = twice;
  await one.take(0);
  const { exchange, notes } = exchangeAt(() => 0);
  assert.match((await other.take(5, PEER, exchange)).refused ?? '', /^record 5 .* went on twice/);
  assert.match((await other.take(5, BETWEEN, exchange)).refused ?? '', /went on twice/);
  assert.deepEqual([one.here, notes.length], [[1, 5], 1]);
  const later = exchangeAt(() => 10 * QUIET_MS);
  await other.take(5, PEER, later.exchange);
  assert.deepEqual(later.notes, [], 'nor after a restart');
});

test('of a member that was removed others may bring what a later life of it has signed', async () => {
  await write(event('kma', PEER, 'removed', { removedHow: 'retired' }));
  earlier.write(3);
  assert.deepEqual(await earlier.take(3, BETWEEN), { lastSeq: 6, refused: null });
  assert.deepEqual(earlier.here, [1, 6]);
});
