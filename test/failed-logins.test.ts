/** Failed log-ins of a whole KMA: shown by entity, those of agents kept through restarts, and taken back by a right passphrase. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AGENT_PASSPHRASE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { enrolRaw, faultOf } from './support/raw-agent.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

interface Shown {
  readonly failedLogins: number;
  readonly passphraseUsable: boolean;
}

async function guess(agent: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    assert.equal(faultOf((await enrolRaw(kma.ports, agent, 'Wrong-passphrase-1')).answer), 1002);
}
async function agentShown(name: string): Promise<Shown | undefined> {
  const agents = await kma.rows<Shown & { agent: string }>('ListAgents', {}, OPERATOR);
  return agents.find(({ agent }) => agent === name);
}
/** What is counted is written down when a KMA stops, and once a minute. */
async function restart(): Promise<void> {
  await kma.stop();
  await kma.resume();
}

test('an agent’s failures are shown, and a restart gives no new guesses: at the limit the proof is disabled', async () => {
  await kma.createAgent('guessed');
  await guess('guessed', 3);
  await restart();
  assert.equal((await agentShown('guessed'))?.failedLogins, 3);
  await guess('guessed', 2);
  await restart();
  const shown = await agentShown('guessed');
  assert.deepEqual([shown?.failedLogins, shown?.passphraseUsable], [5, false]);
  await kma.ask('SetAgentPassphrase', { agent: 'guessed', passphrase: AGENT_PASSPHRASE }, OPERATOR);
  await restart();
  assert.equal((await agentShown('guessed'))?.failedLogins, 0);
  await enrolRaw(kma.ports, 'guessed');
});

test('a right passphrase takes failures back, names of nobody are not kept', async () => {
  await kma.createAgent('careless');
  await guess('careless', 1);
  await guess('nobody', 1);
  await restart();
  assert.equal((await agentShown('careless'))?.failedLogins, 1);
  await enrolRaw(kma.ports, 'careless');
  await restart();
  assert.equal((await agentShown('careless'))?.failedLogins, 0);
  assert.equal(await agentShown('nobody'), undefined);
});

test('users’ failures at the appliance are shown to the Security Officer', async () => {
  const wrong = { ...OPERATOR, passphrase: 'Wrong-passphrase-1' };
  for (let i = 0; i < 2; i++) assert.ok('refused' in (await kma.answer('ListAgents', {}, wrong)));
  await restart();
  const users = await kma.rows<Shown & { user: string }>('ListUsers', {}, OFFICER);
  assert.equal(users.find(({ user }) => user === OPERATOR.name)?.failedLogins, 2);
  assert.equal(users.find(({ user }) => user === OFFICER.name)?.failedLogins, 0);
});
