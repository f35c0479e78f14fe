/** "kma serve": runs the processes of a KMA in the foreground until a signal ends it. */
import { isIP } from 'node:net';
import { OpenKmaError } from '../errors.ts';
import { outliveOutput } from '../log-line.ts';
import { PLATFORM_PORTS, PORTS, type ServiceName } from '../ports.ts';
import type { KmaOptions, RunningKma } from '../processes/kma-options.ts';
import { claimPorts, listensOf, type NetworkAddresses } from '../processes/listens.ts';
import type { Listen } from '../processes/messages.ts';
import { builtPages } from '../services/web/built-pages.ts';
import { adoptRestored } from '../setup/replaced-data-directory.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { ownName } from './own-name.ts';
import { addressWord } from './shell-word.ts';

const AGENT_PORT = PORTS.find(({ service }) => service === 'agent')?.port ?? 0;
const WEB_PORT = PORTS.find(({ service }) => service === 'web')?.port;

interface Places {
  /** For both networks where one has no address of its own. */
  readonly listen?: string;
  readonly managementAddress?: string;
  readonly serviceAddress?: string;
  readonly portOffset?: number;
}
export interface ServeOptions extends Places {
  readonly data: string;
  readonly fronts?: number;
  readonly frontUser?: string;
  readonly setClock?: boolean;
  readonly log: (line: string) => void;
}

export async function serve(options: ServeOptions): Promise<RunningKma> {
  outliveOutput();
  if (adoptRestored(options.data)) options.log('a restored KMA has taken the place of the temporary one');
  // Before any port is looked at: an empty directory has its own advice.
  DataDirectory.open(options.data);
  const { startKma } = await import('../processes/supervisor.ts');
  return startKma({
    dataDirectory: options.data,
    ...placesOf(options),
    ...pagesOf(),
    ...(options.fronts === undefined ? {} : { fronts: options.fronts }),
    ...(options.frontUser === undefined ? {} : { frontUser: options.frontUser }),
    setClock: options.setClock ?? false,
    onEvent: options.log,
  });
}

/** Refuses before anything is set up where a port is taken or an address is none of this machine. */
export async function checkPorts(options: Places): Promise<void> {
  const { addresses, ports } = placesOf(options);
  (await claimPorts(listensOf(addresses, ports, builtPages() !== undefined))).release();
}

function pagesOf(): Pick<KmaOptions, 'pages'> {
  const pages = builtPages();
  return pages === undefined ? {} : { pages };
}

function placesOf({ listen = '127.0.0.1', managementAddress, serviceAddress, portOffset = 0 }: Places): {
  readonly addresses: NetworkAddresses;
  readonly ports: Record<ServiceName, number>;
  readonly platformPorts: NonNullable<KmaOptions['platformPorts']>;
} {
  return {
    addresses: {
      management: checkedAddress(managementAddress ?? listen),
      service: checkedAddress(serviceAddress ?? listen),
    },
    ports: Object.fromEntries(PORTS.map((row) => [row.service, row.port + portOffset])) as Record<
      ServiceName,
      number
    >,
    platformPorts: {
      ssh: PLATFORM_PORTS.ssh + portOffset,
      ntp: PLATFORM_PORTS.ntp + portOffset,
      snmp: PLATFORM_PORTS.snmp + portOffset,
    },
  };
}

export function checkedAddress(address: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) === 0) throw new OpenKmaError('USAGE', `${address} is not an IPv4 or IPv6 address`);
  return bare;
}

/** A line for each listener, an IPv6 address in brackets. */
export function listensText(listens: readonly Listen[]): string {
  return listens
    .map(
      ({ service, host, port }) =>
        `    ${service.padEnd(12)} ${isIP(host) === 6 ? `[${host}]` : host}:${port}${service === 'replication' ? ' once there is another KMA' : ''}`,
    )
    .join('\n');
}

/** Where a browser finds the web Manager. */
export function originOf({ host, port }: Pick<Listen, 'host' | 'port'>): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === WEB_PORT ? `https://${name}/` : `https://${name}:${port}/`;
}

/** What an agent's machine runs: to the service network, which each listener has last. A wildcard is no address to call. */
export function enrolCommand(listens: readonly Listen[]): string {
  const place = listens.findLast(({ service }) => service === 'agent');
  if (place === undefined) throw new Error('there is no listener for agents');
  const address = ['0.0.0.0', '::'].includes(place.host) ? 'ADDRESS' : addressWord(place.host);
  const offset = place.port - AGENT_PORT;
  const ports = offset === 0 ? '' : ` --port-offset ${offset}`;
  return `${ownName('okm-agent')} enroll --kma ${address} --agent AGENT${ports}`;
}

/** Resolves when SIGINT, SIGTERM or SIGHUP arrives; more of them while the processes end change nothing, since npm passes Ctrl-C on a second time. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}
