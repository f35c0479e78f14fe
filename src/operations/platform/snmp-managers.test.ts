/** SNMP managers: one name each, what goes together, and of passphrases nothing but keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { behind } from '../../core/replication-version.ts';
import { readSnmpSecret } from '../../security/snmp-secret.ts';
import { World } from '../world.fixture.ts';
import { listSnmpManagers, showSnmpManager } from './show-snmp-manager.ts';
import { createSnmpManager, deleteSnmpManager, modifySnmpManager } from './snmp-managers.ts';

const PASSPHRASE = 'Correct-Horse-1';
const NOC = { manager: 'noc', address: '192.0.2.7', userName: 'openkma', passphrase: PASSPHRASE };
const OLD = { manager: 'old', address: '192.0.2.8', protocol: 'v2c', passphrase: 'public' };

function secretOf(world: World, name = 'noc') {
  const row = world.state.page('snmp_manager', '', 100).find((one) => one.name === name);
  const object = world.objects.get(row?.secretObjectId ?? '');
  return object === undefined ? null : readSnmpSecret(object.bytes);
}

test('a manager is entered with sound defaults and shown without what it is protected with', async () => {
  const world = new World();
  await world.did(createSnmpManager, NOC);
  const { output } = await world.did(showSnmpManager, { manager: 'noc' });
  assert.deepEqual(output, {
    manager: 'noc',
    description: '',
    address: '192.0.2.7',
    port: 162,
    enabled: true,
    protocol: 'v3',
    userName: 'openkma',
    authentication: 'SHA-256',
    privacy: 'AES-128',
    createdAt: output.createdAt,
  });
  const everything = JSON.stringify(
    [...world.objects.values()].map(({ bytes }) => Buffer.from(bytes).toString()),
  );
  assert.equal(everything.includes(PASSPHRASE), false);
  assert.equal(everything.includes(Buffer.from(PASSPHRASE).toString('base64').slice(0, 12)), false);
});

test('what is kept of two equal passphrases looks different, so that its hash checks no guess', async () => {
  const world = new World();
  await world.did(createSnmpManager, NOC);
  await world.did(createSnmpManager, { ...NOC, manager: 'noc-2' });
  const hashes = world.state.page('snmp_manager', '', 100).map(({ secretSha256 }) => secretSha256);
  assert.equal(new Set(hashes).size, 2);
  assert.deepEqual(secretOf(world, 'noc'), secretOf(world, 'noc-2'));
});

test('of version 2c only the community is kept, and no user is shown', async () => {
  const world = new World();
  await world.did(createSnmpManager, OLD);
  assert.deepEqual(secretOf(world, 'old'), {
    protocol: 'v2c',
    community: Buffer.from('public').toString('base64'),
  });
  const [row] = await world.rows(listSnmpManagers);
  assert.deepEqual([row?.protocol, row?.userName, row?.authentication, row?.privacy], ['v2c', '', '', '']);
});

test('what does not go together is refused', async () => {
  const world = new World();
  const refusal = (more: object) => world.refusal(createSnmpManager, { ...NOC, ...more });
  assert.equal(await refusal({ userName: undefined }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ passphrase: 'seven77' }), 'INVALID_PASSPHRASE');
  assert.equal(await refusal({ privacyPassphrase: 'seven77' }), 'INVALID_PASSPHRASE');
  assert.equal(await refusal({ protocol: 'v2c', passphrase: 'a\nb' }), 'INVALID_PASSPHRASE');
  assert.equal(await refusal({ privacy: 'AES-256', authentication: 'SHA-1' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ privacy: 'AES-256', authentication: 'SHA-224' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ authentication: 'MD5' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ address: 'two words' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ port: 0 }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ userName: 'ü'.repeat(17) }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ privacy: 'AES-256' }), 'accepted');
  assert.equal(await world.refusal(createSnmpManager, NOC), 'SNMP_MANAGER_EXISTS');
});

test('place and cipher change without the passphrase; version and hash need it, and their keys are others', async () => {
  const world = new World();
  await world.did(createSnmpManager, NOC);
  const before = secretOf(world);
  await world.did(modifySnmpManager, { manager: 'noc', port: 10_162, privacy: 'DES', enabled: false });
  assert.deepEqual(secretOf(world), before);
  const modify = (more: object) => world.refusal(modifySnmpManager, { manager: 'noc', ...more });
  assert.equal(await modify({ authentication: 'SHA-1' }), 'SNMP_PASSPHRASE_NEEDED');
  assert.equal(await modify({ protocol: 'v2c' }), 'SNMP_PASSPHRASE_NEEDED');
  assert.equal(await modify({ privacyPassphrase: 'Battery-Staple-2' }), 'SNMP_PASSPHRASE_NEEDED');
  assert.equal(await modify({ authentication: 'SHA-1', passphrase: PASSPHRASE }), 'accepted');
  const after = secretOf(world);
  assert.ok(after?.protocol === 'v3' && after.authentication === 'SHA-1');
  assert.notDeepEqual(after, before);
  const { output } = await world.did(showSnmpManager, { manager: 'noc' });
  assert.deepEqual([output.port, output.privacy, output.enabled], [10_162, 'DES', false]);
});

test('a manager of version 2c that gets version 3 needs a user', async () => {
  const world = new World();
  await world.did(createSnmpManager, OLD);
  const change = { manager: 'old', protocol: 'v3', passphrase: PASSPHRASE };
  assert.equal(await world.refusal(modifySnmpManager, change), 'INVALID_PARAMETERS');
  await world.did(modifySnmpManager, { ...change, userName: 'openkma' });
  assert.equal(secretOf(world, 'old')?.protocol, 'v3');
});

test('a manager that is deleted takes its secret with it, and its name is free', async () => {
  const world = new World();
  await world.did(createSnmpManager, NOC);
  await world.did(deleteSnmpManager, { manager: 'noc' });
  assert.equal(secretOf(world), null);
  assert.equal(await world.refusal(deleteSnmpManager, { manager: 'noc' }), 'SNMP_MANAGER_DOES_NOT_EXIST');
  await world.did(createSnmpManager, NOC);
});

test('a cluster has so many at most', async () => {
  const world = new World();
  for (let count = 0; count < 32; count += 1)
    await world.did(createSnmpManager, { ...OLD, manager: `m${count}` });
  assert.equal(await world.refusal(createSnmpManager, OLD), 'SNMP_MANAGERS_FULL');
});

test('nothing is written before all members can read it', async () => {
  const world = new World();
  const ran = await world.run(createSnmpManager, NOC);
  assert.ok(!isRefusal(ran) && ran.decision !== null);
  assert.equal(behind(world.state, ran.decision.facts).length, 1);
  world.commit([set('incarnation', world.self.incarnationId as IncarnationId, { replicationVersion: 3 })]);
  assert.deepEqual(behind(world.state, ran.decision.facts), []);
});
