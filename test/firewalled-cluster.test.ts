/** Two KMAs, an agent and a manager, each behind the firewall that "kma firewall" writes for it: everything works, and nothing else passes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AGENT_NAME, FirewalledCluster, type Host } from './support/firewalled-cluster.ts';
import { OFFICER, OPERATOR } from './support/kma.ts';
import type { Ended } from './support/network-namespaces.ts';
import { PassingWatch } from './support/passing-watch.ts';
import { until } from './support/until.ts';

const cluster = await FirewalledCluster.start();
after(() => cluster[Symbol.asyncDispose]());
const { net } = cluster;

function json<T>({ status, stdout, stderr }: Ended): T {
  assert.equal(status, 0, stderr + stdout);
  return JSON.parse(stdout) as T;
}

test('an agent enrols, discovers both KMAs, creates a key and gets it back', async () => {
  const { status, stderr } = await cluster.enrol();
  assert.equal(status, 0, stderr);
  const found = json<readonly { readonly name: string; readonly responding: boolean }[]>(
    await cluster.agent('--json', 'discover'),
  );
  assert.deepEqual(found.map(({ name, responding }) => `${name} ${responding}`).sort(), [
    'kma1 true',
    'kma2 true',
  ]);
  const { keyId } = await until('keys are Ready, since both KMAs hold them', async () =>
    json<{ readonly keyId: string }>(await cluster.agent('--json', 'create-key')),
  );
  assert.equal(
    json<{ readonly keyId: string }>(await cluster.agent('--json', 'get-key', keyId)).keyId,
    keyId,
  );
});

test('a manager logs in, lists and changes at one KMA, and sees it at the other: they replicate', async () => {
  assert.equal((await cluster.makeProfile()).status, 0);
  const agents = json<{ readonly rows: readonly { readonly agent: string }[] }>(
    await cluster.okmAs('kma1', OPERATOR, 'agent', 'list', '--json'),
  );
  assert.deepEqual(
    agents.rows.map(({ agent }) => agent),
    [AGENT_NAME],
  );
  json(await cluster.okmAs('kma2', OFFICER, 'site', 'create', 'made-at-kma2', '--json'));
  await until('it is at kma1', async () => {
    const { rows } = await cluster.ask<{ rows: readonly { site: string }[] }>(
      'kma1',
      'ListSites',
      {},
      OFFICER,
    );
    return rows.some(({ site }) => site === 'made-at-kma2');
  });
});

/** Who sends, to whom, over which network, and what passes. */
const PATHS: readonly (readonly [Host, Host, 'management' | 'service', readonly string[]])[] = [
  ['agent', 'kma1', 'service', ['tcp 3331', 'tcp 3332', 'tcp 3334', 'tcp 3335']],
  ['manager', 'kma1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3333', 'tcp 3335']],
  ['kma2', 'kma1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3336', 'udp 123']],
  ['kma2', 'kma1', 'service', []],
  ['kma1', 'agent', 'service', []],
  ['kma1', 'manager', 'management', []],
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
    await net.setRules(to, await cluster.rulesOf(to));
  });

test('of all protocols above IP a KMA takes ICMP, TCP and UDP, as far as it needs them', async () => {
  const watch = await PassingWatch.at(net, 'kma1');
  await watch.probeProtocols('agent', net.ipv4('kma1', 'service'));
  const found = await watch.protocols(net.ipv4('agent', 'service'));
  assert.deepEqual(
    found.filter((protocol) => !['icmp', 'tcp', 'udp'].includes(protocol)),
    [],
  );
});
