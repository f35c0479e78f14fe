/** An edge between a site and the world with the rules of "kma firewall --for edge", in both families: what the parties need passes, and IPv6 that hides in IPv4 does not, however the packets come. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { kmaCommand } from './support/kma-command.ts';
import { TestNetwork } from './support/network-namespaces.ts';
import { PassingWatch } from './support/passing-watch.ts';
import { until } from './support/until.ts';

const net = TestNetwork.make({ kma: ['site'], edge: ['site', 'world'], agent: ['world'] });
after(() => net[Symbol.asyncDispose]());
const KMA = [net.ipv4('kma', 'site'), net.ipv6('kma', 'site')] as const;
const AGENT = [net.ipv4('agent', 'world'), net.ipv6('agent', 'world')] as const;

for (const setting of ['ipv4.ip_forward', 'ipv6.conf.all.forwarding'])
  await net.must('edge', 'sh', '-c', `echo 1 > /proc/sys/net/${setting.replaceAll('.', '/')}`);
for (const [host, network] of [
  ['kma', 'site'],
  ['agent', 'world'],
] as const) {
  await net.must(host, 'ip', 'route', 'add', 'default', 'via', net.ipv4('edge', network));
  await net.must(host, 'ip', '-6', 'route', 'add', 'default', 'via', net.ipv6('edge', network));
}
const written = await kmaCommand(
  ...[
    'firewall',
    '--for',
    'edge',
    '--kma',
    KMA[0],
    '--kma',
    KMA[1],
    '--agent',
    AGENT[0],
    '--agent',
    AGENT[1],
  ],
);
await net.setRules('edge', written.stdout);

/** A listener that answers with one letter. */
async function listen(port: number): Promise<void> {
  const program = `require('node:net').createServer((s) => s.end('x')).listen(${port}, '::', () => console.log('there'))`;
  const child = net.start('kma', [process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout?.on('data', (text) => {
    said += text;
  });
  await until('it listens', () => said !== '');
}
/** Gives up after a second, as what is dropped answers never. */
async function reached(address: string, port: number): Promise<boolean> {
  const program = `const s = require('node:net').connect(${port}, '${address}');
    s.on('data', () => process.exit(0)); s.on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 1000)`;
  return (await net.run('agent', [process.execPath, '-e', program])).status === 0;
}
const counterOf = async (comment: string) => {
  const listed = await net.must('edge', 'nft', 'list', 'table', 'inet', 'openkma');
  return Number(new RegExp(`counter packets (\\d+) .*"${comment}"`).exec(listed)?.[1]);
};

test('agents reach the agent service through the edge over IPv4 and over IPv6, and 3333 over neither', async () => {
  await listen(3334);
  await listen(3333);
  for (const address of KMA) {
    await until(`${address} answers`, () => reached(address, 3334));
    assert.equal(await reached(address, 3333), false);
  }
});

/** From the KMA to the agent's host: every protocol there is, and Teredo. */
async function sendTunnels(): Promise<readonly string[]> {
  const watch = await PassingWatch.at(net, 'agent');
  await watch.probeProtocols('kma', AGENT[0]);
  await net.must('kma', 'nmap', '-sU', '-Pn', '-n', '-p', '3544', AGENT[0]);
  return [...(await watch.passed(KMA[0])), ...(await watch.protocols(KMA[0]))];
}

test('protocol 41 and UDP port 3544 are dropped and counted, also where a flow of them existed before', async () => {
  const follow = 'table inet t { chain c { type filter hook forward priority 0; ct state new accept; }; }';
  await net.setRules('edge', follow);
  const open = await sendTunnels();
  for (const tunnel of ['ipv6', 'udp 3544']) assert.ok(open.includes(tunnel), `${tunnel} in ${open}`);
  await net.setRules('edge', written.stdout);
  assert.deepEqual(await sendTunnels(), ['icmp']);
  assert.ok((await counterOf('IPv6 within IPv4')) > 0);
  assert.ok((await counterOf('IPv6 within UDP, Teredo')) > 0);
});
