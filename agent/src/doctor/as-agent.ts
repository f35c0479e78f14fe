/** From where an agent stands: the four ports that agents need, at each KMA that the agent knows or hears of. It changes nothing, and needs no passphrase. */
import { hostname } from 'node:os';
import type { ClusterMember } from '@openkma/protocol';
import { isIpv6Address, memberAddress, requireAddress } from '../address.ts';
import { loadCluster } from '../cluster-file.ts';
import { DEFAULT_PORTS, type Ports } from '../enrolment.ts';
import { DEFAULT_SETTINGS, type Profile } from '../profile.ts';
import { type Examination, examination } from './examination.ts';
import { examineCluster } from './examine-cluster.ts';
import { systemResolve } from './name-step.ts';
import type { Place, Service, Standpoint } from './place.ts';
import { agentQuestion, caQuestion, certificateQuestion, discoveryQuestion } from './soap-question.ts';

const WITHOUT = {
  ca: 'nobody could enrol',
  certificate: 'nobody could enrol',
  agent: 'agents would get no keys from this KMA',
  discovery: 'agents would not discover',
};

export interface AgentDoctor {
  /** Null where nobody is enrolled: what needs a certificate is left out. */
  readonly profile: Profile | null;
  /** Look at this KMA alone. */
  readonly kma?: string | undefined;
  /** SHA-256 of the root CA's public key, upper-case hex, where there is no profile. */
  readonly caKeySha256?: string | undefined;
  readonly ports?: Ports | undefined;
}

export async function examineAsAgent({
  profile,
  kma,
  caKeySha256,
  ports,
}: AgentDoctor): Promise<Examination> {
  const services = servicesForAgents(ports ?? profile?.ports ?? DEFAULT_PORTS);
  const host = hostname();
  const from = profile === null ? host : `agent ${profile.agentId} at ${host}`;
  const standpoint: Standpoint = {
    from,
    trust: { caPem: profile?.caPem ?? null, caKeySha256: profile?.caKeySha256 ?? caKeySha256 ?? null },
    identity: profile === null ? null : { cert: profile.certificatePem, key: profile.privateKeyPem },
    minimumTls: profile?.settings.minimumTls ?? DEFAULT_SETTINGS.minimumTls,
    resolve: systemResolve,
    nowMs: Date.now,
  };
  const preferIpv6 = profile !== null && isIpv6Address(profile.address);
  const placeOf = (member: ClusterMember): Place | null => {
    const address = member.enabled ? memberAddress(member, preferIpv6) : null;
    return address === null ? null : { name: member.kmaName, address, services };
  };
  const known =
    kma === undefined
      ? await knownPlaces(profile, services, placeOf)
      : [{ name: null, address: requireAddress(kma), services }];
  const others = kma === undefined ? placeOf : () => null;
  return examination({ from, consequences: WITHOUT }, Date.now, () =>
    examineCluster(known, standpoint, others),
  );
}

export function servicesForAgents({ ca, certificate, agent, discovery }: Ports): readonly Service[] {
  return [
    { service: 'ca', port: ca, transport: 'http', question: caQuestion() },
    { service: 'certificate', port: certificate, transport: 'tls', question: certificateQuestion() },
    { service: 'agent', port: agent, transport: 'mutual', question: agentQuestion() },
    { service: 'discovery', port: discovery, transport: 'mutual', question: discoveryQuestion() },
  ];
}

/** The address of the enrolment, and the members of the last discovery, each once. */
async function knownPlaces(
  profile: Profile | null,
  services: readonly Service[],
  placeOf: (member: ClusterMember) => Place | null,
): Promise<readonly Place[]> {
  if (profile === null) return [];
  const { address, directory } = profile;
  const members = (await loadCluster(directory, address))?.members ?? [];
  const places = members.map(placeOf).filter((place) => place !== null);
  const start = places.some((place) => place.address === address) ? [] : [{ name: null, address, services }];
  return [...start, ...places];
}
