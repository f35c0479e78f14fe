/** What reaches whom of an agent's machine, a manager's and two KMAs behind the firewalls that "kma firewall" writes, and the tests of it, of IPv4 and IPv6 alike. It writes no rules itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestNetwork } from './network-namespaces.ts';
import { PassingWatch } from './passing-watch.ts';

export type KmaHost = 'kma-1' | 'kma-2';
export type Host = 'agent' | 'manager' | KmaHost;
export type Link = 'management' | 'service';

/** Which host is on which networks. */
export const HOSTS: Readonly<Record<Host, readonly Link[]>> = {
  agent: ['service'],
  manager: ['management'],
  'kma-1': ['management', 'service'],
  'kma-2': ['management', 'service'],
};

interface Path {
  readonly from: Host;
  readonly to: Host;
  readonly network: Link;
  /** What passes. */
  readonly ports: readonly string[];
}

/** Towards KMAs, by the table of ports. */
const TO_KMAS: readonly Path[] = [
  {
    from: 'agent',
    to: 'kma-1',
    network: 'service',
    ports: ['tcp 3331', 'tcp 3332', 'tcp 3334', 'tcp 3335'],
  },
  {
    from: 'manager',
    to: 'kma-1',
    network: 'management',
    ports: ['tcp 3331', 'tcp 3332', 'tcp 3333', 'tcp 3335', 'tcp 443'],
  },
  {
    from: 'kma-2',
    to: 'kma-1',
    network: 'management',
    ports: ['tcp 3331', 'tcp 3332', 'tcp 3336', 'udp 123'],
  },
];
const PATHS: readonly Path[] = [
  ...TO_KMAS,
  { from: 'kma-2', to: 'kma-1', network: 'service', ports: ['tcp 3331', 'tcp 3332'] },
  { from: 'kma-1', to: 'agent', network: 'service', ports: [] },
  { from: 'kma-1', to: 'manager', network: 'management', ports: [] },
];

export interface FirewalledHosts {
  readonly network: TestNetwork<Host, Link>;
  address(host: Host, network: Link): string;
  /** The rules of a KMA as they were written. */
  writeAgain(host: Host): Promise<void>;
}

export function testPaths({ network: net, address, writeAgain }: FirewalledHosts): void {
  for (const { from, to, network, ports } of PATHS)
    test(`of all ports of ${to} on the ${network} network ${from} reaches ${ports.join(', ') || 'none'}`, async () => {
      const [source, target] = [address(from, network), address(to, network)];
      const watch = await PassingWatch.at(net, to);
      await watch.probePast(from, target, source);
      assert.deepEqual(await watch.passed(source), [...ports].sort());
    });

  for (const { from, to, network, ports } of TO_KMAS)
    test(`the firewall of ${from} lets out to ${to} ${ports.join(', ')}, and nothing else`, async () => {
      const [source, target] = [address(from, network), address(to, network)];
      await net.setRules(to, '');
      const watch = await PassingWatch.at(net, to);
      await watch.probeThrough(from, target, source, ports);
      assert.deepEqual(await watch.passed(source), [...ports].sort());
      await writeAgain(to);
    });
}
