/** The short form of "npm run chaos": three KMAs as process trees, agents and people at work, processes killed and stopped, KMAs cut off; nothing that was acknowledged is missing, and all have one state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programFed } from './support/kma-command.ts';

const CHAOS = fileURLToPath(new URL('chaos.ts', import.meta.url));
const OPERATIONS = 80;
/** As many as there are kinds where everything can be done: each comes once before any comes again. */
const FAULTS = 9;
/** What is seen of each fault, as it is printed. */
const KINDS = [
  /^ *\d+ {2}kill -9 (core|front|management-front|reader|replicator|platform) at kma-\d: process \d+ is gone$/m,
  /^ *\d+ {2}kill -9 supervisor at kma-\d: process \d+ is gone$/m,
  /^ *\d+ {2}kill -9 whole KMA at kma-\d: 7 processes are gone$/m,
  /^ *\d+ {2}stop (core|front|management-front|reader|replicator|platform) at kma-\d: process \d+ stood still for \d+ ms$/m,
  /^ *\d+ {2}stop whole KMA at kma-\d: 7 processes stood still for \d+ ms$/m,
  /^ *\d+ {2}restart at kma-\d: process \d+ in the place of \d+$/m,
];
/** Only where this machine and its user can have them. */
const CUTS = [
  /^ *\d+ {2}cut at kma-\d: (until|through) /m,
  /^ *\d+ {2}cut one way at kma-\d: (until|through) /m,
];
const POWER = /^ *\d+ {2}power loss: process \d+ in the place of \d+$/m;

test('what was acknowledged while processes were killed is at every KMA, and all states are equal', async () => {
  const { status, stdout, stderr } = await programFed(
    '',
    {},
    CHAOS,
    ...['--operations', String(OPERATIONS), '--faults', String(FAULTS), '--seed', '5'],
  );
  assert.equal(status, 0, stdout + stderr);
  const [, acknowledged, faults, asked] =
    /(\d+) acknowledged, \d+ refused or not answered, (\d+) faults, (\d+) asked back, 0 missing or wrong, 0 damaged, 0 grew, states equal/.exec(
      stdout,
    ) ?? [];
  assert.ok(Number(acknowledged) >= OPERATIONS, stdout);
  assert.equal(Number(faults), FAULTS);
  const possible = [
    ...KINDS,
    ...(stdout.includes('each KMA in its network namespace') ? CUTS : []),
    ...(stdout.includes('has a disk that loses power') ? [POWER] : []),
  ];
  for (const kind of possible) assert.match(stdout, kind);
  assert.ok(Number(asked) > OPERATIONS, 'what was acknowledged was asked for');
});
