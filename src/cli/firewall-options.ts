/** Reads the options of "kma firewall" into the setting that rules are made for. It makes no rule. */
import { apart, type Network, readNetwork } from '../firewall/network.ts';
import { type End, type FirewallSetting, type Place, readPlace, type Side } from '../firewall/setting.ts';

/** Each with what it says in --help and whom it names; a port where each of them may have its own. */
export const PARTY_OPTIONS: readonly {
  readonly name: string;
  readonly end: End;
  readonly what: string;
  readonly port?: number;
}[] = [
  { name: 'kma', end: 'KMAs', what: 'the KMAs of the cluster' },
  { name: 'agent', end: 'agents', what: 'machines with agents' },
  { name: 'manager', end: 'managers', what: 'machines that manage KMAs' },
  { name: 'support', end: 'support engineers', what: 'who may use SSH; technical support is enabled' },
  { name: 'hmp', end: 'monitoring stations', what: 'who may ask the SNMP agent; the HMP is enabled' },
  { name: 'dns', end: 'DNS servers', what: 'DNS servers of the KMA' },
  { name: 'ntp', end: 'NTP servers', what: 'NTP servers of the KMA; [:PORT], 123 unless given', port: 123 },
  {
    name: 'syslog',
    end: 'syslog servers',
    what: 'syslog servers, unencrypted; [:PORT], 514 unless given',
    port: 514,
  },
  {
    name: 'syslog-tls',
    end: 'syslog servers with TLS',
    what: 'the same with TLS; [:PORT], 6514 unless given',
    port: 6514,
  },
  { name: 'snmp', end: 'SNMP managers', what: 'SNMP managers; [:PORT], 162 unless given', port: 162 },
  { name: 'service-processor', end: 'service processors', what: 'service processors of KMAs' },
];

export type FirewallOptions = Readonly<Record<string, unknown>> & {
  readonly for: Side;
  readonly managementAddress?: readonly string[];
  readonly serviceAddress?: readonly string[];
  readonly dhcp?: true;
  readonly fromHere?: true;
  readonly portOffset: number;
};

export function firewallSetting(options: FirewallOptions): FirewallSetting {
  const given = PARTY_OPTIONS.map(({ name, end, port }): [End, readonly Place[]] => {
    const texts = options[camelCase(name)];
    const read = (text: string) =>
      port === undefined ? { network: readNetwork(text) } : readPlace(text, port);
    return [end, Array.isArray(texts) ? texts.map(read) : []];
  });
  const dhcp = options.dhcp === true ? EVERYWHERE.map((network): Place => ({ network })) : [];
  return {
    side: options.for,
    places: Object.fromEntries([...given, ['DHCP servers', dhcp]]) as FirewallSetting['places'],
    own: ownAddresses(options),
    portOffset: options.portOffset,
  };
}

const EVERYWHERE: readonly Network[] = ['0.0.0.0/0', '::/0'].map(readNetwork);

/** As "kma serve" has it: one address for both networks where only one is given. */
function ownAddresses({ managementAddress, serviceAddress }: FirewallOptions): FirewallSetting['own'] {
  const read = (texts: readonly string[] = []) => apart(texts.map(readNetwork));
  return {
    management: read(managementAddress ?? serviceAddress),
    service: read(serviceAddress ?? managementAddress),
  };
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
