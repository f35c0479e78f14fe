/** What a running KMA knows of its own firewall: whom it connects to, where it listens, what it adds to its ports. It changes nothing there. */

import type { z } from 'zod';
import { OpenKmaError } from '../errors.ts';
import type { showPorts } from '../operations/platform/ports.ts';
import { PORTS } from '../ports.ts';
import { askOrThrow } from './admin-client.ts';
import type { FirewallOptions } from './firewall-options.ts';

type Looked = z.infer<typeof showPorts.output>;

/** Options of "kma firewall", by the rows of the table whose targets they are. */
const OPTIONS: Readonly<Record<string, string>> = {
  'member-replication': 'kma',
  dns: 'dns',
  'ntp-client': 'ntp',
  'snmp-inform': 'snmp',
  syslog: 'syslog',
  'syslog-tls': 'syslogTls',
};
const WITH_PORTS: readonly string[] = ['ntp', 'snmp', 'syslog', 'syslogTls'];
const ANYWHERE: readonly string[] = ['0.0.0.0', '::'];

/**
 * What was given by hand stands beside what is set there. A KMA that was removed is no target: it gets nothing here, although
 * 3336 listens on so that one that was away can ask whether it is a member still. Who wants it to learn that names it by hand.
 */
export async function fromHere(data: string, options: FirewallOptions): Promise<FirewallOptions> {
  if (options.for !== 'kma') throw new OpenKmaError('USAGE', '--from-here goes with --for kma');
  const looked = (await askOrThrow(data, {
    ...{ operation: 'ShowPorts', input: {}, user: null, quorum: [] },
  })) as Looked;
  if (looked.addresses.length === 0) throw new OpenKmaError('PLATFORM_NOT_THERE');
  const found = looked.ports.flatMap(({ name, targets }) => {
    const option = OPTIONS[name];
    return option === undefined ? [] : targets.map((target) => [option, placeOf(option, target)] as const);
  });
  const lists = Object.fromEntries(
    Object.values(OPTIONS).map((option) => [
      option,
      [...listOf(options[option]), ...found.flatMap(([name, text]) => (name === option ? [text] : []))],
    ]),
  );
  return { ...options, ...lists, ...ownAddresses(looked, options), portOffset: offsetOf(looked) };
}

/** Without the port where a firewall takes none: KMAs and DNS servers have those of the table. */
function placeOf(option: string, target: string): string {
  return WITH_PORTS.includes(option) ? target : target.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function listOf(given: unknown): readonly string[] {
  return Array.isArray(given) ? given : [];
}

/** A KMA that listens at any address does not say which are its own. */
function ownAddresses({ addresses }: Looked, given: FirewallOptions) {
  const [management, service] = addresses.map((address) =>
    ANYWHERE.includes(address) ? undefined : [address],
  );
  return {
    managementAddress: given.managementAddress ?? management ?? [],
    serviceAddress: given.serviceAddress ?? service ?? [],
  };
}

function offsetOf({ ports }: Looked): number {
  const usual = PORTS.find(({ service }) => service === 'agent')?.port ?? 0;
  return (ports.find(({ name }) => name === 'agent')?.port ?? usual) - usual;
}
