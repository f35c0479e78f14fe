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

/** How much more a connection that proved nothing weighs against its source than one that did. */
const UNPROVEN_WEIGHT = 4;

/** The connections of one source, each set in the order of their turns. */
interface Source {
  readonly unproven: Set<Connection>;
  readonly idle: Set<Connection>;
  readonly busy: Set<Connection>;
}

export class ConnectionTable {
  readonly #limits: TableLimits;
  readonly #sources = new Map<string, Source>();
  #total = 0;
  #turn = 0;

  constructor(limits: TableLimits) {
    this.#limits = limits;
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
   * busy. A source at its own limit makes the room itself; at the limit of all, the source that weighs most does.
   */
  roomFor(name: string): Connection | 'refuse' | null {
    const source = this.#sources.get(name);
    if (source !== undefined && sizeOf(source) >= this.#limits.connectionsPerSource)
      return firstToGo(source) ?? 'refuse';
    return this.#total < this.#limits.connections ? null : (this.#heaviest() ?? 'refuse');
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

  /** Of sources that weigh the same the one whose connection has waited longest. */
  #heaviest(): Connection | undefined {
    let heaviest: { readonly weight: number; readonly goes: Connection } | undefined;
    for (const source of this.#sources.values()) {
      const goes = firstToGo(source);
      if (goes === undefined) continue;
      const weight = UNPROVEN_WEIGHT * source.unproven.size + source.idle.size;
      const more = heaviest === undefined || weight > heaviest.weight;
      if (more || (weight === heaviest?.weight && goes.turn < heaviest.goes.turn))
        heaviest = { weight, goes };
    }
    return heaviest?.goes;
  }
}

function sizeOf({ unproven, idle, busy }: Source): number {
  return unproven.size + idle.size + busy.size;
}

/** The oldest that proved nothing, else the one that is idle the longest. */
function firstToGo({ unproven, idle }: Source): Connection | undefined {
  return unproven.values().next().value ?? idle.values().next().value;
}
