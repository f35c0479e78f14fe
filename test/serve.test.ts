/** "kma serve" as a process of its own: the addresses of two networks, IPv6, and what happens when it is there twice or is killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { enroll, KmaClient } from '@openkma/agent';
import { PORTS, type ServiceName } from '../src/ports.ts';
import { AGENT_PASSPHRASE, OFFICER, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { isAlive, ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const HOST = '::1';
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === HOST),
);

const kma = await TestKma.start({ answers: { managementAddress: HOST, serviceAddress: HOST } });
after(() => kma[Symbol.asyncDispose]());
await kma.createAgent('drive-1');
await kma.stop();
const shell = new KmaShell(kma.data, kma.folder);

/** What it says it listens on: service, host and port. */
function listensOf(served: ServedKma): { service: string; host: string; port: number }[] {
  return [...served.stderr.matchAll(/^ +(\w+) +(?:\[(\S+)\]|(\S+)):(\d+)$/gm)].map(
    ([, service = '', ipv6, ipv4 = '', port]) => ({ service, host: ipv6 ?? ipv4, port: Number(port) }),
  );
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('over IPv6 an agent enrols, discovers the KMA and gets a key', async (t) => {
  if (!hasIpv6) return t.skip('this machine has no IPv6');
  const served = await ServedKma.start(kma, '--listen', HOST);
  const listens = listensOf(served);
  assert.deepEqual(new Set(listens.map(({ host }) => host)), new Set([HOST]));
  const ports = Object.fromEntries(listens.map(({ service, port }) => [service, port])) as Record<
    ServiceName,
    number
  >;
  const directory = kma.profile('drive-1');
  await enroll({
    directory,
    agentId: 'drive-1',
    address: HOST,
    passphrase: Buffer.from(AGENT_PASSPHRASE),
    ports,
  });
  const client = await KmaClient.open(directory);
  const [member] = (await client.discover()).members;
  assert.equal(member?.serviceAddress, HOST);
  const { keyId } = await client.createKey();
  assert.equal((await client.retrieveKey(keyId)).keyId, keyId);
  client.close();
  const [record] = await shell.json<{ entityAddress: string }[]>(
    'audit list --operation RetrieveKey2 --limit 1',
    { user: OFFICER },
  );
  assert.equal(record?.entityAddress, HOST);
  assert.equal(await served.end('SIGINT'), 0);
});

test('two addresses: every port on its networks and on no other; a second serve is refused', async () => {
  const [management, service] = ['127.0.0.1', '127.0.0.2'];
  const served = await ServedKma.start(kma, '--management-address', management, '--service-address', service);
  const listens = listensOf(served);
  for (const { service: name, networks } of PORTS) {
    const port = listens.find((listen) => listen.service === name)?.port ?? 0;
    for (const [network, host] of Object.entries({ management, service })) {
      const expected = networks.some((one) => one === network);
      assert.equal(await accepts(host, port), expected, `${name} on the ${network} network`);
    }
  }
  const command = ['serve', '--port-offset', '29500', '--listen', '127.0.0.3'];
  const second = await shell.refused(command, 'conflict', 'DATA_DIRECTORY_IN_USE');
  assert.match(second.stderr, /what to do: Stop it first/);
  assert.match(await shell.text('status'), /is running and unlocked/);

  const children = served.children();
  assert.ok(children.length >= 4 && children.every(isAlive));
  assert.equal(await served.end('SIGKILL'), null);
  await until('the children of a killed supervisor end', () => children.every((pid) => !isAlive(pid)));
  await shell.refused('status', 'unavailable', 'NOT_RUNNING');
  const again = await ServedKma.start(kma);
  assert.match(await shell.text('status'), /is running and unlocked/);
  assert.equal(await again.end('SIGTERM'), 0);
});

test('with --json it says on one stream for programs where it listens, and stops on a hangup', async () => {
  const served = await ServedKma.start(kma, '--json');
  const { event, locked, listens } = JSON.parse(served.stdout);
  assert.deepEqual([event, locked], ['ready', false]);
  assert.deepEqual(listens, listensOf(served));
  assert.equal(await served.end('SIGHUP'), 0);
  assert.match(served.stderr, /SIGHUP: stopping\n$/);
});

test('a taken port, a foreign address and a wrong number are refused before anything is started', async () => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const [first] = PORTS;
  try {
    const taken = await shell.refused(
      ['serve', '--port-offset', String(port - first.port)],
      'failure',
      'PORT_TAKEN',
    );
    assert.match(taken.stderr, new RegExp(`port ${port} at 127.0.0.1 is held by .*process ${process.pid}`));
  } finally {
    holder.close();
  }
  await shell.refused('serve --listen 192.0.2.77', 'failure', 'ADDRESS_UNUSABLE');
  await shell.refused('serve --listen localhost', 'usage', 'USAGE');
  await shell.refused('serve --port-offset 65000', 'usage', 'USAGE');
  await shell.refused('serve --fronts none', 'usage', 'USAGE');
});
