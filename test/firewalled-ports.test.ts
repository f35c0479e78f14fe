/** Of all 65,535 ports of each party, TCP and UDP, what passes the firewalls that "kma firewall" writes is exactly what the table of ports names, whoever sends. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FirewalledCluster } from './support/firewalled-cluster.ts';
import { testPaths } from './support/firewalled-paths.ts';
import { PassingWatch } from './support/passing-watch.ts';

const cluster = await FirewalledCluster.start();
after(() => cluster[Symbol.asyncDispose]());
const { network: net } = cluster;

testPaths({
  network: net,
  address: (host, network) => net.ipv4(host, network),
  writeAgain: () => cluster.close([]),
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
