/** The short form of "npm run failover": one KMA is killed, one locked, one cut off where that is possible, one upgraded, while agents loop; no call of okm-agent's library fails, and where somebody wanted it so none of an agent that does only what the protocol says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REPLICATION_VERSION } from '../src/version.ts';
import { programFed } from './support/kma-command.ts';

const LOOP = fileURLToPath(new URL('failover-loop.ts', import.meta.url));

test('agents do not notice that KMAs are killed, locked, cut off and upgraded', async () => {
  const { status, stdout, stderr } = await programFed(
    '',
    {},
    LOOP,
    '--short',
    '--away',
    '1000',
    '--timeout',
    '60000',
  );
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /killed 1, locked 1, (cut off 1, )?upgraded 1/);
  const later = stdout.matchAll(new RegExp(`kma-\\d ${REPLICATION_VERSION + 1}\\b`, 'g'));
  assert.equal([...later].length, 1, stdout);
  const calls = [...stdout.matchAll(/(\d+) calls, 0 failed/g)].map(([, count]) => Number(count));
  assert.equal(calls.length, 2, stdout);
  for (const count of calls) assert.ok(count > 30, stdout);
});
