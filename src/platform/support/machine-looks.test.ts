/** What Linux tells of the machine, as the support shell shows it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listenersIn, MACHINE_LOOKS } from './machine-looks.ts';

for (const [told, shown] of [
  ['0100007F:0CE4', '127.0.0.1:3300'],
  ['00000000:0016', '0.0.0.0:22'],
  ['00000000000000000000000000000000:0016', '[::]:22'],
  ['00000000000000000000000001000000:0016', '[::1]:22'],
  ['000080FE00000000FF005450FE2F1234:0016', '[fe80::5054:ff:3412:2ffe]:22'],
  ['B80D0120000000000000000001000000:0035', '[2001:db8::1]:53'],
] as const)
  test(`${told} is ${shown}`, () => {
    const [address = ''] = told.split(':');
    const line = `   0: ${told} ${'0'.repeat(address.length)}:0000 0A 0:0 00:0 0 0 0 111 1`;
    assert.deepEqual(listenersIn(line, 'tcp6'), [`tcp6 ${shown}`]);
  });

test('each look shows this machine: a port of this process, this process itself, its disks, addresses and memory', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const shown = Object.fromEntries(
    await Promise.all(Object.entries(MACHINE_LOOKS).map(async ([word, look]) => [word, await look.show()])),
  );
  server.close();
  assert.match(shown['ports'], new RegExp(`^tcp {2}127\\.0\\.0\\.1:${port}$`, 'm'));
  assert.match(shown['processes'], new RegExp(`^ +${process.pid} +${process.ppid} `, 'm'));
  assert.match(shown['disk'], /\/\n/);
  assert.match(shown['network'], /127\.0\.0\.1\/8/);
  assert.match(shown['memory'], /^MemTotal: +\d+ kB$/m);
});
