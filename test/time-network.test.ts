/** Two KMAs, an NTP server and an ordinary client, each a host of its own, at UDP 123: a KMA that does not hear the server follows the other one, both peer with each other and serve the client. Prints what chronyc says at both ends. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { askOrThrow } from '../src/cli/admin-client.ts';
import { initialise } from '../src/cli/init-command.ts';
import type { TimeDetails } from '../src/operations/platform/time-details.ts';
import { HOLDERS, OFFICER } from './support/kma.ts';
import { TestNetwork } from './support/network-namespaces.ts';
import { makeMember } from './support/second-member.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

type KmaHost = 'kma-1' | 'kma-2';
type Host = KmaHost | 'server' | 'client';
const LONG_MS = 300_000;

const network = TestNetwork.make<Host, 'management'>({
  'kma-1': ['management'],
  'kma-2': ['management'],
  server: ['management'],
  client: ['management'],
});
const folder = mkdtempSync(join(tmpdir(), 'openkma-time-network-'));
const data = new Map<KmaHost, string>();
after(async () => {
  await network[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (host: Host) => network.ipv4(host, 'management');
const dataOf = (host: KmaHost) => data.get(host) ?? assert.fail(host);
const ask = <T>(host: KmaHost, operation: string, input: object = {}) =>
  askOrThrow(dataOf(host), { operation, input, user: OFFICER, quorum: [] }) as Promise<T>;
const timeOf = (host: KmaHost) => ask<{ following: string; peers: TimeDetails['peers'] }>(host, 'ShowTime');
const follows = (host: KmaHost, words: string) =>
  until(`${host} ${words}`, async () => (await timeOf(host)).following.includes(words), LONG_MS);

/** Of a chronyd, over its socket. */
const chronyc = (socket: string, ...command: readonly string[]) =>
  network.must('client', 'chronyc', '-n', '-h', socket, ...command);
const socketOf = (host: KmaHost) =>
  join(readFileSync(join(dataOf(host), 'platform', 'time', 'run-directory'), 'utf8'), 'chronyd.sock');

/** One that is not a KMA's, and sets no clock. */
function chronyd(host: Host, ...lines: readonly string[]): string {
  const directory = join(folder, host);
  mkdirSync(directory, { mode: 0o700 });
  const [config, socket] = [join(directory, 'chrony.conf'), join(directory, 'chronyd.sock')];
  const own = ['cmdport 0', `bindcmdaddress ${socket}`, `pidfile ${join(directory, 'pid')}`];
  writeFileSync(config, `${[...lines, ...own].join('\n')}\n`);
  network.start(host, ['chronyd', '-d', '-x', '-u', 'root', '-f', config], { stdio: 'ignore' });
  return socket;
}

async function serve(host: KmaHost): Promise<void> {
  const path = dataOf(host);
  await ServedKma.startBehind(
    network.at(host),
    { folder: join(path, '..'), data: path },
    ...['--management-address', at(host), '--service-address', at(host), '--fronts', '1'],
  );
}

before(async () => {
  chmodSync(folder, 0o711);
  const first = join(folder, 'first', 'data');
  await initialise(first, {
    kmaName: 'kma-1',
    threshold: 2,
    credentials: HOLDERS,
    securityOfficer: OFFICER,
    autonomousUnlock: true,
    managementAddress: at('kma-1'),
    serviceAddress: at('kma-1'),
  });
  data.set('kma-1', first);
  data.set('kma-2', await makeMember({ data: first, folder }, { name: 'kma-2', host: at('kma-2') }));
  chronyd('server', 'local stratum 2', 'allow');
  await serve('kma-1');
  await serve('kma-2');
});

/** Nobody of these gets an answer from the server. */
const cutFromServer = (...hosts: readonly KmaHost[]) =>
  network.setRules(
    'server',
    [
      'table inet cut {',
      'chain input {',
      'type filter hook input priority 0',
      ...hosts.map((host) => `ip saddr ${at(host)} drop`),
      '}',
      '}',
    ].join('\n'),
  );

function show(t: TestContext, title: string, text: string): void {
  for (const line of [title, ...text.trim().split('\n')]) t.diagnostic(line);
}

test('a KMA that does not hear the server follows the other one, and the server once it hears it', async (t) => {
  await ask('kma-1', 'SetNtpServer', { server: at('server') });
  await follows('kma-1', 'follows the server');
  // It is asked before it is set, so it is heard until then.
  await ask('kma-2', 'SetNtpServer', { server: at('server') });
  await cutFromServer('kma-2');
  await follows('kma-2', 'follows other KMAs');
  show(t, 'chronyc sources, at kma-2, cut off the server:', await chronyc(socketOf('kma-2'), 'sources'));
  await cutFromServer();
  await follows('kma-2', 'follows the server');
});

test('both follow the server, and each has the other as a peer', async (t) => {
  for (const host of ['kma-1', 'kma-2'] as const)
    await until(
      `${host} hears the other`,
      async () => (await timeOf(host)).peers.some(({ responding, stratum }) => responding && stratum === 3),
      LONG_MS,
    );
  const sources = await chronyc(socketOf('kma-1'), 'sources');
  show(t, 'chronyc sources, at kma-1:', sources);
  assert.match(sources, new RegExp(`^\\^\\* ${at('server').replaceAll('.', '\\.')} `, 'm'));
  assert.match(sources, new RegExp(`^=[-+?] ${at('kma-2').replaceAll('.', '\\.')} `, 'm'));
});

test('an ordinary client follows the KMAs, and they know it as a client; over TCP there is nothing', async (t) => {
  const hosts = ['kma-1', 'kma-2'] as const;
  const socket = chronyd('client', ...hosts.map((host) => `server ${at(host)} iburst minpoll 0 maxpoll 2`));
  const sources = await until('the client follows a KMA', async () => {
    const text = await chronyc(socket, 'sources');
    return /^\^\* /m.test(text) && text;
  });
  show(t, 'chronyc sources, at the client:', sources);
  const tracking = await chronyc(socket, 'tracking');
  show(t, 'chronyc tracking, at the client:', tracking);
  assert.match(tracking, /^Stratum\s+: 4$/m);
  const clients = await chronyc(socketOf('kma-1'), 'clients');
  show(t, 'chronyc clients, at kma-1:', clients);
  assert.match(clients, new RegExp(`^${at('client').replaceAll('.', '\\.')} `, 'm'));
  for (const host of hosts) {
    const { status, stderr } = await network.run('client', [
      'bash',
      '-c',
      `exec 3<>/dev/tcp/${at(host)}/123`,
    ]);
    assert.deepEqual([status, /refused/.test(stderr)], [1, true], stderr);
  }
});
