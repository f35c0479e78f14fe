/** What the settings of a KMA say of its ports: which conditions of the table hold, whom it connects to, and which ports it has in place of the table's. It looks at no socket. */
import type { Condition, PortSettings, PortTarget } from '../../ports.ts';
import type { PlatformConfig } from '../config.ts';
import type { PlatformPlace } from '../part.ts';
import { standing } from '../support/term.ts';

const DNS_PORT = 53;

export function portSettings(
  config: PlatformConfig,
  { ports, services, web, addresses }: PlatformPlace,
  nowMs: number,
): PortSettings {
  const { members, dns, snmpManagers, hmp, support, ntp } = config;
  const holding: [Condition, boolean, readonly PortTarget[]][] = [
    [
      'clustered',
      members.length > 0,
      members.map(({ managementAddress: address }) => ({ address, port: services.replication })),
    ],
    ['web Manager', web !== undefined, []],
    ['SNMP', snmpManagers.length > 0, snmpManagers.map(({ address, port }) => ({ address, port }))],
    ['technical support', support.enabled && standing(support, nowMs) !== 'over', []],
    ['HMP', hmp.enabled, []],
    [
      'NTP',
      ntp.server !== '',
      [
        { address: ntp.server, port: ntp.port },
        ...members.map(({ managementAddress: address }) => ({ address, port: ports.ntp })),
      ],
    ],
    ['DNS', dns.servers.length > 0, dns.servers.map((address) => ({ address, port: DNS_PORT }))],
  ];
  return {
    holding: new Map(holding.flatMap(([condition, holds, targets]) => (holds ? [[condition, targets]] : []))),
    ports: { ...ports, ...services, ...(web === undefined ? {} : { web }), ...memberPorts(services) },
    addresses,
  };
}

/** The other members of a cluster have the same numbers. */
function memberPorts({ ca, certificate, replication }: PlatformPlace['services']) {
  return { 'member-ca': ca, 'member-certificate': certificate, 'member-replication': replication };
}
