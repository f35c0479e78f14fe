/** An agent revokes keys of a whole KMA: by the library, by the vector of docs/agent-extension.md, and with each fault that the page lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../scripts/docs.ts';
import { auditRecords } from './support/audit-rows.ts';
import { COMPLIANCE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { RawAgent } from './support/raw-agent.ts';
import { soapCall } from './support/soap.ts';
import { until } from './support/until.ts';

/** A KMA alone waits for nobody; that one in a cluster does is in operations/agent/look-elsewhere.test.ts. */
const BUSY = 1001;
const PAGE = readFileSync(join(root, 'docs/agent-extension.md'), 'utf8');
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const stateOf = async (keyId: string) =>
  (await kma.ask<{ state: string }>('ShowKey', { keyId }, OPERATOR)).state;

test('okm-agent’s library revokes a key, which then is given to decrypt with and can be destroyed', async () => {
  using agent = await kma.agent('library', { keepAlive: true });
  const { dataUnitId } = await agent.createDataUnit();
  const { keyId, key } = await agent.createKey({ dataUnitId });
  await agent.revokeKey(keyId);
  await agent.revokeKey(keyId);
  assert.equal(await stateOf(keyId), 'DEACTIVATED');
  const again = await agent.retrieveKey(keyId);
  assert.equal(again.keyState, 'KEY-STATE-DEACTIVATED');
  assert.deepEqual(again.key.reveal(), key.reveal());
  assert.notEqual((await agent.retrieveProtectAndProcessKey(dataUnitId)).keyId, keyId);
  const records = auditRecords(kma.data).filter(({ operation }) => operation === 'RevokeKey');
  assert.deepEqual(
    records.map(({ message }) => /before=(\w+)/.exec(message)?.[1]),
    ['PROTECT_AND_PROCESS', 'DEACTIVATED'],
  );
  const destroyed = await kma.ask('DestroyKeys', { dataUnitId, comment: 'revoked by its agent' }, OPERATOR);
  assert.deepEqual(destroyed, { destroyed: 1, left: 0 });
});

test('the request of the page, with another key ID, is answered with the response of the page', async () => {
  const agent = await RawAgent.create(kma, 'by-page');
  const { keyId } = await agent.createKey();
  const [request = '', response = ''] = [...PAGE.matchAll(/```xml\n([\s\S]*?)\n```/g)].map(([, xml]) => xml);
  const body = request.replace(/0000[0-9A-F]{56}/, keyId);
  const answer = await soapCall({ port: agent.ports.agent, body, identity: agent.identity });
  assert.equal(answer.body.toString(), response);
  assert.equal(await stateOf(keyId), 'DEACTIVATED');
});

test('each fault of the page comes where the page says', async () => {
  const agent = await RawAgent.create(kma, 'refused');
  const other = await RawAgent.create(kma, 'other');
  await kma.ask(
    'CreateKeyPolicy',
    { policy: 'held', encryptionPeriod: '1d', cryptoperiod: '1d' },
    COMPLIANCE,
  );
  await kma.ask('CreateKeyGroup', { group: 'held', policy: 'held' }, COMPLIANCE);
  await kma.ask('AssignKeyGroup', { agent: 'refused', group: 'held' }, COMPLIANCE);
  const dataUnitId = await agent.createUnit();
  const [held, free] = [await agent.createKey('', 'held'), await agent.createKey(dataUnitId)];
  const seen = [await agent.refusal('RevokeKey', { keyId: held.keyId })];
  assert.equal(await other.refusal('RevokeKey', { keyId: held.keyId }), 1000, 'a group that is not its own');
  seen.push(await agent.refusal('RevokeKey', { keyId: `0000${'5E'.repeat(28)}` }));
  await agent.call('RevokeKey', { keyId: free.keyId });
  await kma.ask('DestroyKeys', { dataUnitId, comment: 'x' }, OPERATOR);
  seen.push(await agent.refusal('RevokeKey', { keyId: free.keyId }));
  seen.push(await agent.refusal('RevokeKey', { keyId: '00' }));
  const core = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core has taken over', () => kma.kma.pids().get('core') !== core && kma.kma.locked());
  await until('it answers', () => agent.call('DiscoverCluster', {}));
  seen.push(await agent.refusal('RevokeKey', { keyId: held.keyId }));
  const listed = [...PAGE.matchAll(/^\| (\d{4}) \|/gm)]
    .map(([, number]) => Number(number))
    .filter((number) => number !== BUSY);
  assert.deepEqual(seen, listed);
});
