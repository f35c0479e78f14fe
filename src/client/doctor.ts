/** From where a manager stands: the ports that managers need, at each KMA that is known. It changes nothing and proves no passphrase. */
import { hostname } from 'node:os';
import {
  caQuestion,
  certificateQuestion,
  discoveryQuestion,
  type Examination,
  examination,
  examineCluster,
  type Finding,
  failed,
  type HttpReply,
  ok,
  type Question,
  type Service,
  systemResolve,
  warning,
} from '@openkma/agent/doctor';
import { PORTS, type ServiceName } from '../ports.ts';
import type { TlsIdentity } from './https-connection.ts';
import type { Place } from './log-in.ts';

const WITHOUT = {
  ca: 'nobody could log in',
  certificate: 'nobody could log in',
  management: 'no operation would reach this KMA',
  discovery: '"okm kmas" would not list the KMAs',
};

export interface ManagerDoctor {
  /** The first; of the same cluster. */
  readonly place: Place;
  /** Other KMAs, by name and address of the management network. */
  readonly others: readonly { readonly kma: string; readonly managementAddress: string }[];
  /** Of a log-in or a saved certificate; null where there is none. */
  readonly identity: TlsIdentity | null;
  /** A log-in counts at the KMA where it was made, a certificate at all. */
  readonly isLogIn: boolean;
}

export function examineAsManager(doctor: ManagerDoctor): Promise<Examination> {
  const { place, others, identity, isLogIn } = doctor;
  const from = `manager at ${hostname()}`;
  const isFirst = ({ address }: { readonly address: string }) => address === place.address;
  const named = others.map(({ kma, managementAddress }) => {
    const at = { name: kma, address: managementAddress };
    return at.address === place.address ? { ...at, stranger: false } : { ...at, stranger: isLogIn };
  });
  const first = named.find(isFirst) ?? { name: null, address: place.address, stranger: false };
  const known = [first, ...named.filter((other) => !isFirst(other))].map((at) => ({
    ...at,
    services: servicesForManagers(place.portOffset, identity !== null && !at.stranger),
  }));
  const standpoint = {
    from,
    trust: { caPem: null, caKeySha256: place.caKeySha256 },
    identity,
    minimumTls: '1.3' as const,
    resolve: systemResolve,
    nowMs: Date.now,
  };
  // Discovery tells agents' addresses, which a manager may have no way to.
  const look = () => examineCluster(known, standpoint, () => null);
  return examination({ from, consequences: WITHOUT }, Date.now, look);
}

function servicesForManagers(portOffset: number, loggedIn: boolean): readonly Service[] {
  const kinds: Partial<Record<ServiceName, Pick<Service, 'transport' | 'question'>>> = {
    ca: { transport: 'http', question: caQuestion() },
    certificate: { transport: 'tls', question: certificateQuestion() },
    // Who shows nothing is told so in HTTP.
    management: { transport: 'tls', question: managementQuestion(loggedIn) },
    discovery: { transport: 'mutual', question: discoveryQuestion() },
  };
  return PORTS.filter(({ callers }) => callers.includes('managers')).flatMap(({ service, port }) => {
    const kind = kinds[service];
    return kind === undefined ? [] : [{ service, port: port + portOffset, ...kind }];
  });
}

function managementQuestion(loggedIn: boolean): Question {
  return {
    method: 'GET',
    path: '/v1/kmas?limit=1',
    headers: { Accept: 'application/json' },
    body: null,
    judge: (reply) => ({ finding: judged(reply, loggedIn) }),
  };
}

function judged({ status }: HttpReply, loggedIn: boolean): Finding {
  if (status === 200) return ok('answers this user');
  if (status === 401 && !loggedIn) return ok('answers; nobody is logged in here');
  if (status === 401 || status === 403)
    return failed('identity-refused', `the log-in does not count there: HTTP ${status}`);
  if (status === 429 || status === 503) return warning('busy', `HTTP ${status}`);
  return failed('answer-odd', `HTTP ${status}`);
}
