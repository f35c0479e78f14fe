/** Certificates of an agent: listed with where they came from, and ended one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../core/facts.ts';
import type { AgentId } from '../core/ids.ts';
import { listAgentCertificates, revokeAgentCertificate } from './agent-certificates.ts';
import { createAgent, deleteAgent, modifyAgent } from './agents.ts';
import { DAY_MS, World } from './world.fixture.ts';

const OLD = 'A'.repeat(64);
const NEW = 'B'.repeat(64);
const GONE = 'C'.repeat(64);

/** Enrolled three times; the first of the certificates has expired. */
async function enrolled(): Promise<World> {
  const world = new World();
  await world.did(createAgent, { agent: 'drive', passphrase: 'Correct-Horse-1' });
  const agentId = world.state.page('agent', '', 10)[0]?.id as AgentId;
  for (const [at, fingerprint, proof, notAfter] of [
    [1, GONE, 'legacy', world.nowMs],
    [2, OLD, 'legacy', world.nowMs + DAY_MS],
    [3, NEW, 'modern', world.nowMs + DAY_MS],
  ] as const)
    world.commit([
      created('agent_certificate', fingerprint, {
        agentId,
        serial: `0${at}`,
        createdAt: at,
        notAfter,
        proof,
      }),
      set('agent', agentId, { enrolled: 1 }),
    ]);
  return world;
}

async function states(world: World): Promise<readonly string[]> {
  const { rows } = (await world.did(listAgentCertificates, { agent: 'drive' })).output;
  return rows.map(({ serial, proof, state }) => `${serial} ${proof} ${state}`);
}

test('all are listed, the newest first, and those of a disabled agent stand still', async () => {
  const world = await enrolled();
  assert.deepEqual(await states(world), ['03 modern good', '02 legacy good', '01 legacy expired']);
  await world.did(modifyAgent, { agent: 'drive', enabled: false });
  assert.deepEqual(await states(world), ['03 modern stopped', '02 legacy stopped', '01 legacy expired']);
  assert.equal(await world.refusal(listAgentCertificates, { agent: 'nobody' }), 'AGENT_DOES_NOT_EXIST');
});

test('one is revoked for good and leaves the others and the passphrase alone', async () => {
  const world = await enrolled();
  await world.did(revokeAgentCertificate, { fingerprint: NEW });
  assert.deepEqual(await states(world), ['03 modern revoked', '02 legacy good', '01 legacy expired']);
  const again = await world.did(revokeAgentCertificate, { fingerprint: NEW });
  assert.deepEqual(again.decision?.facts, []);
  assert.equal(world.state.page('agent', '', 10)[0]?.enrolled, 1);
});

test('one that there is not, or whose agent is deleted, is refused', async () => {
  const world = await enrolled();
  const refused = (fingerprint: string) => world.refusal(revokeAgentCertificate, { fingerprint });
  assert.equal(await refused('D'.repeat(64)), 'CERTIFICATE_DOES_NOT_EXIST');
  await world.did(deleteAgent, { agent: 'drive' });
  assert.equal(await refused(OLD), 'CERTIFICATE_DOES_NOT_EXIST');
});
