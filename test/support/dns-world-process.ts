/** Two KMAs that call each other by name, in a network namespace of their own with real DNS and a watch on every question that leaves. It says what it saw on standard output, and fails with the reason. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterKma, TestCluster } from './cluster.ts';
import { QUORUM } from './kma.ts';
import { until } from './until.ts';

const LONG_MS = 90_000;
/** Longer than some tries to call the other. */
const QUIET_MS = 6_000;
const SERVER = '127.0.0.53';
/** What the system's own configuration names is somewhere else, and every way there is watched. */
const OUTSIDE = [
  'link set lo up',
  'link add out type veth peer name outside',
  'addr add 192.0.2.1/24 dev out',
  'link set outside up',
  'link set out up',
  'neigh add 192.0.2.254 lladdr 02:00:00:00:00:01 dev out',
  'route add default via 192.0.2.254',
];
const children: ChildProcess[] = [];

function start(program: string, argv: readonly string[]): ChildProcess {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.once('error', (error) => assert.fail(`${program}: ${error.message}`));
  children.push(child);
  return child;
}

/** Every packet to a name server, as tcpdump writes it: source > destination, and the question. */
function watchQuestions(): string[] {
  const seen: string[] = [];
  const tcpdump = start('tcpdump', ['-i', 'any', '-n', '-l', 'dst port 53 or dst port 853 or dst port 5353']);
  tcpdump.stdout
    ?.setEncoding('utf8')
    .on('data', (text: string) => seen.push(...text.split('\n').filter(Boolean)));
  return seen;
}

/** The watch would see a look-up that goes by the system's configuration. */
async function proveWatch(seen: string[]): Promise<void> {
  const lookUp = "require('node:dns').lookup('control.example.', () => {})";
  await until('the watch sees what leaves', () => {
    start(process.execPath, ['-e', lookUp]);
    return seen.some((line) => line.includes('control.example')) || pause(500).then(() => false);
  });
  children
    .filter(({ spawnfile }) => spawnfile === process.execPath)
    .forEach((child) => void child.kill('SIGKILL'));
}

function serveNames(addresses: Readonly<Record<string, string>>): ChildProcess {
  return start('dnsmasq', [
    ...[
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--pid-file',
      '--user=root',
      '--no-resolv',
      '--no-hosts',
    ],
    ...['--bind-interfaces', `--listen-address=${SERVER}`, '--local=/kma.test/'],
    ...Object.entries(addresses).map(([name, address]) => `--address=/${name}/${address}`),
  ]);
}

const reads = async (kma: ClusterKma) => (await kma.ask<{ warnings: string[] }>('ShowStatus', {})).warnings;
const site = (kma: ClusterKma, name: string) => kma.ask('CreateSite', { site: name });
const arrives = (kma: ClusterKma, name: string) =>
  until(`${name} arrives at ${kma.name}`, () => kma.sites().includes(name), LONG_MS);

async function run(): Promise<object> {
  for (const line of OUTSIDE) execFileSync('ip', line.split(' '));
  const seen = watchQuestions();
  await proveWatch(seen);
  const cluster = new TestCluster(0);
  try {
    const a = await cluster.first('a', '127.0.0.11');
    const b = await cluster.entry(a, 'b', '127.0.0.12');
    await cluster.join(b, a);
    await b.serve();
    await site(a, 'by-address');
    await arrives(b, 'by-address');
    for (const { name } of [a, b])
      await a.ask('ModifyKma', { kma: name, managementAddress: `${name}.kma.test` }, QUORUM);
    await site(a, 'named');
    await arrives(b, 'named');
    // Connections that there are go on; from here on they are made by name.
    for (const kma of [b, a]) await kma.stop();
    const before = seen.length;
    for (const kma of [a, b]) await kma.serve();
    for (const kma of [a, b]) {
      await assert.rejects(kma.ask('LookUpName', { hostName: 'b.kma.test' }), /has no DNS server/);
      const warned = (warning: string) => warning.includes('has the name') && warning.includes('kma dns set');
      await until('the status says why', async () => (await reads(kma)).some(warned));
    }
    await pause(QUIET_MS);
    const withoutServers = seen.slice(before);
    assert.deepEqual(withoutServers, [], 'without servers nothing is asked');
    serveNames({ 'a.kma.test': a.host, 'b.kma.test': b.host });
    for (const kma of [a, b]) await kma.ask('SetDns', { servers: [SERVER], domain: 'kma.test' });
    await site(a, 'by-name');
    await arrives(b, 'by-name');
    assert.deepEqual(await a.ask('LookUpName', { hostName: 'b' }), { addresses: [b.host] });
    await assert.rejects(a.ask('LookUpName', { hostName: 'nobody' }), /know no address/);
    const namesAsked = () =>
      [...new Set(seen.slice(before).map((line) => /A\? (\S+)\. /.exec(line)?.[1] ?? line))].sort();
    await until('the watch has seen the last question', () => namesAsked().includes('nobody.kma.test'));
    const asked = seen.slice(before);
    const elsewhere = asked.filter((line) => !line.includes(`> ${SERVER}.53:`));
    assert.deepEqual(elsewhere, [], 'nobody else is asked');
    const names = namesAsked();
    const known = ['a.kma.test', 'b.kma.test', 'nobody.kma.test'];
    assert.deepEqual(
      names.filter((name) => !known.includes(name)),
      [],
    );
    assert.ok(names.includes('b.kma.test'));
    for (const kma of [a, b]) await kma.ask('SetDns', { servers: [] });
    for (const kma of [b, a]) await kma.stop();
    const afterwards = seen.length;
    for (const kma of [a, b]) await kma.serve();
    await assert.rejects(a.ask('LookUpName', { hostName: 'b' }), /has no DNS server/);
    await pause(QUIET_MS);
    assert.deepEqual(seen.slice(afterwards), [], 'nor when they were taken away again');
    return {
      withoutServers: withoutServers.length,
      asked: asked.length,
      names,
      elsewhere: elsewhere.length,
    };
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
}

try {
  process.stdout.write(`${JSON.stringify(await run())}\n`);
} finally {
  for (const child of children) child.kill('SIGKILL');
}
