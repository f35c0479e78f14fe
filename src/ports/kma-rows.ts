/** The rows of the KMA itself: its services, what its platform listens on and connects to, and the ports of older releases that stay closed. */
import type { Condition, PortRow } from './row.ts';
import { PLATFORM_PORTS, PORTS, type Port, type ServiceName } from './services.ts';

const WHAT: Readonly<Record<ServiceName, string>> = {
  ca: 'CA service, HTTP',
  certificate: 'Certificate service, TLS',
  management: 'Management service, TLS 1.3',
  agent: 'Agent service, mutual TLS',
  discovery: 'Discovery service, mutual TLS',
  replication: 'Replication, mutual TLS',
  web: 'web Manager, HTTPS',
};

const CONDITION_OF: Partial<Record<ServiceName, Condition>> = {
  replication: 'clustered',
  web: 'web Manager',
};

function serviceRow({ service, port, networks, callers }: Port): PortRow {
  return {
    name: service,
    port,
    transport: 'tcp',
    direction: 'listening',
    what: WHAT[service],
    condition: CONDITION_OF[service] ?? 'always',
    networks,
    owner: 'kma',
    parties: callers,
  };
}

const own = { owner: 'kma', networks: ['management'] } as const;
const listens = { ...own, direction: 'listening' } as const;
const connects = { ...own, direction: 'connecting' } as const;

const LISTENING: readonly PortRow[] = [
  {
    ...listens,
    name: 'ssh',
    port: PLATFORM_PORTS.ssh,
    transport: 'tcp',
    what: 'SSH',
    condition: 'technical support',
    parties: ['support engineers'],
  },
  {
    ...listens,
    name: 'ntp',
    port: PLATFORM_PORTS.ntp,
    transport: 'udp',
    what: 'NTP',
    condition: 'NTP',
    parties: ['KMAs'],
  },
  {
    ...listens,
    name: 'snmp',
    port: PLATFORM_PORTS.snmp,
    transport: 'udp',
    what: 'SNMP agent',
    condition: 'HMP',
    parties: ['monitoring stations'],
  },
];

const closed = { ...listens, condition: 'never', parties: [] } as const;
const rpc = { ...closed, port: 111, what: 'RPC', note: 'open in KMS 2.1 and earlier', networks: [] } as const;
const lock = {
  ...closed,
  port: 4045,
  what: 'NFS lock daemon',
  note: 'open in KMS 2.0',
  networks: [],
} as const;
const STAYS_CLOSED: readonly PortRow[] = [
  { ...closed, name: 'ntp-tcp', port: 123, transport: 'tcp', what: 'NTP', note: 'NTP has no TCP service' },
  { ...rpc, name: 'rpc', transport: 'tcp' },
  { ...rpc, name: 'rpc-udp', transport: 'udp' },
  { ...lock, name: 'nfs-lock', transport: 'tcp' },
  { ...lock, name: 'nfs-lock-udp', transport: 'udp' },
];

const member = { ...connects, transport: 'tcp', parties: ['KMAs'] } as const;
const dns = { ...connects, port: 53, what: 'DNS', condition: 'DNS', parties: ['DNS servers'] } as const;
const dhcp = {
  ...connects,
  transport: 'udp',
  condition: 'DHCP',
  networks: ['management', 'service'],
  parties: ['DHCP servers'],
} as const;
const CONNECTING: readonly PortRow[] = [
  { ...member, name: 'member-ca', port: 3331, what: 'CA service of a member', condition: 'joining' },
  {
    ...member,
    name: 'member-certificate',
    port: 3332,
    what: 'Certificate service of a member',
    condition: 'joining',
  },
  {
    ...member,
    name: 'member-service',
    port: 3332,
    what: 'whether a member answers where agents are',
    condition: 'service network',
    networks: ['service'],
  },
  { ...member, name: 'member-replication', port: 3336, what: 'Replication', condition: 'clustered' },
  { ...dns, name: 'dns', transport: 'udp' },
  { ...dns, name: 'dns-tcp', transport: 'tcp', note: 'answers too long for UDP' },
  { ...dhcp, name: 'dhcp', port: 68, what: 'DHCP' },
  { ...dhcp, name: 'dhcpv6', port: 546, what: 'DHCPv6' },
  {
    ...connects,
    name: 'ntp-client',
    port: 123,
    transport: 'udp',
    what: 'NTP',
    condition: 'NTP',
    parties: ['NTP servers', 'KMAs'],
  },
  {
    ...connects,
    name: 'snmp-inform',
    port: 161,
    transport: 'udp',
    what: 'SNMP informs',
    condition: 'SNMP',
    parties: ['SNMP managers'],
    note: "the port of the manual's table; each manager has its own, 162 unless given",
  },
  {
    ...connects,
    name: 'syslog',
    port: 514,
    transport: 'tcp',
    what: 'remote syslog',
    condition: 'syslog',
    parties: ['syslog servers'],
  },
  {
    ...connects,
    name: 'syslog-tls',
    port: 6514,
    transport: 'tcp',
    what: 'remote syslog with TLS',
    condition: 'syslog TLS',
    parties: ['syslog servers with TLS'],
  },
];

export const KMA_ROWS: readonly PortRow[] = [
  ...PORTS.map(serviceRow),
  ...LISTENING,
  ...STAYS_CLOSED,
  ...CONNECTING,
];
