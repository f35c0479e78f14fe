/** What agents asked of a whole KMA is counted by agent, outlives a restart, and is in no backup. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AUDITOR, COMPLIANCE, OPERATOR, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { filesOf, restoreFrom, withStore } from './support/restoring.ts';

interface Listed {
  readonly agent: string;
  readonly createKey: number;
  readonly retrieveKey: number;
  readonly registerKwk: number;
  readonly other: number;
  readonly refused: number;
  readonly meanMs: number;
}

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

test('requests are counted by kind and agent, refused ones too, and a stop writes down what is counted', async () => {
  const busy = await RawAgent.create(kma, 'busy');
  const idle = await RawAgent.create(kma, 'idle');
  const { keyId } = await busy.createKey();
  await busy.createKey();
  const { id: agentKwkId } = await busy.registerKwk();
  const retrieve = { keyId, dataUnit: unitOf(''), keyGroupId: '' };
  await busy.call('RetrieveKey', retrieve);
  await busy.call('RetrieveKey2', { ...retrieve, agentKwkId });
  assert.equal(await busy.refusal('RetrieveKey', { ...retrieve, keyId: '00' }), 1014);
  await kma.ask('ModifyAgent', { agent: 'idle', enabled: false }, OPERATOR);
  assert.equal(await idle.refusal('CreateKey', { dataUnit: unitOf(''), keyGroupId: '' }), 1000);
  await kma.stop();
  await kma.resume();
  const rows = await kma.rows<Listed>('ListAgentPerformance', { span: 'hour' }, COMPLIANCE);
  assert.deepEqual(
    rows.map(({ meanMs: _, ...counts }) => counts),
    [
      { agent: 'busy', createKey: 2, retrieveKey: 3, registerKwk: 1, other: 1, refused: 1 },
      { agent: 'idle', createKey: 1, retrieveKey: 0, registerKwk: 0, other: 0, refused: 1 },
    ],
  );
  for (const { agent, meanMs } of rows) assert.ok(meanMs > 0, agent);
});

test('the list of the KMA has the same requests of all agents together', async () => {
  const rows = await kma.rows<Listed & { beganAt: string; agents: number }>(
    'ListKmaPerformance',
    { span: 'hour' },
    AUDITOR,
  );
  const sum = (name: 'agents' | 'createKey' | 'retrieveKey' | 'refused') =>
    rows.reduce((total, row) => total + row[name], 0);
  assert.deepEqual([sum('createKey'), sum('retrieveKey'), sum('refused')], [3, 3, 2]);
  // The hour may have ended between two requests.
  assert.ok(sum('agents') >= 2);
  for (const { beganAt } of rows) assert.equal(Date.parse(beganAt) % 3_600_000, 0);
});

test('a restored KMA knows nothing of them', async () => {
  const rowsIn = (data: string) =>
    withStore(data, ({ agentPerformance, kmaPerformance }) => [
      agentPerformance.sums(0, Number.MAX_SAFE_INTEGER).length,
      kmaPerformance.hours(0, Number.MAX_SAFE_INTEGER).length > 0,
    ]);
  assert.deepEqual(rowsIn(kma.data), [2, true]);
  const restored = `${kma.folder}/restored`;
  await restoreFrom(filesOf(await kma.backup()), restored);
  assert.deepEqual(rowsIn(restored), [0, false]);
});
