/** Asks members for the audit records that are missing here: of each KMA itself where it is connected and gives what is taken, else of whoever has them; one question at a member at a time, chain by chain in turn. It judges no record: the core does. */
import { type ChainName, chainId, RETENTION_TERMS } from '../core/audit.ts';
import type { AuditRecords, HeldChain } from './audit-messages.ts';

/** A member with which there is a channel for it. */
export interface AuditPeer {
  readonly kmaId: string;
  readonly incarnationId: string;
  readonly chains: () => Iterable<HeldChain>;
  readonly ask: (name: ChainName, afterSeq: number) => Promise<AuditRecords | null>;
}

export interface AuditFetcherParts {
  readonly peers: () => readonly AuditPeer[];
  /** Null where the core is gone. */
  readonly take: (
    name: ChainName,
    records: AuditRecords,
    from: AuditPeer,
  ) => Promise<{ readonly lastSeq: number; readonly refused: string | null } | null>;
  readonly nowMs: () => number;
}

/** Lives whose logs are followed. */
export interface AuditRoster {
  readonly ownIncarnationId: string;
  /** By life its KMA; null of one that is no member any more. */
  readonly kmaOf: ReadonlyMap<string, string | null>;
}

/** Before a member is asked again for what it did not give. */
const AGAIN_MS = 10_000;
/** The same for what was refused, twice as long each time. */
const REFUSED_MS = 60_000;
const REFUSED_MS_MAX = 60 * 60_000;

interface Rest {
  readonly untilMs: number;
  readonly refusals: number;
}

export class AuditFetcher {
  readonly #parts: AuditFetcherParts;
  readonly #here = new Map<string, number>();
  readonly #asking = new Set<string>();
  readonly #underWay = new Set<string>();
  /** By peer and chain. */
  readonly #rests = new Map<string, Rest>();
  /** By peer, the chain that was asked for last. */
  readonly #lastAsked = new Map<string, string>();
  #roster: AuditRoster = { ownIncarnationId: '', kmaOf: new Map() };
  #closed = false;

  constructor(parts: AuditFetcherParts) {
    this.#parts = parts;
  }

  setRoster(roster: AuditRoster): void {
    this.#roster = roster;
    this.look();
  }

  /** Of the core: so far each chain is here. */
  held(chains: readonly HeldChain[]): void {
    for (const chain of chains) this.#here.set(chainId(chain), chain.lastSeq);
    this.look();
  }

  /** Who gave what was refused is not asked earlier for having connected anew; else everybody could be told of it over and over. */
  gone({ incarnationId }: Pick<AuditPeer, 'incarnationId'>): void {
    this.#lastAsked.delete(incarnationId);
    const longAgoMs = this.#parts.nowMs() - REFUSED_MS_MAX;
    for (const [key, { refusals, untilMs }] of this.#rests)
      if (untilMs < longAgoMs || (refusals === 0 && key.startsWith(incarnationId))) this.#rests.delete(key);
  }

  close(): void {
    this.#closed = true;
  }

  /** When something has changed here, and every second: so what members tell costs no more, however often they do. */
  look(): void {
    if (this.#closed) return;
    const peers = this.#parts.peers();
    for (const peer of peers) {
      if (this.#asking.has(peer.incarnationId)) continue;
      const chain = this.#nextOf(peer, peers);
      if (chain !== null) this.#begin(peer, chain);
    }
  }

  /** In turn, so that none that is long keeps the others waiting; of one KMA the longest kept first. */
  #nextOf(peer: AuditPeer, connected: readonly AuditPeer[]): HeldChain | null {
    const last = this.#lastAsked.get(peer.incarnationId) ?? '';
    let next: HeldChain | null = null;
    // In one pass: a member may tell of very many.
    for (const chain of peer.chains()) {
      if (next !== null && placeOf(chain, last) >= placeOf(next, last)) continue;
      if (this.#isWanted(chain, peer, connected)) next = chain;
    }
    return next;
  }

  #isWanted(chain: HeldChain, peer: AuditPeer, connected: readonly AuditPeer[]): boolean {
    const { ownIncarnationId, kmaOf } = this.#roster;
    const kmaId = kmaOf.get(chain.incarnationId);
    if (kmaId === undefined || chain.incarnationId === ownIncarnationId) return false;
    const id = chainId(chain);
    if (kmaId !== peer.kmaId && connected.some((one) => one.kmaId === kmaId && this.#isGivenBy(one, id)))
      return false;
    if (this.#underWay.has(id) || chain.lastSeq <= (this.#here.get(id) ?? 0)) return false;
    return (this.#rests.get(restKey(peer, id))?.untilMs ?? 0) <= this.#parts.nowMs();
  }

  /** What it gives itself may not be taken, as where it begins behind what is here; then others may have what lies between. */
  #isGivenBy(owner: AuditPeer, chain: string): boolean {
    return (this.#rests.get(restKey(owner, chain))?.refusals ?? 0) === 0;
  }

  #begin(peer: AuditPeer, chain: HeldChain): void {
    const id = chainId(chain);
    this.#asking.add(peer.incarnationId);
    this.#underWay.add(id);
    this.#lastAsked.set(peer.incarnationId, orderOf(chain));
    this.#fetch(peer, chain)
      .catch(() => this.#rest(peer, id, false))
      .finally(() => {
        this.#underWay.delete(id);
        this.#asking.delete(peer.incarnationId);
        this.look();
      });
  }

  async #fetch(peer: AuditPeer, { incarnationId, term }: HeldChain): Promise<void> {
    const name = { incarnationId, term };
    const id = chainId(name);
    const before = this.#here.get(id) ?? 0;
    const records = await peer.ask(name, before);
    const taken = records === null ? null : await this.#parts.take(name, records, peer);
    if (taken !== null) this.#here.set(id, taken.lastSeq);
    const grew = taken !== null && taken.refused === null && taken.lastSeq > before;
    if (grew) this.#rests.delete(restKey(peer, id));
    else this.#rest(peer, id, taken?.refused != null);
  }

  #rest(peer: AuditPeer, chain: string, isRefused: boolean): void {
    // One that has gone meanwhile gave nothing for that reason, and is asked as soon as it is back.
    if (!isRefused && !this.#parts.peers().includes(peer)) return;
    const key = restKey(peer, chain);
    const refusals = isRefused ? (this.#rests.get(key)?.refusals ?? 0) + 1 : 0;
    const forMs = refusals === 0 ? AGAIN_MS : Math.min(REFUSED_MS * 2 ** (refusals - 1), REFUSED_MS_MAX);
    this.#rests.set(key, { untilMs: this.#parts.nowMs() + forMs, refusals });
  }
}

function restKey({ incarnationId }: AuditPeer, chain: string): string {
  return `${incarnationId} ${chain}`;
}
/** In the round that begins behind `last`. */
function placeOf(chain: ChainName, last: string): string {
  const order = orderOf(chain);
  return `${order > last ? 0 : 1}${order}`;
}
function orderOf({ incarnationId, term }: ChainName): string {
  return `${RETENTION_TERMS.indexOf(term)}${incarnationId}`;
}
