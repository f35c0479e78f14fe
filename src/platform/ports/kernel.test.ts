/** What is read of the kernel's tables of sockets, from texts and from real sockets of this process. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { kernelSockets } from './kernel.ts';
import { readSockets } from './proc-net.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

test('sockets of both families are read with their ports, partners and inodes', () => {
  const text = `${HEAD}
   0: 0100007F:0D06 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0A0200C0:9C40 050200C0:1972 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1
   2: 0A0200C0:9C41 050200C0:1972 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1`;
  assert.deepEqual(readSockets(text, 'tcp'), [
    {
      ...{ transport: 'tcp', state: 'listening', local: { address: '127.0.0.1', port: 3334 } },
      ...{ remote: null, inode: '111' },
    },
    {
      ...{ transport: 'tcp', state: 'connected', local: { address: '192.0.2.10', port: 40_000 } },
      ...{ remote: { address: '192.0.2.5', port: 6514 }, inode: '222' },
    },
  ]);
  const six = `${HEAD}
   0: 00000000000000000000000000000000:0D06 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 333 1
   1: B80D0120000000000000000001000000:9C40 B80D0120000000000000000005000000:0035 01 0:0 00:0 0 0 0 444 1
   2: 0000000000000000FFFF00000A0200C0:9C42 0000000000000000FFFF0000050200C0:0202 02 0:0 00:0 0 0 0 555 1`;
  assert.deepEqual(
    readSockets(six, 'tcp').map(({ remote, inode }) => [remote?.address ?? null, inode]),
    [
      [null, '333'],
      ['2001:db8::5', '444'],
      ['192.0.2.5', '555'],
    ],
  );
});

test('UDP sockets without a partner listen, and lines that are none of a table are nothing', () => {
  const text = `${HEAD}   9: 00000000:007B 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 777 2 0 0\nnonsense\n\n`;
  assert.deepEqual(readSockets(text, 'udp'), [
    {
      ...{ transport: 'udp', state: 'listening', local: { address: '0.0.0.0', port: 123 } },
      ...{ remote: null, inode: '777' },
    },
  ]);
  assert.deepEqual(readSockets('', 'tcp'), []);
});

test('real sockets are found with the process that has them; accepted connections are left out', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [{ destroy(): void }];
  await once(client, 'connect');
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  t.after(() => {
    client.destroy();
    accepted.destroy();
    server.close();
    udp.close();
  });
  const own = kernelSockets({ parent: process.pid, instance: 'none' })?.filter(({ holders }) =>
    holders.some(({ pid }) => pid === process.pid),
  );
  const places = own?.map(({ transport, state, local, remote }) => [transport, state, local.port, remote]);
  const partner = { address: '127.0.0.1', port };
  assert.deepEqual(
    places?.filter(([, , place]) => place === port),
    [['tcp', 'listening', port, null]],
  );
  assert.ok(places?.some(([, , place]) => place === udp.address().port));
  assert.ok(
    places?.some(
      ([, state, , remote]) => state === 'connected' && JSON.stringify(remote) === JSON.stringify(partner),
    ),
  );
  // A process is of a KMA only where its supervisor has started it so.
  for (const { holders } of own ?? [])
    assert.deepEqual(
      holders.map((holder) => holder.own),
      [false],
    );
});
