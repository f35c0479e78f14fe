/** From where a KMA stands: what it needs of every other member, and of the servers that it is set to use. It has no key to show, and changes nothing. */
import {
  caQuestion,
  certificateQuestion,
  type Examination,
  examination,
  examineCluster,
  type Place,
  type Service,
} from '@openkma/agent/doctor';
import { caKeySha256 } from '@openkma/protocol';
import type { PlatformConfig } from '../config.ts';
import type { PlatformTools } from '../part.ts';
import { PlatformRefusal } from '../refusal.ts';
import { dnsProbe } from './dns-probe.ts';

/** Whoever waits for it waits for all. */
const TOTAL_MS = 26_000;
const DNS_PORT = 53;

const WITHOUT = {
  ca: 'neither of the two could be let into the cluster by the other again',
  certificate: 'neither of the two could be let into the cluster by the other again',
  replication: 'the two KMAs would not replicate what they write',
  dns: 'it would look up no names',
};

type Tools = Pick<PlatformTools, 'place' | 'resolve' | 'nowMs'>;

export function examineAsKma(config: PlatformConfig, caPem: string, tools: Tools): Promise<Examination> {
  const { name: from } = config.kma;
  const standpoint = {
    from,
    trust: { caPem, caKeySha256: caKeySha256(caPem) },
    identity: null,
    minimumTls: '1.2' as const,
    resolve: (name: string) => resolved(name, tools),
    nowMs: () => tools.nowMs(),
  };
  const places = [...membersOf(config, tools.place.services), ...serversOf(config)];
  const look = () => examineCluster(places, standpoint, () => null, TOTAL_MS);
  return examination({ from, consequences: WITHOUT }, standpoint.nowMs, look);
}

/** A member without an address cannot be reached, and is told so by the status. */
function membersOf({ members }: PlatformConfig, ports: Tools['place']['services']): readonly Place[] {
  const services: readonly Service[] = [
    { service: 'ca', port: ports.ca, transport: 'http', question: caQuestion() },
    { service: 'certificate', port: ports.certificate, transport: 'tls', question: certificateQuestion() },
    { service: 'replication', port: ports.replication, transport: 'mutual', question: null },
  ];
  return members
    .filter(({ managementAddress }) => managementAddress !== '')
    .map(({ name, managementAddress }) => ({ name, address: managementAddress, services }));
}

function serversOf({ dns }: PlatformConfig): readonly Place[] {
  const probe = dnsProbe(dns.domain);
  const service: Service = { service: 'dns', port: DNS_PORT, transport: 'udp', question: null, probe };
  return dns.servers.map((address) => ({ name: 'DNS server', address, services: [service] }));
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
