/** Of all 65,535 ports of each party, TCP and UDP, what passes the firewalls that "kma firewall" writes is exactly what the table of ports names, whoever sends. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FirewalledCluster, type Host } from './support/firewalled-cluster.ts';
import { PassingWatch } from './support/passing-watch.ts';

const cluster = await FirewalledCluster.start();
after(() => cluster[Symbol.asyncDispose]());
const { network: net } = cluster;

/** Who sends, to whom, over which network, and what passes. */
const PATHS: readonly (readonly [Host, Host, 'management' | 'service', readonly string[]])[] = [
  ['agent', 'kma-1', 'service', ['tcp 3331', 'tcp 3332', 'tcp 3334', 'tcp 3335']],
  ['manager', 'kma-1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3333', 'tcp 3335', 'tcp 443']],
  ['kma-2', 'kma-1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3336', 'udp 123']],
  ['kma-2', 'kma-1', 'service', ['tcp 3331', 'tcp 3332']],
  ['kma-1', 'agent', 'service', []],
  ['kma-1', 'manager', 'management', []],
];

for (const [from, to, network, expected] of PATHS)
  test(`of all ports of ${to} on the ${network} network ${from} reaches ${expected.join(', ') || 'none'}`, async () => {
    const [source, target] = [net.ipv4(from, network), net.ipv4(to, network)];
    const watch = await PassingWatch.at(net, to);
    await watch.probePast(from, target, source);
    assert.deepEqual(await watch.passed(source), [...expected].sort());
  });

for (const [from, to, network, expected] of PATHS.slice(0, 3))
  test(`the firewall of ${from} lets out to ${to} ${expected.join(', ')}, and nothing else`, async () => {
    const [source, target] = [net.ipv4(from, network), net.ipv4(to, network)];
    await net.setRules(to, '');
    const watch = await PassingWatch.at(net, to);
    await watch.probeThrough(from, target, source, expected);
    assert.deepEqual(await watch.passed(source), [...expected].sort());
    await cluster.close([]);
  });

test('of all protocols above IP a KMA takes ICMP, TCP and UDP, as far as it needs them', async () => {
  const watch = await PassingWatch.at(net, 'kma-1');
  await watch.probeProtocols('agent', net.ipv4('kma-1', 'service'));
  const found = await watch.protocols(net.ipv4('agent', 'service'));
  assert.deepEqual(
    found.filter((protocol) => !['icmp', 'tcp', 'udp'].includes(protocol)),
    [],
  );
});
