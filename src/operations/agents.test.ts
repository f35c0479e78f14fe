/** Agents: a new passphrase or deletion ends what was enrolled before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveSecret } from '@openkma/protocol';
import { created, set } from '../core/facts.ts';
import type { AgentId } from '../core/ids.ts';
import { checkPassphrase } from '../security/passphrase-verifier.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { createAgent, deleteAgent, listAgents, modifyAgent, setAgentPassphrase } from './agents.ts';
import { createSite } from './sites.ts';
import { World } from './world.fixture.ts';

const DRIVE = { agent: 'drive', passphrase: 'Correct-Horse-1' };
const CERTIFICATE = 'F'.repeat(64);

function agentRow(world: World) {
  const row = world.state.page('agent', '', 10)[0];
  assert.ok(row !== undefined);
  return row;
}

/** As after an enrolment with the legacy proof. */
function enrol(world: World): void {
  const agentId = agentRow(world).id as AgentId;
  world.commit([
    created('agent_certificate', CERTIFICATE, {
      agentId,
      serial: '01',
      createdAt: world.nowMs,
      notAfter: world.nowMs + 1,
      proof: 'legacy',
    }),
    set('agent', agentId, { enrolled: 1 }),
  ]);
}

test('a new agent is enabled, not enrolled, with a one-time passphrase and both proofs', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(createAgent, { ...DRIVE, site: 'rome', description: 'slot 4' });
  const { createdAt: _, ...agent } = (await world.did(listAgents, {})).output.rows[0] ?? { createdAt: '' };
  assert.deepEqual(agent, {
    agent: 'drive',
    description: 'slot 4',
    site: 'rome',
    defaultKeyGroup: '',
    enabled: true,
    enrolled: false,
    oneTimePassphrase: true,
    modernOnly: false,
    passphraseUsable: true,
    failedLogins: 0,
  });
  const proofFailures = () => new Map([['agent:drive', 3]]);
  assert.equal((await world.did(listAgents, {}, { proofFailures })).output.rows[0]?.failedLogins, 3);
});

test('a one-time passphrase is usable until it is spent, another one stays usable', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  enrol(world);
  const usable = async () => (await world.did(listAgents, {})).output.rows[0]?.passphraseUsable;
  assert.equal(await usable(), false);
  await world.did(modifyAgent, { agent: 'drive', oneTimePassphrase: false });
  assert.equal(await usable(), true);
});

test('both proofs rest on the passphrase given, and the legacy secret is sealed', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  const { legacySecretObjectId, legacyIterations, verifierObjectId } = agentRow(world);
  assert.ok(legacySecretObjectId !== null && legacyIterations !== null && verifierObjectId !== null);
  const secret = world.tools().openObject(legacySecretObjectId).reveal();
  assert.deepEqual(secret, await deriveSecret(Buffer.from('Correct-Horse-1'), legacyIterations));
  assert.equal(world.objects.get(legacySecretObjectId)?.class, 'root-sealed');
  const verifier = world.objects.get(verifierObjectId)?.bytes ?? null;
  assert.ok(await checkPassphrase(verifier, SecretBytes.fromText('Correct-Horse-1')));
});

test('a name taken, an unknown site, a poor passphrase, a name of more than 64 bytes are refused', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  assert.equal(await world.refusal(createAgent, DRIVE), 'AGENT_EXISTS');
  assert.equal(await world.refusal(createAgent, { ...DRIVE, agent: 'b', site: 'no' }), 'SITE_DOES_NOT_EXIST');
  const poor = { agent: 'b', passphrase: 'nothing but letters' };
  assert.equal(await world.refusal(createAgent, poor), 'INVALID_PASSPHRASE');
  assert.equal(await world.refusal(createAgent, { ...DRIVE, agent: 'ä'.repeat(33) }), 'INVALID_PARAMETERS');
});

test('only what is given changes', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(createAgent, { ...DRIVE, site: 'rome' });
  await world.did(modifyAgent, { agent: 'drive', enabled: false, modernOnly: true });
  const changed = (await world.did(listAgents, {})).output.rows[0];
  assert.deepEqual(
    [changed?.enabled, changed?.modernOnly, changed?.oneTimePassphrase, changed?.site],
    [false, true, true, 'rome'],
  );
  await world.did(modifyAgent, { agent: 'drive', site: '' });
  assert.equal((await world.did(listAgents, {})).output.rows[0]?.site, '');
  assert.equal(await world.refusal(modifyAgent, { agent: 'no' }), 'AGENT_DOES_NOT_EXIST');
});

test('a new passphrase revokes the certificates, asks for enrolment again and lifts the block', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  enrol(world);
  const before = agentRow(world);
  world.commit([set('agent', before.id, { proofDisabled: 1 })]);
  const { decision } = await world.did(setAgentPassphrase, {
    agent: 'drive',
    passphrase: 'Battery-Staple-2',
  });
  const after = agentRow(world);
  assert.notEqual(world.state.get('agent_certificate', CERTIFICATE)?.revokedStamp, null);
  assert.deepEqual([after.enrolled, after.proofDisabled], [0, 0]);
  assert.ok(!world.objects.has(before.legacySecretObjectId ?? ''));
  assert.ok(!world.objects.has(before.verifierObjectId ?? ''));
  assert.deepEqual(decision?.effects, [{ effect: 'passphrase-set', entity: 'agent:drive' }]);
});

test('a certificate revoked once keeps its first date', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  enrol(world);
  await world.did(setAgentPassphrase, { agent: 'drive', passphrase: 'Battery-Staple-2' });
  const first = world.state.get('agent_certificate', CERTIFICATE)?.revokedAt;
  await world.did(setAgentPassphrase, { agent: 'drive', passphrase: 'Battery-Staple-3' });
  assert.equal(world.state.get('agent_certificate', CERTIFICATE)?.revokedAt, first);
});

test('a deleted agent has no certificate in force and leaves no secret', async () => {
  const world = new World();
  await world.did(createAgent, DRIVE);
  enrol(world);
  const { legacySecretObjectId, verifierObjectId } = agentRow(world);
  await world.did(deleteAgent, { agent: 'drive' });
  assert.notEqual(world.state.get('agent_certificate', CERTIFICATE)?.revokedStamp, null);
  assert.ok(!world.objects.has(legacySecretObjectId ?? ''));
  assert.ok(!world.objects.has(verifierObjectId ?? ''));
  assert.deepEqual((await world.did(listAgents, {})).output.rows, []);
  await world.did(createAgent, DRIVE);
});

test('an agent may be named after a user', async () => {
  await new World().did(createAgent, { ...DRIVE, agent: 'officer' });
});

test('a new agent does not inherit what was guessed at its name before', async () => {
  const world = new World();
  const { decision } = await world.did(createAgent, DRIVE);
  assert.deepEqual(decision?.effects, [{ effect: 'passphrase-set', entity: 'agent:drive' }]);
});
