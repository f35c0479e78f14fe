/** Who becomes a member of the cluster, with which life, and how one leaves. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { created, event, removed, set } from '../../core/facts.ts';
import type { IncarnationId, KeySplitId, KmaId, ObjectId } from '../../core/ids.ts';
import { livesHolding } from '../../core/key-standing.ts';
import { byName } from '../../core/live.ts';
import { logLimit } from '../../core/log-end.ts';
import { refuse } from '../../core/refusal.ts';
import { readSetting, settingFact } from '../../core/settings.ts';
import { issueCertificate } from '../../security/certificates.ts';
import { makeLocalIdentity } from '../../setup/foundation.ts';
import { showKey } from '../keys.ts';
import { setKmaPassphrase } from '../kmas.ts';
import { createSite } from '../sites.ts';
import { World } from '../world.fixture.ts';
import { certificateAuthority } from '../world-authority.fixture.ts';
import { admitIncarnation } from './admit-incarnation.ts';
import { closeLogs, endsToSay } from './close-logs.ts';
import { createKma, KMAS_MAX } from './create-kma.ts';
import { deleteKma } from './delete-kma.ts';
import { endUnfinishedJoins } from './end-unfinished-joins.ts';
import { isRootExposed } from './keep-root.ts';
import { memberKeySha256 } from './member-key.ts';
import { WITHOUT_COPY } from './new-root.fixture.ts';
import { showState } from './show-state.ts';

const PASSPHRASE = 'Joins-the-others-1';
const hex = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();

async function withKma(): Promise<{ world: World; id: string }> {
  const world = new World();
  await world.did(createKma, { kma: 'kma-2', passphrase: PASSPHRASE });
  return { world, id: byName(world.state, 'kma', 'kma-2')?.id ?? assert.fail() };
}

/** As EnrolKma does it. */
async function enrolled() {
  const { world, id } = await withKma();
  const identity = await makeLocalIdentity(id as KmaId);
  const { pem } = await issueCertificate({
    ca: await certificateAuthority(),
    kind: 'kma',
    name: 'kma-2',
    publicKey: identity.tlsPublicKey,
    nowMs: world.nowMs,
    days: 30,
  });
  const verifier = world.state.get('kma', id)?.verifierObjectId as ObjectId;
  world.commit([set('kma', id, { certificatePem: pem, certificateVerifierObjectId: verifier, enrolled: 1 })]);
  const key = () => memberKeySha256(world.state.get('kma', id));
  return { world, id, pem, key, admission: admissionOf(id, key()) };
}

const admissionOf = (kmaId: string, keySha256: string) => ({
  keySha256,
  kmaId,
  incarnationId: hex(8),
  logPublicKey: hex(32),
  replicationPublicKey: hex(32),
});

test('the entry of a KMA has a passphrase to join with and no key yet, and its name is taken', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  const wanted = { kma: 'kma-2', passphrase: PASSPHRASE, site: 'rome', managementAddress: '192.0.2.2' };
  const { decision } = await world.did(createKma, wanted);
  const row = byName(world.state, 'kma', 'kma-2');
  assert.deepEqual([row?.enabled, row?.enrolled, row?.managementAddress], [1, 0, '192.0.2.2']);
  assert.ok(world.objects.has(row?.verifierObjectId ?? '') && (row?.number ?? 0) > 0);
  assert.equal(memberKeySha256(row), '');
  assert.doesNotMatch(JSON.stringify(decision), /Joins/);
  assert.equal(await world.refusal(createKma, wanted), 'KMA_EXISTS');
  assert.equal(
    await world.refusal(createKma, { ...wanted, kma: 'kma-3', site: 'oslo' }),
    'SITE_DOES_NOT_EXIST',
  );
  assert.equal(await world.refusal(createKma, { kma: 'kma-3', passphrase: 'short' }), 'INVALID_PASSPHRASE');
});

test('a cluster has so many KMAs and no more', async () => {
  const world = new World();
  for (let n = 2; n <= KMAS_MAX; n++) await world.did(createKma, { kma: `kma-${n}`, passphrase: PASSPHRASE });
  assert.equal(await world.refusal(createKma, { kma: 'more', passphrase: PASSPHRASE }), 'INVALID_PARAMETERS');
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  assert.equal(await world.refusal(createKma, { kma: 'more', passphrase: PASSPHRASE }), 'accepted');
});

test('a life is admitted for the key of its member, once, and again only as the same', async () => {
  const { world, id, admission } = await enrolled();
  const admit = (change: object = {}) => world.refusal(admitIncarnation, { ...admission, ...change });
  assert.equal(await admit({ keySha256: hex(32) }), 'KMA_DOES_NOT_EXIST');
  assert.equal(await admit({ kmaId: world.self.kmaId }), 'KMA_DOES_NOT_EXIST');
  await world.did(admitIncarnation, admission);
  const life = world.state.get('incarnation', admission.incarnationId);
  assert.deepEqual(
    [life?.admittedKmaId, life?.admittedLogPublicKey, life?.admittedReplicationKey, life?.createdStamp],
    [id, admission.logPublicKey, admission.replicationPublicKey, null],
  );
  const { seq } = world;
  assert.equal(await admit(), 'accepted');
  assert.equal(world.seq, seq, 'nothing is written anew');
  assert.equal(await admit({ logPublicKey: hex(32) }), 'INVALID_PARAMETERS');
  assert.equal(await admit({ replicationPublicKey: hex(32) }), 'INVALID_PARAMETERS');
  assert.equal(await admit({ incarnationId: world.self.incarnationId }), 'INVALID_PARAMETERS');
});

test('a member may have some lives that have not begun, and no more, until one begins', async () => {
  const { world, id, admission } = await enrolled();
  const admit = (number: number) =>
    world.refusal(admitIncarnation, { ...admission, incarnationId: `${number}`.padStart(16, '0') });
  for (let number = 1; number <= 8; number++) assert.equal(await admit(number), 'accepted');
  assert.equal(await admit(9), 'INVALID_PARAMETERS');
  assert.equal(await admit(8), 'accepted', 'one that is known');
  world.commit([lifeOf('1'.padStart(16, '0'), id)]);
  assert.equal(await admit(9), 'accepted');
});

test('a member that is logged out has no key that counts, also when it renews its certificate afterwards', async () => {
  const { world, id, pem, key, admission } = await enrolled();
  assert.match(key(), /^[0-9A-F]{64}$/);
  await world.did(setKmaPassphrase, { kma: 'kma-2', passphrase: 'Another-one-22' });
  assert.equal(key(), '');
  world.commit([set('kma', id, { certificatePem: pem })]);
  assert.equal(key(), '');
  assert.equal(await world.refusal(admitIncarnation, admission), 'KMA_DOES_NOT_EXIST');
});

test('a retired KMA is no member, its lives are over and its passphrase is gone', async () => {
  const { world, id, key, admission } = await enrolled();
  await world.did(admitIncarnation, admission);
  world.commit([lifeOf(admission.incarnationId, id)]);
  const verifier = world.state.get('kma', id)?.verifierObjectId ?? '';
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  const row = world.state.get('kma', id);
  assert.deepEqual([row?.removedHow, key(), world.objects.has(verifier)], ['retired', '', false]);
  assert.notEqual(world.state.get('incarnation', admission.incarnationId)?.endedStamp, null);
  assert.equal(await world.refusal(admitIncarnation, admission), 'KMA_DOES_NOT_EXIST');
  assert.equal(await world.refusal(deleteKma, { kma: 'kma-2', as: 'retired' }), 'KMA_DOES_NOT_EXIST');
  assert.equal(await world.refusal(createKma, { kma: 'kma-2', passphrase: PASSPHRASE }), 'accepted');
});

test('of a lost KMA it is said what is to be done, and nobody says that its disk is gone', async () => {
  const { world, id, admission } = await enrolled();
  await world.did(admitIncarnation, admission);
  world.commit([lifeOf(admission.incarnationId, id)]);
  const { output, decision } = await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  assert.match(output.afterwards, /root key material .* replaced.* core security backup/);
  assert.deepEqual(output.unlockWithQuorum, [WITHOUT_COPY]);
  assert.equal(decision?.audit?.severity, 'warning');
  assert.match(decision?.audit?.message ?? '', /root key material/);
  assert.equal(world.state.get('kma', id)?.removedHow, 'lost');
  assert.equal(world.state.get('incarnation', admission.incarnationId)?.endedStamp, null);
});

test('when a KMA is lost the others go on with new root key material, split among the same persons', async () => {
  const { world } = await enrolled();
  const before = readSetting(world.state, 'currentKeySplitId') ?? '';
  const { decision } = await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  const [splitId, rootEpochId, epoch] = (
    ['currentKeySplitId', 'currentRootEpochId', 'currentMasterEpochId'] as const
  ).map((name) => readSetting(world.state, name) ?? '');
  const split = world.state.get('key_split', splitId ?? '');
  assert.deepEqual([split?.rootEpochId, split?.threshold, split?.size], [rootEpochId, 2, 3]);
  assert.notEqual(world.state.get('key_split', before)?.retiredStamp, null);
  assert.notEqual(world.state.get('master_epoch', epoch ?? '')?.createdStamp, null);
  assert.equal(world.state.get('master_wrap', `${epoch}:${rootEpochId}`)?.rootEpochId, rootEpochId);
  assert.equal(world.state.page('root_copy', '', 9)[0]?.rootEpochId, rootEpochId);
  assert.ok(decision?.effects?.some(({ effect }) => effect === 'root-replaced'));
  assert.equal(isRootExposed(world.state), false);
});

test('a lost KMA is removed though the key split of today is not here, and who has it makes the new root key material', async () => {
  const { world, id } = await enrolled();
  const tools = world.tools();
  world.tools = () => ({ ...tools, newRoot: async () => refuse('CORE_SECURITY_NOT_FOUND') });
  const { output } = await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  assert.match(output.afterwards, /by a member soon after .*key split of today is at one of them/);
  assert.deepEqual(
    [world.state.get('kma', id)?.removedHow, readSetting(world.state, 'currentKeySplitId')],
    ['lost', world.keySplitId],
  );
});

test('new root key material retires what did not prevail of key splits made on both sides of a cut network', async () => {
  const { world } = await enrolled();
  const crossing = hex(16);
  const until = world.state.get('key_split', world.keySplitId);
  world.commit([
    created('key_split', crossing, {
      ...{ rootEpochId: world.rootEpochId, threshold: 1, size: 1, namesJson: '["zoe"]', createdAt: 1 },
      ...{ objectId: hex(16) as ObjectId, objectSha256: '' },
    }),
  ]);
  const newer = hex(16);
  const object = world.open('key-split', Buffer.from('newer'));
  world.objects.set(object.id, object);
  world.commit([
    created('key_split', newer, {
      ...{ rootEpochId: world.rootEpochId, threshold: 2, size: 3, namesJson: '["a","b","c"]', createdAt: 1 },
      ...{ objectId: object.id, objectSha256: '' },
    }),
    event('key_split', until?.id ?? '', 'retired', { retiredAt: 1 }),
    settingFact('currentKeySplitId', newer as KeySplitId),
  ]);
  await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  for (const id of [crossing, newer])
    assert.notEqual(world.state.get('key_split', id)?.retiredStamp ?? null, null);
});

test('a locked KMA can retire another one, but not go on without a lost one', async () => {
  const { world } = await enrolled();
  world.unlocked = false;
  assert.equal(await world.refusal(deleteKma, { kma: 'kma-2', as: 'lost' }), 'APPLIANCE_LOCKED');
  assert.equal(await world.refusal(deleteKma, { kma: 'kma-2', as: 'retired' }), 'accepted');
});

test('a life that was admitted may hold every key, whether it began or not, until it is retired', async () => {
  const { world, admission } = await enrolled();
  const key = world.state.get('key', world.poolKey()) ?? assert.fail();
  const holding = () => livesHolding(world.state, key).map(({ id }) => id);
  assert.deepEqual(holding(), [world.self.incarnationId]);
  await world.did(admitIncarnation, admission);
  assert.deepEqual(holding().sort(), [world.self.incarnationId, admission.incarnationId].sort());
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  assert.deepEqual(holding(), [world.self.incarnationId]);
});

test('a destroyed key waits for the life before a copy, which nothing but the deletion of its KMA ends', async () => {
  const { world, id } = await withKma();
  const keyId = world.poolKey();
  const [before, now] = [hex(8), hex(8)];
  world.commit([
    lifeOf(before, id),
    event('key', keyId, 'destroyed', { destroyedAt: 1, destroyedComment: '' }),
  ]);
  world.commit([lifeOf(now, id)]);
  const waitsFor = async () => (await world.did(showKey, { keyId })).output.destructionWaitsFor;
  const [earlier, ...rest] = (await waitsFor()).sort();
  assert.match(earlier ?? '', /^erasure at an earlier life of kma-2: .* another member deletes this KMA/);
  assert.deepEqual(rest, ['erasure at kma-1', 'erasure at kma-2']);
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  assert.deepEqual(await waitsFor(), ['erasure at kma-1']);
});

test('a destroyed key waits for the copies of joins that were never finished, until an officer says that they are gone', async () => {
  const { world, id, admission } = await enrolled();
  const keyId = world.poolKey();
  await world.did(admitIncarnation, admission);
  const begun = { ...admission, incarnationId: hex(8) };
  await world.did(admitIncarnation, begun);
  world.commit([
    lifeOf(begun.incarnationId, id),
    event('key', keyId, 'destroyed', { destroyedAt: 1, destroyedComment: '' }),
  ]);
  const waitsFor = async () => (await world.did(showKey, { keyId })).output.destructionWaitsFor;
  const end = async () => (await world.did(endUnfinishedJoins, { kma: 'kma-2' })).output;
  const join =
    'the copy for a join that kma-2 has not finished; where it is gone: okm member end-joins kma-2';
  assert.deepEqual((await waitsFor()).sort(), ['erasure at kma-1', 'erasure at kma-2', join]);
  assert.deepEqual(await end(), { kma: 'kma-2', ended: 0, underWay: 1, afterwards: '' });
  world.nowMs += 61 * 60_000;
  const { ended, underWay, afterwards } = await end();
  assert.deepEqual([ended, underWay], [1, 0]);
  assert.match(afterwards, /join anew/);
  assert.deepEqual((await waitsFor()).sort(), ['erasure at kma-1', 'erasure at kma-2']);
  assert.equal(await world.refusal(admitIncarnation, admission), 'INVALID_PARAMETERS', 'it is over');
  assert.equal((await end()).ended, 0);
  assert.equal(await world.refusal(endUnfinishedJoins, { kma: 'kma-9' }), 'KMA_DOES_NOT_EXIST');
});

test('the KMA one is connected to is not deleted, nor one that is not there', async () => {
  const world = new World();
  const refusal = (kma: string) => world.refusal(deleteKma, { kma, as: 'retired' });
  assert.equal(await refusal('kma-1'), 'INVALID_PARAMETERS');
  assert.equal(await refusal('kma-9'), 'KMA_DOES_NOT_EXIST');
});

test('how far each log is folded is told with the KMA that writes it', async () => {
  const { world } = await withKma();
  const { output } = await world.did(showState, {});
  assert.deepEqual(output.logs, [
    { incarnation: world.self.incarnationId, kma: 'kma-1', entries: world.seq },
  ]);
});

function lifeOf(id: string, kmaId: string) {
  return created('incarnation', id as IncarnationId, {
    kmaId: kmaId as KmaId,
    logPublicKey: '',
    replicationPublicKey: '',
    createdAt: 1,
    reason: 'join',
    clusterEpochId: '',
    baseVectorJson: '{}',
  });
}

test('a life that began before there was replication is admitted with the key that it has now, once', async () => {
  const { world, id, admission } = await enrolled();
  const { incarnationId, logPublicKey, replicationPublicKey } = admission;
  world.commit([
    created('incarnation', incarnationId as IncarnationId, {
      kmaId: id as KmaId,
      logPublicKey,
      createdAt: world.nowMs,
      reason: 'quickstart',
      clusterEpochId: null,
      baseVectorJson: null,
      replicationPublicKey: null,
    }),
  ]);
  await world.did(admitIncarnation, admission);
  assert.equal(world.state.get('incarnation', incarnationId)?.admittedReplicationKey, replicationPublicKey);
  const other = { ...admission, replicationPublicKey: hex(32) };
  assert.equal(await world.refusal(admitIncarnation, other), 'INVALID_PARAMETERS');
});

test('what is written in the place of a certificate, and is none, is nobody', async () => {
  const { world, id, key } = await enrolled();
  world.commit([set('kma', id, { certificatePem: 'no certificate' })]);
  assert.equal(key(), '');
});

/** Of which it has to say how much it has, where that is so much. */
const toSay = (world: World, length = 5) =>
  endsToSay(world.state, world.self, () => length).map(({ incarnationId }) => incarnationId);

test('a log that another member has closed is closed by all, also where it is not known yet why', async () => {
  const { world, id } = await withKma();
  const [life, by] = [hex(8) as IncarnationId, hex(8) as IncarnationId];
  world.commit([lifeOf(life, id)]);
  assert.deepEqual(toSay(world), []);
  world.commit([
    created('log_end', `${life}:${by}`, { incarnationId: life, byIncarnationId: by, length: 3 }),
  ]);
  assert.deepEqual(toSay(world), [life]);
  await world.did(closeLogs, { ends: [{ incarnationId: life, length: 5 }] });
  assert.equal(logLimit(world.state, life, 0), 5);
  assert.deepEqual(toSay(world), []);
});

test('of an earlier life of its own it says how much it has, where others end that before', async () => {
  const { world } = await withKma();
  const [earlier, by] = [hex(8) as IncarnationId, hex(8) as IncarnationId];
  world.commit([lifeOf(earlier, world.self.kmaId)]);
  assert.deepEqual(toSay(world), [], 'as long as nobody ends it');
  const ended = { incarnationId: earlier, byIncarnationId: by, length: 3 };
  world.commit([created('log_end', `${earlier}:${by}`, ended)]);
  assert.deepEqual([toSay(world, 3), toSay(world, 5)], [[], [earlier]]);
  await world.did(closeLogs, { ends: [{ incarnationId: earlier, length: 5 }] });
  assert.equal(logLimit(world.state, earlier, 0), 5);
  assert.deepEqual(toSay(world), []);
});

test('more of a log that is closed again is said once all members read that', async () => {
  const { world, id } = await withKma();
  const life = hex(8) as IncarnationId;
  const own = world.self.incarnationId as IncarnationId;
  world.commit([lifeOf(life, id), removed('kma', id)]);
  await world.did(closeLogs, { ends: [{ incarnationId: life, length: 5 }] });
  world.commit([set('incarnation', own, { replicationVersion: 3 })]);
  assert.deepEqual(toSay(world, 9), []);
  world.commit([set('incarnation', own, { replicationVersion: 4 })]);
  assert.deepEqual([toSay(world, 5), toSay(world, 9)], [[], [life]]);
  await world.did(closeLogs, { ends: [{ incarnationId: life, length: 9 }] });
  assert.equal(logLimit(world.state, life, 0), 9);
  assert.equal(world.state.get('log_end', `${life}:${own}`)?.length, 5);
  assert.deepEqual(toSay(world, 9), []);
});

test('how much there is of a log that a removed member has closed is said too: for others it may count', async () => {
  const { world, id } = await withKma();
  const other = hex(16) as KmaId;
  const [life, by] = [hex(8) as IncarnationId, hex(8) as IncarnationId];
  world.commit([
    lifeOf(life, id),
    lifeOf(by, other),
    created('kma', other, { name: 'gone', createdAt: 1, number: 9 }),
    removed('kma', other),
    created('log_end', `${life}:${by}`, { incarnationId: life, byIncarnationId: by, length: 3 }),
  ]);
  assert.equal(logLimit(world.state, life, 0), null);
  assert.ok(toSay(world).includes(life));
  await world.did(closeLogs, { ends: [{ incarnationId: life, length: 5 }] });
  assert.equal(logLimit(world.state, life, 0), null);
  assert.ok(!toSay(world).includes(life));
});
