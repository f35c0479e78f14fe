/** The firewalls that "kma firewall" writes for addresses of IPv6: of all 65,535 ports of each party, TCP and UDP, exactly those of the table of ports pass, and hosts still find each other. No KMA runs: what passes does not depend on it. */
import { after } from 'node:test';
import { nftablesText } from '../src/firewall/nftables.ts';
import { rulesetOf } from '../src/firewall/ruleset.ts';
import { settingOf } from '../src/firewall/setting.fixture.ts';
import type { Side } from '../src/firewall/setting.ts';
import { HOSTS, type Host, testPaths } from './support/firewalled-paths.ts';
import { TestNetwork } from './support/network-namespaces.ts';

const net = TestNetwork.make(HOSTS);
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

testPaths({
  network: net,
  address: (host, network) => net.ipv6(host, network),
  writeAgain: (kma) => writeRules(kma, 'kma'),
});
