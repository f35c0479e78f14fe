/** The status page: right numbers, and warnings that name the command that mends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../core/facts.ts';
import type { AgentId, IncarnationId, KmaId } from '../core/ids.ts';
import { sha256Hex } from '../security/sealing.ts';
import { createAgent, setAgentPassphrase } from './agents.ts';
import { confirmBackupDownloaded, createDatabaseBackup } from './backups.ts';
import { confirmCoreSecurityBackupDownloaded, createCoreSecurityBackup } from './core-security.ts';
import { fillKeyPool } from './key-pool.ts';
import type { MemberStanding } from './member-standing.ts';
import { showMetrics } from './metrics/show-metrics.ts';
import { hoursText } from './pool-outlook.ts';
import { showStatus } from './status.ts';
import { World } from './world.fixture.ts';

const statusOf = async (world: World) => (await world.did(showStatus, {})).output;

async function backUp(world: World): Promise<void> {
  const core = (await world.did(createCoreSecurityBackup, {})).output;
  const fileSha256 = sha256Hex(Buffer.from(core.content));
  await world.did(confirmCoreSecurityBackupDownloaded, { backupId: core.backupId, fileSha256 });
  const made = world.madeBackup();
  world.backup = made;
  await world.did(createDatabaseBackup, {});
  const { backupId, keyFileSha256 } = made;
  await world.did(confirmBackupDownloaded, { backupId, fileSha256: made.fileSha256, keyFileSha256 });
}

test('a KMA that has just been founded asks for its backups', async () => {
  const status = await statusOf(new World());
  assert.deepEqual([status.keysReady, status.coreSecurityBackup, status.lastBackupAt], [0, false, '']);
  assert.ok(status.warnings.some((text) => text.includes('kma core-security-backup')));
  assert.ok(status.warnings.some((text) => text.includes('"kma backup')));
});

test('members of the cluster before it was restored are named, with what to do about them', async () => {
  const world = new World();
  const kma = (id: string, name: string) => created('kma', id, { name, createdAt: 1, number: 1 });
  const life = (id: string, kmaId: string, clusterEpochId: string) =>
    created('incarnation', id as IncarnationId, {
      kmaId: kmaId as KmaId,
      logPublicKey: '',
      replicationPublicKey: '',
      createdAt: 1,
      reason: 'join',
      clusterEpochId,
      baseVectorJson: '{}',
    });
  const epoch = world.state.get('incarnation', world.self.incarnationId)?.clusterEpochId ?? '';
  world.commit([kma('K2', 'kma-2'), life('L2', 'K2', 'before'), kma('K3', 'kma-3'), life('L3', 'K3', epoch)]);
  world.commit([kma('K4', 'kma-4'), kma('K5', 'kma-5'), life('L5', 'K5', 'before')]);
  const { membersOfBefore, warnings } = await statusOf(world);
  assert.deepEqual([...membersOfBefore].sort(), ['kma-2', 'kma-5']);
  assert.ok(warnings.some((text) => /kma-2.*"kma member delete NAME --as retired"/.test(text)));
  world.commit([life('L6', 'K5', epoch)]);
  assert.deepEqual((await statusOf(world)).membersOfBefore, ['kma-2'], 'one has joined anew');
});

test('a member that is left alone is named, with why and what to do about it', async () => {
  const world = new World();
  world.commit([created('kma', 'K2', { name: 'kma-2', createdAt: 1, number: 1 })]);
  const alone = { reason: 'two logs of one key', untilMs: Date.UTC(2026, 0, 2) };
  const leftAlone = () =>
    new Map([
      ['K2', alone],
      ['unknown', alone],
    ]);
  const named = (warnings: readonly string[]) => warnings.filter((text) => text.includes('left alone'));
  const { warnings } = (await world.did(showStatus, {}, { leftAlone })).output;
  assert.equal(named(warnings).length, 1);
  assert.match(
    named(warnings)[0] ?? '',
    /^kma-2 .* left alone until 2026-01-02T\S+: two logs of one key; .*operation=NoteMemberLeftAlone.*delete it as lost/,
  );
  assert.deepEqual(named((await statusOf(world)).warnings), []);
});

test('with a full pool in a backup there is nothing to warn of', async () => {
  const world = new World();
  for (const count of [500, 500]) await world.did(fillKeyPool, { count });
  await backUp(world);
  const status = await statusOf(world);
  assert.deepEqual([status.keysReady, status.keysUnissued, status.readyPercent], [1000, 1000, 100]);
  assert.deepEqual(status.warnings, []);
  assert.notEqual(status.lastBackupAt, '');
});

test('under a fifth of the pool Ready there is a warning, at a fifth there is none', async () => {
  const world = new World();
  await world.did(fillKeyPool, { count: 199 });
  await backUp(world);
  assert.equal((await statusOf(world)).warnings.length, 1);
  await world.did(fillKeyPool, { count: 1 });
  await backUp(world);
  assert.deepEqual((await statusOf(world)).warnings, []);
});

const standing = (responding: boolean): MemberStanding => ({
  kmaId: 'D'.repeat(32),
  responding,
  responseMs: null,
  clockAheadMs: 0,
  health: null,
  heardAtMs: 0,
  service: null,
  lagEntries: () => 0,
});

const taking = (keysTakenPerHour: number) => () => ({
  startedAtMs: 0,
  operations: 0,
  commits: 0,
  keysTakenPerHour,
});

test('a KMA that no other one answers says so, and how long its pool lasts as keys go', async () => {
  const world = new World();
  for (const count of [500, 500]) await world.did(fillKeyPool, { count });
  await backUp(world);
  const told = async (responding: boolean, keysTakenPerHour = 0) => {
    const options = { members: () => [standing(responding)], performance: taking(keysTakenPerHour) };
    return (await world.did(showStatus, {}, options)).output;
  };
  assert.equal((await told(false)).cutOff, false, 'there is no other one');
  world.commit([created('kma', 'D'.repeat(32), { name: 'kma-2', createdAt: 0, number: 2 })]);
  assert.deepEqual([(await told(true)).cutOff, (await told(true)).warnings], [false, []]);
  const quiet = await told(false);
  assert.deepEqual([quiet.cutOff, quiet.poolLastsHours], [true, null]);
  assert.match(quiet.warnings.join(), /^cut off: .* 1000 keys are Ready, and nobody takes any/);
  const busy = await told(false, 300);
  assert.deepEqual([busy.keysTakenPerHour, busy.poolLastsHours], [300, 3.3]);
  assert.match(busy.warnings.join(), /1000 keys are Ready, and last about 3.3 hours/);
});

test('how long the pool lasts is measured while somebody takes keys', async () => {
  const world = new World();
  await world.did(fillKeyPool, { count: 500 });
  await backUp(world);
  const seconds = async (keysTakenPerHour: number) => {
    const { output } = await world.did(showMetrics, {}, { performance: taking(keysTakenPerHour) });
    return output.find(({ sample }) => sample.includes('lasts'))?.value;
  };
  assert.equal(await seconds(0), undefined);
  assert.equal(await seconds(100), 5 * 3600);
});

test('a time is told in the unit that people would choose', () => {
  const texts = [0, 0.25, 1, 3.3, 47.9, 48, 1000].map(hoursText);
  assert.deepEqual(texts, [
    'about 0 minutes',
    'about 15 minutes',
    'about 1 hour',
    'about 3.3 hours',
    'about 47 hours',
    'about 2 days',
    'about 41 days',
  ]);
});

test('a locked KMA says so and how to unlock it', async () => {
  const world = new World();
  world.unlocked = false;
  const status = await statusOf(world);
  assert.equal(status.locked, true);
  assert.ok(status.warnings.some((text) => text.includes('kma unlock')));
});

test('agents are counted by enrolment and by the proof of their certificate in force', async () => {
  const world = new World();
  for (const agent of ['one', 'two', 'six'])
    await world.did(createAgent, { agent, passphrase: 'Correct-Horse-1' });
  for (const [i, proof] of (['legacy', 'legacy', 'modern'] as const).entries()) {
    const agentId = world.state.page('agent', '', 9)[i]?.id as AgentId;
    const cells = { agentId, serial: '', createdAt: 0, notAfter: 0, proof };
    world.commit([created('agent_certificate', `F${i}`, cells), set('agent', agentId, { enrolled: 1 })]);
  }
  const counts = ({
    agents,
    agentsEnrolled,
    agentsWithLegacyProof,
  }: Awaited<ReturnType<typeof statusOf>>) => [agents, agentsEnrolled, agentsWithLegacyProof];
  assert.deepEqual(counts(await statusOf(world)), [3, 3, 2]);
  const first = world.state.page('agent', '', 1)[0]?.name;
  await world.did(setAgentPassphrase, { agent: first, passphrase: 'Battery-Staple-2' });
  assert.deepEqual(counts(await statusOf(world)), [3, 2, 1]);
});

test('two entities of one name and an old TLS minimum are reported', async () => {
  const world = new World();
  for (const id of ['A'.repeat(32), 'B'.repeat(32)])
    world.commit([created('site', id, { name: 'rome', createdAt: 0 })]);
  world.commit([set('kma', world.self.kmaId, { minimumTls: '1.0' })]);
  const status = await statusOf(world);
  assert.deepEqual(status.nameConflicts, ['site:rome~BBBB']);
  assert.ok(status.warnings.some((text) => text.includes('kma tls set')));
});

test('operations and commits of the core are told, as the core counts them', async () => {
  const { coreStartedAt, operations, commits } = await statusOf(new World());
  assert.deepEqual([coreStartedAt, operations, commits], ['1970-01-01T00:00:00.000Z', 640, 20]);
});

test('a KMA that is served elsewhere than its entry says is warned of, until the entry is changed', async () => {
  const world = new World();
  const entered = (managementAddress: string) =>
    world.commit([set('kma', world.self.kmaId, { managementAddress, serviceAddress: '' })]);
  const served = () => ({ managementAddress: '192.0.2.2', serviceAddress: '192.0.2.2' });
  const told = async () =>
    (await world.did(showStatus, {}, { served })).output.warnings.filter((text) => /^served at/.test(text));
  entered('192.0.2.1');
  const [warning = ''] = await told();
  assert.match(warning, /192\.0\.2\.2 on the management network, where it is entered as 192\.0\.2\.1,/);
  entered('192.0.2.2');
  assert.deepEqual(await told(), []);
});
