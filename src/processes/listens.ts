/** Where the fronts listen: the table of ports on the addresses of the two networks, each checked to be free and kept from other KMAs. It leaves no port open. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { OpenKmaError } from '../errors.ts';
import { PORTS, type ServiceName, WEB_PORT_INSTEAD } from '../ports.ts';
import type { Listen, PeopleListen, SoapListen } from './messages.ts';
import { portHolder } from './port-holder.ts';
import { reservePort } from './port-reservation.ts';

const WEB_PORT = PORTS.find(({ service }) => service === 'web')?.port;

export interface NetworkAddresses {
  readonly management: string;
  readonly service: string;
}

/** One listener for each port and address; where both networks have one address, one listener serves both. */
export function listensOf(
  addresses: NetworkAddresses,
  ports: Partial<Record<ServiceName, number>>,
  hasPages = false,
): Listen[] {
  return PORTS.filter(({ service }) => hasPages || service !== 'web').flatMap(({ service, port, networks }) =>
    withoutCovered(networks.map((network) => addresses[network])).map(
      (host): Listen => ({
        service,
        host,
        port: ports[service] ?? port,
      }),
    ),
  );
}

/** Those of the fronts of the agents. */
export function soapListens(listens: readonly Listen[]): SoapListen[] {
  return listens.filter(
    (listen) =>
      listen.service !== 'management' && listen.service !== 'replication' && listen.service !== 'web',
  );
}

/** Those of the front for people. */
export function peopleListens(listens: readonly Listen[]): PeopleListen[] {
  return listens.filter((listen) => listen.service === 'management' || listen.service === 'web');
}

/** A wildcard covers every other address of its family; the one of IPv6 covers IPv4 too. */
function withoutCovered(hosts: readonly string[]): string[] {
  const distinct = [...new Set(hosts)];
  if (distinct.includes('::')) return ['::'];
  return distinct.filter((host) => host === '0.0.0.0' || host.includes(':') || !distinct.includes('0.0.0.0'));
}

export interface PortClaim<L extends Listen = Listen> {
  readonly listens: readonly L[];
  /** Lets other KMAs have the ports. */
  release(): void;
}

/**
 * Binds each alone for a moment, since fronts share their ports and would share them with a stranger too; a reservation
 * keeps out a second KMA that starts in the same moment. Port 0 becomes a free one.
 */
export async function claimPorts<L extends Listen>(wanted: readonly L[]): Promise<PortClaim<L>> {
  const listens: L[] = [];
  const reservations: (() => void)[] = [];
  const release = () => {
    for (const free of reservations) free();
  };
  try {
    for (const listen of wanted) {
      const { port, free } = await claimPortOrOther(listen);
      listens.push({ ...listen, port });
      reservations.push(free);
    }
  } catch (error) {
    release();
    throw error;
  }
  return { listens, release };
}

/** The web Manager's page is found at another port as well. */
function portInstead({ service, port }: Listen): number | null {
  return service === 'web' && port === WEB_PORT ? WEB_PORT_INSTEAD : null;
}

/** Free ports are drawn at random, so that two KMAs seldom draw the same one and never so often. */
const DRAWS_MAX = 8;

async function claimPortOrOther(listen: Listen): Promise<{ port: number; free: () => void }> {
  const instead = portInstead(listen);
  if (instead === null) return claimPort(listen);
  return claimPort(listen).catch(() => claimPort({ ...listen, port: instead }));
}

async function claimPort({
  host,
  port: wanted,
  service,
}: Listen): Promise<{ port: number; free: () => void }> {
  for (let draw = 1; ; draw++) {
    const port = await tryBind({ host, port: wanted, service });
    const free = await reservePort(host, port);
    if (free !== null) return { port, free };
    if (wanted !== 0 || draw === DRAWS_MAX)
      throw new OpenKmaError(
        'PORT_TAKEN',
        `port ${port} at ${host} is held by another KMA that starts or stops`,
      );
  }
}

async function tryBind({ host, port }: Listen): Promise<number> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw refusal(error, host, port);
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}

function refusal(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') {
    const holder = portHolder(port) ?? 'a program of another user';
    return new OpenKmaError('PORT_TAKEN', `port ${port} at ${host} is held by ${holder}`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES')
    return new OpenKmaError('ADDRESS_UNUSABLE', `port ${port} at ${host}: ${code}`);
  return error;
}
