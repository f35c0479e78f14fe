/** From where a KMA stands: what it needs of every other member, and of the servers that it is set to use. It has no key to show, and changes nothing. */
import {
  caQuestion,
  certificateQuestion,
  type Examination,
  examination,
  examineCluster,
  type Place,
  type Probe,
  type Service,
  skipped,
} from '@openkma/agent/doctor';
import { caKeySha256 } from '@openkma/protocol';
import type { PlatformConfig } from '../config.ts';
import type { PlatformTools } from '../part.ts';
import { PlatformRefusal } from '../refusal.ts';
import { dnsProbe } from './dns-probe.ts';
import { ntpProbe } from './ntp-probe.ts';
import { snmpProbe } from './snmp-probe.ts';

/** Whoever waits for it waits for all. */
const TOTAL_MS = 26_000;
const DNS_PORT = 53;

const WITHOUT = {
  ca: 'neither of the two could be let into the cluster by the other again',
  certificate: 'neither of the two could be let into the cluster by the other again',
  replication: 'the two KMAs would not replicate what they write',
  dns: 'it would look up no names',
  ntp: 'its clock would follow nobody',
  snmp: 'this manager would hear of no alarm',
  syslog: 'this server would get no records; they wait in the audit',
};

type Tools = Pick<PlatformTools, 'place' | 'resolve' | 'nowMs'>;

/** What the core knows and this process does not. */
interface KnownToCore {
  /** Without it each member is held against the root CA that it shows itself. */
  readonly caPem: string | null;
  readonly connected: readonly string[];
}

export function examineAsKma(
  config: PlatformConfig,
  tools: Tools,
  { caPem, connected }: KnownToCore = { caPem: null, connected: [] },
): Promise<Examination> {
  const { name: from } = config.kma;
  const standpoint = {
    from,
    trust: { caPem, caKeySha256: caPem === null ? null : caKeySha256(caPem) },
    identity: null,
    minimumTls: '1.2' as const,
    resolve: (name: string) => resolved(name, tools),
    nowMs: tools.nowMs,
  };
  const places = [...membersOf(config, tools, connected), ...serversOf(config, tools)];
  const look = () => examineCluster(places, standpoint, () => null, TOTAL_MS);
  return examination({ from, consequences: WITHOUT }, standpoint.nowMs, look);
}

/** A member without an address cannot be reached, and is told so by the status. */
function membersOf(
  { members, ntp }: PlatformConfig,
  { place, nowMs }: Tools,
  connected: readonly string[],
): readonly Place[] {
  const { services: own, ports } = place;
  const asked: readonly Service[] = [
    { service: 'ca', port: own.ca, transport: 'http', question: caQuestion() },
    {
      service: 'certificate',
      port: own.certificate,
      transport: 'tls',
      question: certificateQuestion(),
    },
  ];
  // A handshake without a key is refused, and recorded there: needless where the replicators have theirs.
  const replication = (id: string): Service => ({
    ...{ service: 'replication', port: own.replication, question: null },
    transport: connected.includes(id) ? 'tcp' : 'mutual',
  });
  const clock = udp('ntp', ports.ntp, peerProbe(ntpProbe(nowMs)));
  return members
    .filter(({ managementAddress }) => managementAddress !== '')
    .map(({ id, name, managementAddress: address }) => ({
      ...{ name, address },
      // KMAs are peers of each other's clocks where they follow a server.
      services: [...asked, replication(id), ...(ntp.server === '' ? [] : [clock])],
    }));
}

/** A member that follows no server serves no time, which is not wrong. */
function peerProbe(probe: Probe): Probe {
  return async (...asked) => {
    const found = await probe(...asked);
    if (found.outcome === 'ok') return found;
    return skipped('no-time-given', `no time is served there, or UDP 123 is filtered (${found.detail})`);
  };
}

const udp = (service: string, port: number, probe: Probe): Service => ({
  ...{ service, port, probe },
  transport: 'udp',
  question: null,
});

/** An SNMP manager of version 2c answers nothing but events, and a syslog server nothing at all: the parts that send to them tell the rest. */
function serversOf({ dns, ntp, snmpManagers, syslog }: PlatformConfig, { nowMs }: Tools): readonly Place[] {
  const v3 = snmpManagers.filter(({ security }) => security?.protocol === 'v3');
  return [
    ...dns.servers.map((address) => ({
      ...{ name: 'DNS server', address },
      services: [udp('dns', DNS_PORT, dnsProbe(dns.domain))],
    })),
    ...(ntp.server === '' ? [] : [ntp]).map(({ server, port }) => ({
      ...{ name: 'NTP server', address: server },
      services: [udp('ntp', port, ntpProbe(nowMs))],
    })),
    ...syslog.servers.map(({ name, address, port }) => ({
      ...{ name: `syslog server ${name}`, address },
      services: [{ service: 'syslog', port, transport: 'tcp' as const, question: null }],
    })),
    ...v3.map(({ name, address, port }) => ({
      ...{ name: `SNMP manager ${name}`, address },
      services: [udp('snmp', port, snmpProbe)],
    })),
  ];
}

/** A server that is silent is another thing than a name that nobody has. */
async function resolved(name: string, tools: Tools): Promise<readonly string[]> {
  try {
    return await tools.resolve(name);
  } catch (error) {
    if (!(error instanceof PlatformRefusal) || error.code !== 'DNS_NO_ANSWER') throw error;
    throw Object.assign(new Error(error.message), { code: 'ETIMEOUT' });
  }
}
