/** The short form of "npm run chaos": three KMAs as process trees, agents and people at work, processes killed and stopped, KMAs cut off; nothing that was acknowledged is missing, and all have one state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programFed } from './support/kma-command.ts';

const CHAOS = fileURLToPath(new URL('chaos.ts', import.meta.url));

test('what was acknowledged while processes were killed is at every KMA, and all states are equal', async () => {
  const { status, stdout, stderr } = await programFed(
    '',
    {},
    CHAOS,
    '--operations',
    '60',
    '--faults',
    '4',
    '--seed',
    '5',
  );
  assert.equal(status, 0, stdout + stderr);
  const [, acknowledged, faults, asked] =
    /(\d+) acknowledged, \d+ refused or not answered, (\d+) faults, (\d+) asked back, 0 missing or wrong, 0 damaged, 0 grew, states equal/.exec(
      stdout,
    ) ?? [];
  assert.ok(Number(acknowledged) >= 60, stdout);
  assert.equal(Number(faults), 4);
  assert.ok(Number(asked) > 60, 'what was acknowledged was asked for');
});
