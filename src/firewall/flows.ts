/** Who connects to whom and where, from the table of ports and the given addresses: a condition holds where there is somebody on the other side. It knows no firewall. */
import { PORT_TABLE, type PortRow } from '../ports.ts';
import type { Network } from './network.ts';
import type { End, FirewallSetting, Place } from './setting.ts';

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  /** Where it has to be one. */
  readonly sourcePort?: number;
  readonly what: string;
  /** On which networks of a KMA that listens; empty for others. */
  readonly networks: PortRow['networks'];
  readonly targets: readonly Network[];
}

/** Whatever addresses are given. */
export function staysClosed({ condition }: PortRow): boolean {
  return condition === 'never';
}

/** A client of DHCP has a port of its own, which the table names, and speaks one family. */
const DHCP_SERVER: Readonly<Record<number, { readonly port: number; readonly family: 4 | 6 }>> = {
  68: { port: 67, family: 4 },
  546: { port: 547, family: 6 },
};

export function flowsOf({ places, portOffset }: FirewallSetting): readonly Flow[] {
  return PORT_TABLE.filter((row) => !staysClosed(row)).flatMap((row) =>
    row.parties
      // What a member listens on is what another one connects to, and has its row.
      .filter((party) => row.direction === 'listening' || party !== 'KMAs')
      .flatMap((party) => rowFlows(moved(row, portOffset), party, places)),
  );
}

function moved(row: PortRow, offset: number): PortRow {
  const isOwn = row.owner === 'kma' && row.direction === 'listening';
  return isOwn ? { ...row, port: row.port + offset } : row;
}

function rowFlows(
  row: PortRow,
  party: PortRow['parties'][number],
  places: FirewallSetting['places'],
): Flow[] {
  const owner: End = row.owner === 'kma' ? 'KMAs' : 'service processors';
  const [what = ''] = row.what.split(',');
  const common = { transport: row.transport, what };
  if (row.direction === 'listening') {
    const targets = networksOf(places[owner]);
    return [{ ...common, from: party, to: owner, port: row.port, networks: row.networks, targets }];
  }
  const server = DHCP_SERVER[row.port];
  const between = { ...common, from: owner, to: party, networks: [] } as const;
  if (server !== undefined)
    return [
      {
        ...between,
        port: server.port,
        sourcePort: row.port,
        targets: networksOf(places[party]).filter(({ family }) => family === server.family),
      },
    ];
  return byPort(places[party], row.port).map(([port, targets]) => ({ ...between, port, targets }));
}

function byPort(places: readonly Place[], usual: number): [number, readonly Network[]][] {
  const ports = [...new Set(places.map(({ port = usual }) => port))].sort((a, b) => a - b);
  return ports.map((port) => [port, networksOf(places.filter(({ port: own = usual }) => own === port))]);
}

export function networksOf(places: readonly Place[]): readonly Network[] {
  return places.map(({ network }) => network);
}
