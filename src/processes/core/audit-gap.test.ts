/** What is here of another KMA's audit goes by the own retention and by nothing that any member says: not by a fact of a cut, nor by a gap in what comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainId } from '../../core/audit.ts';
import { event, set } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { auditEntryOf } from '../../store/store.fixture.ts';
import {
  audit,
  BETWEEN,
  Chain,
  core,
  DAY_MS,
  EARLIER_LIFE,
  known,
  LATER_LIFE,
  lifeOf,
  logKey,
  self,
  store,
  time,
  told,
  write,
} from './audit-chain.fixture.ts';
import { cutAudit, cutAuditCopies } from './audit-chores.ts';
import { PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';

const headFact = (chain: Chain, seq: number, signature = chain.signatureAt(seq)) =>
  set('audit_head', chainId(chain.name), { seq, hash: chain.hashes[seq] ?? '', signature, signedAt: 1 });
const REFUSED = 'records 129 to 300 are missing, which another member may have; what is here stays';
const GAP = 'Audit of a member has a gap';

const takeFirst = (chain: Chain, count: number) => audit.take(chain.name, chain.batch(0, count), PEER);

const short = new Chain('short').write(900);

test('what begins behind what is here is refused, also from its KMA itself, and what is here stays', async () => {
  assert.deepEqual(await short.take(0, BETWEEN), { lastSeq: 128, refused: null });
  const before = told().length;
  assert.deepEqual(await short.take(300, BETWEEN), { lastSeq: 128, refused: REFUSED });
  assert.deepEqual(await short.take(300), { lastSeq: 128, refused: REFUSED });
  await until(() => told().length === before + 1);
  assert.equal(told().at(-1), `kma=peer chain=${LATER_LIFE}:short from=peer: ${REFUSED}`);
  assert.deepEqual(await short.take(128, BETWEEN), { lastSeq: 256, refused: null });
  assert.deepEqual([short.here, short.verdict], [[1, 256], 'intact']);
});

test('the fact of a cut, which any member may write, takes nothing from a copy and lets none begin elsewhere', async () => {
  assert.equal(
    (await write(set('audit_cut', chainId(short.name), { seq: 600, hash: short.hashes[600] ?? '' }))).stalled,
    null,
  );
  await cutAuditCopies(core);
  assert.equal((await short.take(600)).lastSeq, 256);
  assert.deepEqual(short.here, [1, 256]);
});

test('nor does it keep this KMA from cutting its own, and from giving what is left', async () => {
  const name = { incarnationId: self.incarnationId, term: 'medium' } as const;
  const forge = () => write(set('audit_cut', chainId(name), { seq: 2 ** 53 - 1, hash: 'A'.repeat(64) }));
  const { kmaId, kmaName } = self;
  store.transaction(() => {
    for (let n = 1; n <= 1_300; n++)
      store.appendAudit(
        name.incarnationId,
        auditEntryOf(n, { kmaId, kmaName, term: 'medium', createdAt: time.nowMs() }),
      );
  });
  await write(settingFact('mediumTermRecords', 1_000));
  await forge();
  await cutAudit(core);
  const { firstSeq = 0, lastSeq = 0 } = store.audit.chain(name.incarnationId, 'medium') ?? {};
  assert.ok(lastSeq > 1_300 - 1 && firstSeq === lastSeq - 999, `${firstSeq} to ${lastSeq}`);
  await forge();
  assert.equal(audit.read(name, 0)?.start.seq, firstSeq - 1);
});

test('a copy begins anew where so much has followed as its KMA has signed, and people are told', async () => {
  await write(settingFact('shortTermRecords', 1_000));
  short.write(1_000);
  assert.equal((await short.take(1_100)).lastSeq, 256, 'what is here would be kept');
  const before = told(GAP).length;
  assert.deepEqual(await short.take(1_200), { lastSeq: 1_328, refused: null });
  assert.deepEqual([short.here, short.verdict], [[1_201, 1_328], 'intact']);
  await until(() => told(GAP).length === before + 1);
  assert.match(
    told(GAP).at(-1) ?? '',
    /records 257 to 1200 are missing; of before as many as are kept followed$/,
  );
});

test('how much has followed the life of a chain alone says, and not one that a member may have invented', async () => {
  const over = '5'.repeat(16) as IncarnationId;
  known(lifeOf(over, PEER), event('incarnation', over, 'ended', { endedAt: 1 }));
  const chain = new Chain('short', over).write(128);
  const far = (signedBy: string) => {
    chain.signedBy = signedBy;
    return audit.take(chain.name, chain.behind(10_000_000, 1), BETWEEN);
  };
  assert.equal((await chain.take(0)).lastSeq, 128);
  assert.match((await far(LATER_LIFE)).refused ?? '', /^records 129 to 10000000 are missing/);
  assert.deepEqual(chain.here, [1, 128]);
  assert.deepEqual(await far(over), { lastSeq: 10_000_001, refused: null });
});

test('of what this KMA wrote in an earlier life nothing goes but by its own cut', async () => {
  const chain = new Chain('short', EARLIER_LIFE).write(5, 1, self.kmaId);
  chain.signedBy = EARLIER_LIFE;
  assert.equal((await chain.take(0, BETWEEN)).lastSeq, 5);
  const far = await audit.take(chain.name, chain.behind(10_000_000, 1), BETWEEN);
  assert.deepEqual(far, {
    lastSeq: 5,
    refused: 'records 6 to 10000000 are missing; this KMA keeps what it has',
  });
  assert.deepEqual(chain.here, [1, 5]);
});

test('how far a chain goes a head tells too, where the life of the chain has signed it', async () => {
  const chain = new Chain('medium').write(2_000);
  await chain.take(0);
  known(headFact(chain, 2_000, 'A'.repeat(128)));
  assert.equal((await chain.take(500)).lastSeq, 128);
  known(headFact(chain, 2_000));
  assert.deepEqual(await chain.take(500), { lastSeq: 628, refused: null });
  assert.deepEqual([chain.here, chain.verdict], [[501, 628], 'intact']);
});

test('a copy begins anew where all of it is too old, and of that nobody need be told', async () => {
  const chain = new Chain('medium', PEER_LIFE).write(5, time.nowMs() - 100 * DAY_MS).write(60);
  assert.equal((await takeFirst(chain, 5)).lastSeq, 5);
  const before = [told().length, told(GAP).length];
  assert.deepEqual(await chain.take(20), { lastSeq: 65, refused: null });
  assert.deepEqual(chain.here, [21, 65]);
  assert.deepEqual([told().length, told(GAP).length], before);
});

test('one record that is kept is enough for all to stay', async () => {
  const chain = new Chain('long', PEER_LIFE)
    .write(2, time.nowMs() - 1_000 * DAY_MS)
    .write(1)
    .write(1, 1)
    .write(60);
  await takeFirst(chain, 4);
  assert.match((await chain.take(20)).refused ?? '', /^records 5 to 20 are missing/);
  assert.deepEqual(chain.here, [1, 4]);
});

test('at the KMA in whose name a life was only admitted its chain is cut like the own ones', async () => {
  const admitted = '6'.repeat(16) as IncarnationId;
  known(
    event('incarnation', admitted, 'admitted', {
      ...{ admittedKmaId: self.kmaId, admittedLogPublicKey: logKey, admittedReplicationKey: '' },
    }),
  );
  const chain = new Chain('short', admitted).write(1_300, time.nowMs(), self.kmaId);
  chain.signedBy = admitted;
  for (let at = 0; at < 1_300; at += 128) await chain.take(at, BETWEEN);
  assert.deepEqual(chain.here, [1, 1_300]);
  await cutAuditCopies(core);
  await cutAudit(core);
  assert.deepEqual([chain.here, chain.verdict], [[301, 1_300], 'intact']);
});

test('what is older or more than this KMA keeps goes, whether its KMA says so or not', async () => {
  const ownFirst = () => store.audit.chain(self.incarnationId, 'long')?.firstSeq;
  const before = ownFirst();
  const many = new Chain('short', PEER_LIFE).write(3_500);
  for (let at = 0; at < 3_500; at += 128) await many.take(at);
  await cutAuditCopies(core);
  assert.deepEqual([many.here, many.verdict], [[2_501, 3_500], 'intact']);
  assert.equal(ownFirst(), before);
});
