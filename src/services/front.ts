/** All listeners of one front of the agents' services; it holds no store and no key but the TLS key. */
import { PORTS, type SoapPort } from '../ports.ts';
import type { SoapListen, TlsMaterial } from '../processes/messages.ts';
import type { CoreLink } from './core-link.ts';
import { createServiceServer, HTTP_LIMITS, type HttpLimits } from './http-server.ts';
import { type Listeners, openListeners } from './listeners.ts';

export type Front = Listeners<SoapListen>;

export interface FrontOptions {
  readonly listens: readonly SoapListen[];
  readonly tls: TlsMaterial;
  readonly link: CoreLink;
  /** Several fronts share each port. */
  readonly sharePorts: boolean;
  readonly limits?: HttpLimits;
}

/** Rejects where a port cannot be opened, and then leaves none open. */
export function openFront({ listens, tls, link, sharePorts, limits }: FrontOptions): Promise<Front> {
  return openListeners(listens, sharePorts, (listen) =>
    createServiceServer(portOf(listen), tls, link, limits ?? HTTP_LIMITS),
  );
}

function portOf({ service }: SoapListen): SoapPort {
  const port = PORTS.find((row): row is SoapPort => row.service === service);
  if (port === undefined) throw new Error(`no port for the ${service} service`);
  return port;
}
