/** The commands that are printed to be copied once a KMA was made: they serve it where it was said to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCommands, serveWords } from './next-commands.ts';

const SERVED = { managementAddress: '192.0.2.10', serviceAddress: '2001:db8::10' };
const SERVE = 'kma --data DIR serve --management-address 192.0.2.10 --service-address 2001:db8::10';

test('"serve" is given both addresses, and "unlock" who asks where the KMA does not unlock itself', () => {
  assert.equal(nextCommands('kma --data DIR', SERVED, null), SERVE);
  assert.equal(
    nextCommands('kma --data DIR', SERVED, 'officer'),
    `${SERVE}, then kma --data DIR unlock --user officer`,
  );
});

test('a network without an address is left out, and what a shell would change is quoted', () => {
  assert.deepEqual(serveWords({ managementAddress: '', serviceAddress: '[2001:db8::10]' }), [
    'serve',
    "--service-address '[2001:db8::10]'",
  ]);
});
