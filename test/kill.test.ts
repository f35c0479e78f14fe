/** The core is killed with signal 9 while agents create keys (architecture, invariants 1, 3 and 5). test/kill-many.ts does the same a hundred times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentLoad } from './support/agent-load.ts';
import { killCoreUnderLoad } from './support/core-kills.ts';
import { TestKma } from './support/kma.ts';
import { inspectStore } from './support/stored-keys.ts';

const KILLS = 4;
const AGENTS = 3;

test('kill -9 of the core under load loses no acknowledged key and issues none twice', async () => {
  await using kma = await TestKma.start();
  const load = await AgentLoad.of(kma, AGENTS);
  const result = await killCoreUnderLoad(kma, load, KILLS);
  load.close();
  assert.equal(result.kills, KILLS);
  assert.ok(result.acknowledged > KILLS, `${result.acknowledged} keys were acknowledged`);
  assert.deepEqual(result.missing, [], 'keys that are not in the store');
  assert.deepEqual(result.notRetrievable, [], 'keys that their agent does not get again');
  assert.deepEqual(result.issuedTwice, [], 'keys that were issued twice');
  assert.deepEqual(result.notAuditedOnce, [], 'hand-outs without exactly one audit record');
  assert.deepEqual(result.damage, [], 'store and audit chains');
  const unknown = `0000${'A'.repeat(56)}`;
  assert.deepEqual(inspectStore(kma.data, [unknown]).missing, [unknown], 'a missing key would be seen');
  const ended = kma.lines.filter((line) => line.startsWith('core was ended by SIGKILL'));
  assert.equal(ended.length, KILLS, 'each kill was one');
});
