/** Judges each row of the table: what the settings say of it beside what the kernel says, and loudly where they differ. It reads neither. */
import { CONDITIONS, type Condition, type PortRow } from './row.ts';

export interface Socket {
  readonly transport: 'tcp' | 'udp';
  /** Of UDP: without a partner. */
  readonly state: 'listening' | 'connected';
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number } | null;
  /** None where the system does not tell. */
  readonly holders: readonly SocketHolder[];
}
export interface SocketHolder {
  /** Of a process of this KMA the name it has here; else that of the program. */
  readonly name: string;
  readonly pid: number;
  /** Of this KMA. */
  readonly own: boolean;
}

/** What the settings of a KMA say of its ports. */
export interface PortSettings {
  /** The conditions that hold, each with whom this KMA connects to. */
  readonly holding: ReadonlyMap<Condition, readonly PortTarget[]>;
  /** By the name of the row, where it is not the port of the table. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where this KMA listens. */
  readonly addresses: readonly string[];
}
export interface PortTarget {
  readonly address: string;
  readonly port: number;
}

/** `taken`: by another program of this machine, at an address of this KMA. */
export const PORT_STATES = [
  'listening',
  'connected',
  'idle',
  'closed',
  'taken',
  'not managed',
  'unknown',
] as const;

export interface PortState {
  readonly name: string;
  /** As it is at this KMA. */
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  readonly direction: 'listening' | 'connecting';
  readonly what: string;
  readonly network: string;
  readonly state: (typeof PORT_STATES)[number];
  readonly why: string;
  /** "front 1 (4711)". */
  readonly heldBy: readonly string[];
  /** "192.0.2.5:6514", as configured. */
  readonly targets: readonly string[];
  /** Where kernel and settings differ; "" where they agree. */
  readonly wrong: string;
}

/** Ports that programs get when they ask for any. */
const EPHEMERAL_MIN = 32_768;
const ANYWHERE: readonly string[] = ['0.0.0.0', '::'];

/** `sockets` null: nobody could look. Sockets of this KMA that no row names get rows of their own. */
export function portStates(
  table: readonly PortRow[],
  settings: PortSettings,
  sockets: readonly Socket[] | null,
): readonly PortState[] {
  const rows = table.filter(({ owner }) => owner === 'kma');
  const known = rows.map((row) => stateOf(row, settings, sockets));
  return [...known, ...unnamed(known, sockets ?? [])];
}

function stateOf(row: PortRow, settings: PortSettings, sockets: readonly Socket[] | null): PortState {
  const { name, transport, direction, what, condition, networks, note } = row;
  const port = settings.ports[name] ?? row.port;
  const targets = settings.holding.get(condition) ?? [];
  const why = note === undefined ? CONDITIONS[condition] : `${CONDITIONS[condition]}; ${note}`;
  const common = {
    ...{ name, port, transport, direction, what, why, heldBy: [], wrong: '' },
    network: networks.length === 2 ? 'both' : (networks[0] ?? '-'),
    targets: targets.map(targetText),
  } as const;
  if (condition === 'DHCP') return { ...common, state: 'not managed' };
  if (sockets === null) return { ...common, state: 'unknown', why: 'the platform process does not say' };
  const holds = condition === 'always' || settings.holding.has(condition);
  const own = sockets.filter((socket) => socket.transport === transport);
  return direction === 'listening'
    ? listeningState(common, holds, own, settings.addresses)
    : connectingState(common, holds, targets, own);
}

function listeningState(
  row: Omit<PortState, 'state'>,
  holds: boolean,
  sockets: readonly Socket[],
  addresses: readonly string[],
): PortState {
  const there = sockets.filter(({ state, local }) => state === 'listening' && local.port === row.port);
  const mine = there.filter(isOwn);
  if (mine.length > 0) {
    const wrong = holds ? '' : `listens, and should be closed: ${row.why}`;
    return { ...row, state: 'listening', heldBy: holdersText(mine), wrong };
  }
  const others = there.filter(({ local }) => meets(local.address, addresses));
  if (others.length > 0) {
    const heldBy = holdersText(others);
    const who = heldBy.length === 0 ? 'a program that cannot be seen' : heldBy.join(', ');
    return { ...row, state: 'taken', heldBy, wrong: `held by ${who}, which is none of this KMA's` };
  }
  return { ...row, state: 'closed', wrong: holds ? 'should listen, and nothing does' : '' };
}

/** Whether who calls one of these addresses may get there. */
function meets(address: string, addresses: readonly string[]): boolean {
  const all = [address, ...addresses];
  return addresses.includes(address) || all.some((one) => ANYWHERE.includes(one));
}

function connectingState(
  row: Omit<PortState, 'state'>,
  holds: boolean,
  targets: readonly PortTarget[],
  sockets: readonly Socket[],
): PortState {
  const accepted = new Set(
    sockets.filter(({ state }) => state === 'listening').map(({ local }) => local.port),
  );
  const wanted = (remote: PortTarget) =>
    targets.some(({ address, port }) => address === remote.address && port === remote.port);
  const there = sockets.filter(
    (socket) =>
      isOwn(socket) &&
      socket.remote !== null &&
      !accepted.has(socket.local.port) &&
      (wanted(socket.remote) || socket.remote.port === row.port),
  );
  const heldBy = holdersText(there);
  if (there.length > 0)
    return { ...row, state: 'connected', heldBy, wrong: holds ? '' : `connected: ${row.why}` };
  return holds ? { ...row, state: 'idle' } : { ...row, state: 'closed' };
}

/** What listens beside the table: nothing of a KMA may. */
function unnamed(known: readonly PortState[], sockets: readonly Socket[]): readonly PortState[] {
  const named = new Set(
    known
      .filter(({ direction }) => direction === 'listening')
      .map(({ port, transport }) => `${port}/${transport}`),
  );
  const found = new Map<string, Socket>();
  for (const socket of sockets) {
    const { state, transport, local } = socket;
    const place = `${local.port}/${transport}`;
    // A sender without a partner has a port of its own choice.
    const sends = transport === 'udp' && local.port >= EPHEMERAL_MIN;
    if (state === 'listening' && isOwn(socket) && !named.has(place) && !sends) found.set(place, socket);
  }
  return [...found.values()].map((socket) => ({
    name: `unnamed-${socket.transport}-${socket.local.port}`,
    port: socket.local.port,
    transport: socket.transport,
    direction: 'listening',
    what: 'unknown',
    network: '-',
    state: 'listening',
    why: 'not in the table of ports',
    heldBy: holdersText([socket]),
    targets: [],
    wrong: 'listens, and the table of ports does not have it',
  }));
}

function isOwn({ holders }: Socket): boolean {
  return holders.some(({ own }) => own);
}

function holdersText(sockets: readonly Socket[]): readonly string[] {
  const texts = sockets.flatMap(({ holders }) => holders.map(({ name, pid }) => `${name} (${pid})`));
  return [...new Set(texts)].sort();
}

function targetText({ address, port }: PortTarget): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
