/** What a row of the table of ports says, and the words for its conditions and for the two ends of its traffic. It holds no row. */

/** Under what a port is used, and how a person is told. */
export const CONDITIONS = {
  always: 'always',
  clustered: 'once there is another KMA, or was',
  'service network': 'once there is another KMA, now and then',
  joining: 'while this KMA joins a cluster or logs back in to it',
  'technical support': 'only while technical support is enabled',
  HMP: 'only while the Hardware Management Pack is enabled',
  DNS: 'only where DNS servers are configured',
  NTP: 'only where an NTP server is configured',
  DHCP: 'only where DHCP is configured, which this version does not manage',
  SNMP: 'only where SNMP managers are defined',
  syslog: 'only where a remote syslog server is defined, unencrypted',
  'syslog TLS': 'only where a remote syslog server is defined, with TLS',
  'web Manager':
    'only where the pages of the web Manager are built; 8443 where 443 is taken or may not be bound',
  never: 'never: closed here',
} as const;
export type Condition = keyof typeof CONDITIONS;

/** The end of the traffic that is not the owner of the row. */
export type Party =
  | 'KMAs'
  | 'agents'
  | 'managers'
  | 'support engineers'
  | 'monitoring stations'
  | 'DNS servers'
  | 'NTP servers'
  | 'DHCP servers'
  | 'SNMP managers'
  | 'syslog servers'
  | 'syslog servers with TLS';

/** The service processor is a computer of its own beside the KMA, with an address of its own. */
export type PortOwner = 'kma' | 'service-processor';

export interface PortRow {
  /** Of this row alone; of a service's listener the service's name. */
  readonly name: string;
  /** Of the side that listens, but DHCP's: that of the client. */
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  readonly direction: 'listening' | 'connecting';
  readonly what: string;
  readonly condition: Condition;
  readonly networks: readonly ('management' | 'service' | 'service processor')[];
  readonly owner: PortOwner;
  /** Who calls a port that listens; whom the owner calls otherwise. */
  readonly parties: readonly Party[];
  /** What else has to be said. */
  readonly note?: string;
}
