/** All listeners of one front, opened, renewed and drained together; it holds no store and no key but the TLS key. */
import { once } from 'node:events';
import { PORTS } from '../ports.ts';
import type { Listen, TlsMaterial } from '../processes/messages.ts';
import type { CoreLink } from './core-link.ts';
import { createServiceServer, HTTP_LIMITS, type HttpLimits, type ServiceServer } from './http-server.ts';

export interface Front {
  /** The listeners as they are: where port 0 was asked for, with the port that was given. */
  readonly listens: readonly Listen[];
  updateTls(tls: TlsMaterial): void;
  drain(deadlineMs: number): Promise<void>;
}

export interface FrontOptions {
  readonly listens: readonly Listen[];
  readonly tls: TlsMaterial;
  readonly link: CoreLink;
  /** Several fronts share each port. */
  readonly sharePorts: boolean;
  readonly limits?: HttpLimits;
}

/** Rejects where a port cannot be opened, and then leaves none open. */
export async function openFront(options: FrontOptions): Promise<Front> {
  const open: ServiceServer[] = [];
  const listens: Listen[] = [];
  try {
    for (const wanted of options.listens) {
      const server = createServiceServer(
        portOf(wanted),
        options.tls,
        options.link,
        options.limits ?? HTTP_LIMITS,
      );
      open.push(server);
      listens.push({ ...wanted, port: await listenOn(server, wanted, options.sharePorts) });
    }
  } catch (error) {
    for (const { server } of open) server.close();
    throw error;
  }
  return {
    listens,
    updateTls: (tls) => {
      for (const server of open) server.updateTls(tls);
    },
    drain: async (deadlineMs) => {
      await Promise.all(open.map((server) => server.drain(deadlineMs)));
    },
  };
}

function portOf({ service }: Listen) {
  const port = PORTS.find((row) => row.service === service);
  if (port === undefined) throw new Error(`no port for the ${service} service`);
  return port;
}

async function listenOn(
  { server }: ServiceServer,
  { host, port }: Listen,
  reusePort: boolean,
): Promise<number> {
  server.listen({ host, port, reusePort, backlog: 1024 });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
