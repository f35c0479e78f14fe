/** "kma serve" as a process of its own: the addresses of two networks, IPv6, and what happens when it is there twice or is killed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enroll, KmaClient, loadProfile } from '@openkma/agent';
import { PORTS, type ServiceName } from '../src/ports.ts';
import { builtPages } from '../src/services/web/built-pages.ts';
import { accepts } from './support/accepts.ts';
import { drawnPort } from './support/free-port.ts';
import { AGENT_PASSPHRASE, OFFICER, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { isAlive, ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const HOST = '::1';
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === HOST),
);

const kma = await TestKma.start({ answers: { managementAddress: HOST, serviceAddress: HOST } });
const running: ServedKma[] = [];
after(async () => {
  for (const served of running) await served.end('SIGKILL');
  await kma[Symbol.asyncDispose]();
});
for (const agent of ['drive-1', 'drive-2']) await kma.createAgent(agent);
await kma.stop();
const shell = new KmaShell(kma.data, kma.folder);

async function serve(...options: string[]): Promise<ServedKma> {
  const served = await ServedKma.start(kma, ...options);
  running.push(served);
  return served;
}

/** The web Manager only where its pages are built. */
const EXPECTED = PORTS.filter(({ service }) => service !== 'web' || builtPages() !== undefined);

/** What it says it listens on: service, host and port. */
function listensOf(served: ServedKma): { service: string; host: string; port: number }[] {
  return [
    ...served.stderr.matchAll(/^ +(\w+) +(?:\[(\S+)\]|(\S+)):(\d+)(?: once there is another KMA)?$/gm),
  ].map(([, service = '', ipv6, ipv4 = '', port]) => ({ service, host: ipv6 ?? ipv4, port: Number(port) }));
}

test('over IPv6 an agent enrols, discovers the KMA and gets a key', async (t) => {
  if (!hasIpv6) return t.skip('this machine has no IPv6');
  const served = await serve('--listen', HOST);
  const listens = listensOf(served);
  assert.deepEqual(new Set(listens.map(({ host }) => host)), new Set([HOST]));
  assert.doesNotMatch(served.stderr, /entered as/);
  const {
    management: _,
    replication: __,
    web: ___,
    ...ports
  } = Object.fromEntries(listens.map(({ service, port }) => [service, port])) as Record<ServiceName, number>;
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
  assert.equal(member?.kmaNetworkAddressIpv6, HOST);
  assert.doesNotMatch(member?.kmaNetworkAddress ?? '', /:/, 'old agents take no IPv6 literal');
  const { keyId } = await client.createKey();
  assert.equal((await client.retrieveKey(keyId)).keyId, keyId);
  client.close();
  const [record] = await shell.rows<{ entityAddress: string }>(
    'audit list --filter operation=RetrieveKey2 --limit 1',
    { user: OFFICER },
  );
  assert.equal(record?.entityAddress, HOST);
  assert.equal(await served.end('SIGINT'), 0);
});

test('two addresses: every port on its networks and on no other; a second serve is refused', async () => {
  const [management, service] = ['127.0.0.1', '127.0.0.2'];
  const served = await serve('--management-address', management, '--service-address', service);
  const listens = listensOf(served);
  for (const { service: name, networks } of EXPECTED) {
    const port = listens.find((listen) => listen.service === name)?.port ?? 0;
    for (const [network, host] of Object.entries({ management, service })) {
      // Nobody else is there to replicate with.
      const expected = name !== 'replication' && networks.some((one) => one === network);
      assert.equal(await accepts(host, port), expected, `${name} on the ${network} network`);
    }
    assert.equal(await accepts('127.0.0.3', port), false, `${name} elsewhere`);
  }
  const command = ['serve', '--port-offset', '29500', '--listen', '127.0.0.3'];
  const second = await shell.refused(command, 'conflict', 'DATA_DIRECTORY_IN_USE');
  assert.match(second.stderr, /what to do: Stop it first/);
  const status = await shell.text('status');
  assert.match(status, /is running and unlocked/);
  for (const [network, address] of Object.entries({ management, service })) {
    const told = `at ${address} on the ${network} network, where it is entered as ${HOST}, `;
    assert.ok(served.stderr.includes(told), served.stderr);
    assert.ok(status.includes(told), status);
  }
  assert.match(
    status,
    /kma --data \S+ member modify \S+ --management-address 127\.0\.0\.1 --service-address 127\.0\.0\.2"/,
  );

  const children = served.children();
  assert.ok(children.length >= 4 && children.every(isAlive));
  assert.equal(await served.end('SIGKILL'), null);
  await until('the children of a killed supervisor end', () => children.every((pid) => !isAlive(pid)));
  await shell.refused('status', 'unavailable', 'NOT_RUNNING');
  const again = await serve();
  assert.match(await shell.text('status'), /is running and unlocked/);
  assert.equal(await again.end('SIGTERM'), 0);
});

test('the command that it prints for agents enrols one', async () => {
  const served = await serve();
  const [, printed = ''] = /agents enrol with: (.*)\n/.exec(served.stderr) ?? [];
  const profile = kma.profile('drive-2');
  const command = printed.replace(' enroll ', ` --profile ${profile} enroll `).replace('AGENT', 'drive-2');
  const { status, stderr } = spawnSync('/bin/sh', ['-c', command], {
    input: AGENT_PASSPHRASE,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal((await loadProfile(profile)).ports.agent, served.ports.agent);
  assert.equal(await served.end('SIGTERM'), 0);
});

test('with --json it says on one stream for programs where it listens, and stops on a hangup', async () => {
  const served = await serve('--json');
  const { event, locked, listens } = JSON.parse(served.stdout);
  assert.deepEqual([event, locked], ['ready', false]);
  await until('people are told too', () => /^ready/m.test(served.stderr));
  assert.deepEqual(listens, listensOf(served));
  assert.equal(await served.end('SIGHUP'), 0);
  assert.match(served.stderr, /SIGHUP: stopping\nstopped: all its processes have ended\n$/);
});

/** One port of a KMA held, while the others of the same offset were free a moment ago: nobody else's is the one that is refused. */
async function holdPort(): Promise<{ holder: Server; port: number; portOffset: number }> {
  for (;;) {
    const portOffset = drawnPort();
    const held = PORTS.map(({ port }) =>
      createServer().listen({ host: '127.0.0.1', port: port + portOffset }),
    );
    const [first, ...others] = held;
    const outcomes = await Promise.allSettled(held.map((server) => once(server, 'listening')));
    for (const server of others) server.close();
    if (first !== undefined && outcomes.every(({ status }) => status === 'fulfilled'))
      return { holder: first, port: (first.address() as AddressInfo).port, portOffset };
    first?.close();
  }
}

test('a taken port, a foreign address and a wrong number are refused before anything is started', async () => {
  const { holder, port, portOffset } = await holdPort();
  try {
    const taken = await shell.refused(`serve --port-offset ${portOffset}`, 'failure', 'PORT_TAKEN');
    assert.match(taken.stderr, new RegExp(`port ${port} at 127.0.0.1 is held by .*process ${process.pid}`));
    assert.match(taken.stderr, /what to do: .*--port-offset/);
  } finally {
    holder.close();
  }
  await shell.refused('serve --listen 192.0.2.77', 'failure', 'ADDRESS_UNUSABLE');
  await shell.refused('serve --listen localhost', 'usage', 'USAGE');
  await shell.refused('serve --port-offset 65000', 'usage', 'USAGE');
  await shell.refused('serve --fronts none', 'usage', 'USAGE');
});

test('as root with a directory for temporary files that fronts cannot enter, it does not pretend to serve', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('not started as root');
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = mkdtempSync(join(kma.folder, 'closed-'));
  try {
    const command = `serve --fronts 1 --listen 127.0.0.4 --port-offset ${drawnPort()}`;
    const refused = await shell.refused(command, 'failure', 'SERVER_ERROR');
    assert.match(refused.stderr, /a front cannot start: connect EACCES .*(?:core|management)\.sock/);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});
