/** The firewalls that "kma firewall" writes for addresses of IPv6: of all 65,535 ports of each party, TCP and UDP, exactly those of the table of ports pass, and hosts still find each other. No KMA runs: what passes does not depend on it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { nftablesText } from '../src/firewall/nftables.ts';
import { rulesetOf } from '../src/firewall/ruleset.ts';
import { settingOf } from '../src/firewall/setting.fixture.ts';
import type { Side } from '../src/firewall/setting.ts';
import { TestNetwork } from './support/network-namespaces.ts';
import { PassingWatch } from './support/passing-watch.ts';

type Host = 'agent' | 'manager' | 'kma-1' | 'kma-2';
type Link = 'management' | 'service';

const net = TestNetwork.make<Host, Link>({
  agent: ['service'],
  manager: ['management'],
  'kma-1': ['management', 'service'],
  'kma-2': ['management', 'service'],
});
after(() => net[Symbol.asyncDispose]());

const KMAS = ['kma-1', 'kma-2'] as const;
const places = {
  KMAs: KMAS.flatMap((kma) => [net.ipv6(kma, 'management'), net.ipv6(kma, 'service')]),
  agents: [net.ipv6('agent', 'service')],
  managers: [net.ipv6('manager', 'management')],
};
async function writeRules(host: Host, side: Side): Promise<void> {
  const own =
    side === 'kma'
      ? { management: [net.ipv6(host, 'management')], service: [net.ipv6(host, 'service')] }
      : {};
  await net.setRules(host, nftablesText(rulesetOf(settingOf(side, places, own))));
}
await writeRules('agent', 'agent');
await writeRules('manager', 'manager');
for (const kma of KMAS) await writeRules(kma, 'kma');

/** Who sends, to whom, over which network, and what passes. */
const PATHS: readonly (readonly [Host, Host, Link, readonly string[]])[] = [
  ['agent', 'kma-1', 'service', ['tcp 3331', 'tcp 3332', 'tcp 3334', 'tcp 3335']],
  ['manager', 'kma-1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3333', 'tcp 3335', 'tcp 443']],
  ['kma-2', 'kma-1', 'management', ['tcp 3331', 'tcp 3332', 'tcp 3336', 'udp 123']],
  ['kma-2', 'kma-1', 'service', ['tcp 3331', 'tcp 3332']],
  ['kma-1', 'agent', 'service', []],
  ['kma-1', 'manager', 'management', []],
];

for (const [from, to, network, expected] of PATHS)
  test(`of all ports of ${to} on the ${network} network ${from} reaches ${expected.join(', ') || 'none'}`, async () => {
    const [source, target] = [net.ipv6(from, network), net.ipv6(to, network)];
    const watch = await PassingWatch.at(net, to);
    await watch.probePast(from, target, source);
    assert.deepEqual(await watch.passed(source), [...expected].sort());
  });

for (const [from, to, network, expected] of PATHS.slice(0, 3))
  test(`the firewall of ${from} lets out to ${to} ${expected.join(', ')}, and nothing else`, async () => {
    const [source, target] = [net.ipv6(from, network), net.ipv6(to, network)];
    await net.setRules(to, '');
    const watch = await PassingWatch.at(net, to);
    await watch.probeThrough(from, target, source, expected);
    assert.deepEqual(await watch.passed(source), [...expected].sort());
    await writeRules(to, 'kma');
  });
