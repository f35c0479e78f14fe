/** Who is connected to one listener, and whose connection makes room for another. It holds no socket and reads no clock. */

/**
 * `unproven`: no handshake or no request has been finished yet, which costs a stranger nothing; `idle`: between requests;
 * `busy`: an answer is on its way, and the connection is left alone.
 */
export type ConnectionStanding = 'unproven' | 'idle' | 'busy';

export interface TableLimits {
  readonly connections: number;
  readonly connectionsPerSource: number;
}

export interface Connection {
  readonly source: string;
  /** The order of coming, and of becoming idle. */
  turn: number;
  standing: ConnectionStanding;
}

/** So many idle connections weigh as much as one that proved nothing. */
const UNPROVEN_WEIGHT = 4;

/** The connections of one source, each set in the order of their turns. */
interface Source {
  readonly unproven: Set<Connection>;
  readonly idle: Set<Connection>;
  readonly busy: Set<Connection>;
}

export class ConnectionTable {
  readonly #limits: TableLimits;
  readonly #idleIsProven: boolean;
  readonly #sources = new Map<string, Source>();
  #total = 0;
  #turn = 0;

  /** `idleIsProven`: only who has proven himself is ever idle here, as on ports that ask for a certificate. */
  constructor(limits: TableLimits, idleIsProven = false) {
    this.#limits = limits;
    this.#idleIsProven = idleIsProven;
  }

  get total(): number {
    return this.#total;
  }

  ofSource(name: string): number {
    const source = this.#sources.get(name);
    return source === undefined ? 0 : sizeOf(source);
  }

  /**
   * Null where the newcomer finds room; the connection that has to go for it; or `refuse`, where all that could go is
   * busy. A source at its own limit makes the room itself; at the limit of all, the source that has most of what goes first.
   */
  roomFor(name: string): Connection | 'refuse' | null {
    const source = this.#sources.get(name);
    if (source !== undefined && sizeOf(source) >= this.#limits.connectionsPerSource)
      return firstToGo(source) ?? 'refuse';
    return this.#total < this.#limits.connections ? null : (this.#firstOfAll() ?? 'refuse');
  }

  add(name: string): Connection {
    const connection: Connection = { source: name, turn: this.#turn++, standing: 'unproven' };
    const source = this.#sources.get(name) ?? { unproven: new Set(), idle: new Set(), busy: new Set() };
    source.unproven.add(connection);
    this.#sources.set(name, source);
    this.#total += 1;
    return connection;
  }

  /** Without effect on a connection that has been removed. */
  move(connection: Connection, standing: ConnectionStanding): void {
    const source = this.#sources.get(connection.source);
    if (source?.[connection.standing].delete(connection) !== true) return;
    connection.standing = standing;
    connection.turn = this.#turn++;
    source[standing].add(connection);
  }

  remove(connection: Connection): void {
    const source = this.#sources.get(connection.source);
    if (source?.[connection.standing].delete(connection) !== true) return;
    this.#total -= 1;
    if (sizeOf(source) === 0) this.#sources.delete(connection.source);
  }

  /**
   * Where being idle proves a caller, nobody idle goes before a stranger does. Elsewhere an answered request is cheap too, so a
   * source full of idle connections goes before those that are only coming in.
   */
  #firstOfAll(): Connection | undefined {
    const unproven = this.#mostOf('unproven');
    const idle = this.#mostOf('idle');
    if (unproven === undefined || idle === undefined) return (unproven ?? idle)?.goes;
    const strangersFirst = this.#idleIsProven || UNPROVEN_WEIGHT * unproven.count >= idle.count;
    return (strangersFirst ? unproven : idle).goes;
  }

  /** The longest waiting connection of the source that has most of this standing; of equal sources the longest waiting of all. */
  #mostOf(standing: 'unproven' | 'idle'): { readonly count: number; readonly goes: Connection } | undefined {
    let most: { readonly count: number; readonly goes: Connection } | undefined;
    for (const source of this.#sources.values()) {
      const goes = source[standing].values().next().value;
      if (goes === undefined) continue;
      const count = source[standing].size;
      const more = most === undefined || count > most.count;
      if (more || (count === most?.count && goes.turn < most.goes.turn)) most = { count, goes };
    }
    return most;
  }
}

function sizeOf({ unproven, idle, busy }: Source): number {
  return unproven.size + idle.size + busy.size;
}

/** The oldest that proved nothing, else the one that is idle the longest. */
function firstToGo({ unproven, idle }: Source): Connection | undefined {
  return unproven.values().next().value ?? idle.values().next().value;
}
