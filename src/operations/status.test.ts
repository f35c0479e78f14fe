/** The status page: right numbers, and warnings that name the command that mends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../core/facts.ts';
import type { AgentId } from '../core/ids.ts';
import { sha256Hex } from '../security/sealing.ts';
import { createAgent, setAgentPassphrase } from './agents.ts';
import { confirmBackupDownloaded, createDatabaseBackup } from './backups.ts';
import { confirmCoreSecurityBackupDownloaded, createCoreSecurityBackup } from './core-security.ts';
import { fillKeyPool } from './key-pool.ts';
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
