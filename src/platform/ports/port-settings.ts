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
  const { hmp, support } = config;
  const isSupported = support.enabled && standing(support, nowMs) !== 'over';
  const called = Object.entries(calledBy(config, services, ports.ntp)) as [
    Condition,
    readonly PortTarget[],
  ][];
  const holding: [Condition, readonly PortTarget[]][] = [
    ...called.filter(([, targets]) => targets.length > 0),
  ];
  if (config.clustered && config.members.length === 0) holding.push(['clustered', []]);
  if (isSupported) holding.push(['technical support', []]);
  if (hmp.enabled) holding.push(['HMP', []]);
  if (web !== undefined) holding.push(['web Manager', []]);
  return {
    holding: new Map(holding),
    ports: { ...ports, ...services, ...(web === undefined ? {} : { web }), ...memberPorts(services) },
    addresses,
  };
}

/** Whom this KMA connects to, by the condition; nobody where it does not hold. */
function calledBy(config: PlatformConfig, services: PlatformPlace['services'], ntpPort: number) {
  const { members, dns, snmpManagers, ntp, syslog } = config;
  const membersAt = (port: number) =>
    members.map(({ managementAddress: address }): PortTarget => ({ address, port }));
  const syslogBy = (transport: 'tcp' | 'tls') =>
    syslog.servers
      .filter((server) => server.transport === transport)
      .map(({ address, port }): PortTarget => ({ address, port }));
  return {
    clustered: membersAt(services.replication),
    'service network': members.flatMap(({ addresses }) =>
      addresses.map((address): PortTarget => ({ address, port: services.certificate })),
    ),
    DNS: dns.servers.map((address): PortTarget => ({ address, port: DNS_PORT })),
    NTP: ntp.server === '' ? [] : [{ address: ntp.server, port: ntp.port }, ...membersAt(ntpPort)],
    SNMP: snmpManagers.map(({ address, port }): PortTarget => ({ address, port })),
    syslog: syslogBy('tcp'),
    'syslog TLS': syslogBy('tls'),
  } satisfies Partial<Record<Condition, readonly PortTarget[]>>;
}

/** The other members of a cluster have the same numbers. */
function memberPorts({ ca, certificate, replication }: PlatformPlace['services']) {
  return {
    'member-ca': ca,
    'member-certificate': certificate,
    'member-service': certificate,
    'member-replication': replication,
  };
}
