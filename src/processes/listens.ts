/** Where the fronts listen: the table of ports on the addresses of the two networks, each checked to be free. It leaves nothing open. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { OpenKmaError } from '../errors.ts';
import { PORTS, type ServiceName } from '../ports.ts';
import type { Listen } from './messages.ts';
import { portHolder } from './port-holder.ts';

export interface NetworkAddresses {
  readonly management: string;
  readonly service: string;
}

/** One listener for each port and address; where both networks have one address, one listener serves both. */
export function listensOf(
  addresses: NetworkAddresses,
  ports: Partial<Record<ServiceName, number>>,
): Listen[] {
  return PORTS.flatMap(({ service, port, networks }) =>
    withoutCovered(networks.map((network) => addresses[network])).map((host) => ({
      service,
      host,
      port: ports[service] ?? port,
    })),
  );
}

/** A wildcard covers every other address of its family; the one of IPv6 covers IPv4 too. */
function withoutCovered(hosts: readonly string[]): string[] {
  const distinct = [...new Set(hosts)];
  if (distinct.includes('::')) return ['::'];
  return distinct.filter((host) => host === '0.0.0.0' || host.includes(':') || !distinct.includes('0.0.0.0'));
}

/** Binds each alone for a moment, since fronts share their ports and would share them with a stranger too. Port 0 becomes a free one. */
export async function claimPorts(listens: readonly Listen[]): Promise<Listen[]> {
  const claimed: Listen[] = [];
  for (const listen of listens) claimed.push({ ...listen, port: await tryBind(listen) });
  return claimed;
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
