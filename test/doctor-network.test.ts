/** What a doctor says of a network in which there is no way to a KMA, each time in its own words: no route, a dead host, filters that drop, reject or reset, a firewall of one's own, names. Hosts are network namespaces. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Examination } from '@openkma/agent/doctor';
import { TestNetwork } from './support/network-namespaces.ts';
import { until } from './support/until.ts';

const AGENT_PROGRAM = fileURLToPath(new URL('../agent/src/cli/okm-agent.ts', import.meta.url));
const ALL = [3331, 3332, 3334, 3335];
/** Takes connections on these ports and answers nothing that a KMA would. */
const LISTEN = `
const ports = JSON.parse(process.argv[1]);
let open = 0;
for (const port of ports)
  require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('SSH-2.0-other\\r\\n')))
    .listen({ port, host: '::' }, () => ++open === ports.length && console.log('listens'));`;

const makeNetwork = () => TestNetwork.make({ agent: ['lan'], kma: ['lan'] });
let network: ReturnType<typeof makeNetwork>;
const folder = mkdtempSync(join(tmpdir(), 'openkma-doctor-'));
before(async () => {
  network = makeNetwork();
  let said = '';
  const listener = network.start('kma', [process.execPath, '-e', LISTEN, JSON.stringify(ALL)], {
    stdio: 'pipe',
  });
  listener.stdout?.on('data', (text) => {
    said += text;
  });
  await until('the ports are open', () => said.includes('listens'));
});
after(async () => {
  await network?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** With these files in place of those of the machine. */
async function doctor(kma: string, files: Readonly<Record<string, string>> = {}): Promise<Examination> {
  const mounts = Object.entries(files).map(([path, content], index) => {
    const file = join(folder, `file-${index}`);
    writeFileSync(file, content);
    return `mount --bind '${file}' '${path}'; `;
  });
  const command = [process.execPath, AGENT_PROGRAM, '--profile', join(folder, 'none'), '--json', 'doctor'];
  const shell = ['unshare', '--mount', 'sh', '-c', `${mounts.join('')}exec "$@"`, 'sh'];
  const { status, stdout, stderr } = await network.run('agent', [...shell, ...command, '--kma', kma]);
  assert.equal(status, 10, stdout + stderr);
  return JSON.parse(stdout) as Examination;
}

/** One piece of advice for all there is. */
function assertSays({ advice }: Examination, cause: string, ports: readonly number[], problem: RegExp): void {
  assert.deepEqual(
    advice.map((one) => [one.cause, one.ports]),
    [[cause, ports]],
    JSON.stringify(advice),
  );
  assert.match(advice[0]?.problem ?? '', problem);
}

const rules = (hook: 'input' | 'output', ...lines: readonly string[]) =>
  `table inet test {\nchain rules {\ntype filter hook ${hook} priority 0\n${lines.join('\n')}\n}\n}`;
const at = () => network.ipv4('kma', 'lan');

test('an address to which no route leads', async () => {
  assertSays(
    await doctor('192.0.2.1'),
    'no-route',
    [],
    /has no route to 192\.0\.2\.1 \(192\.0\.2\.1: ENETUNREACH\)/,
  );
  assertSays(await doctor('[2001:db8::1]'), 'no-route', [], /has no route to \[2001:db8::1\]/);
});

test('an address that no host has', async () => {
  // The kernel gives up a moment before the doctor does, where nothing holds it up.
  const examined = await until(
    'the kernel gives up first',
    async () => {
      const one = await doctor('10.77.1.99');
      return one.advice.every(({ cause }) => cause === 'unreachable') && one;
    },
    120_000,
  );
  assertSays(examined, 'unreachable', ALL, /nobody has the address of 10\.77\.1\.99: the host is down/);
});

test('a host that is up and on which nothing listens', async () => {
  const examined = await doctor(network.ipv4('agent', 'lan'));
  assertSays(examined, 'refused', ALL, /is up, and no KMA listens there/);
});

test('a firewall that drops all, over IPv4 and IPv6', async () => {
  await network.setRules('kma', rules('input', 'tcp dport 3331-3336 drop'));
  assertSays(await doctor(at()), 'silent', ALL, /nothing answers at .*the host is down, or a firewall/);
  assertSays(await doctor(`[${network.ipv6('kma', 'lan')}]`), 'silent', ALL, /nothing answers at \[fd77/);
  await network.setRules('kma', '');
});

test('a firewall that rejects one port, says that it is prohibited or resets it', async () => {
  const about3334 = ({ advice }: Examination) => advice.find(({ ports }) => ports.includes(3334));
  for (const [how, cause, problem] of [
    [
      'reject with icmpx type admin-prohibited',
      'unreachable',
      /port 3334 of .*a router refuses the way there/,
    ],
    ['reject with tcp reset', 'refused', /^3334 is refused at /],
  ] as const) {
    await network.setRules('kma', rules('input', `tcp dport 3334 ${how}`));
    const found = about3334(await doctor(at()));
    assert.deepEqual([found?.cause, found?.ports], [cause, [3334]]);
    assert.match(found?.problem ?? '', problem);
  }
  await network.setRules('kma', '');
});

test("a firewall of one's own that drops what leaves", async () => {
  await network.setRules('agent', rules('output', 'tcp dport 3331-3336 drop'));
  const [advice] = (await doctor(at())).advice;
  assert.deepEqual(advice?.ports, ALL);
  assert.ok(['prohibited', 'silent'].includes(advice?.cause ?? ''), advice?.cause);
  await network.setRules('agent', '');
});

test('what listens there and is no KMA', async () => {
  const { advice } = await doctor(at());
  assert.deepEqual(advice.map(({ cause }) => cause).sort(), ['cut', 'tls-none']);
});

test('a name that is in no DNS, and a DNS that does not answer', async () => {
  const hosts = { '/etc/hosts': '127.0.0.1 localhost\n' };
  const silent = await doctor('kma.example', { ...hosts, '/etc/resolv.conf': 'nameserver 10.77.1.99\n' });
  assertSays(silent, 'name-server-silent', [], /no DNS server tells .* the address of kma\.example/);
  const port = network.start(
    'kma',
    [
      'dnsmasq',
      '--keep-in-foreground',
      '--no-resolv',
      '--no-hosts',
      '--local=/example/',
      `--listen-address=${at()}`,
      '--bind-interfaces',
      '--pid-file=',
    ],
    { stdio: 'ignore' },
  );
  await new Promise((resolve, reject) => {
    port
      .once('spawn', resolve)
      .once('error', () => reject(new Error('dnsmasq is missing: the Debian package dnsmasq-base')));
  });
  const resolv = { ...hosts, '/etc/resolv.conf': `nameserver ${at()}\n` };
  await until(
    'the DNS server answers',
    async () => (await doctor('kma.example', resolv)).advice[0]?.cause === 'name-unknown',
  );
  assertSays(
    await doctor('kma.example', resolv),
    'name-unknown',
    [],
    /name of kma\.example has no address at /,
  );
});
