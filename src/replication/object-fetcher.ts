/** Asks peers for the sealed objects that are missing here, one question at a peer at a time, none twice at once. It checks no object: the core does. */
import type { VersionVector } from '../core/version-vector.ts';
import type { FoldWatch } from './fold-watch.ts';
import type { Found } from './peer-link.ts';
import { type SealedObject, WANTED_MAX } from './peer-messages.ts';
import type { ConnectedPeer } from './peers.ts';

export interface FoundOut {
  readonly lacks: string[];
  readonly has: string[];
  /** What was folded here when it was asked. */
  readonly asked: VersionVector;
}

export interface FetcherParts {
  readonly watch: FoldWatch;
  readonly peers: () => readonly ConnectedPeer[];
  /** Resolves with how many were not what was asked for; null where the core is gone. */
  readonly store: (objects: readonly SealedObject[]) => Promise<number | null>;
  /** What it has answered of those that are sought; silence says nothing. */
  readonly searched: (peer: ConnectedPeer, searched: FoundOut) => void;
  readonly fault: (peer: ConnectedPeer, reason: string) => void;
  readonly nowMs: () => number;
}

const COVER_MS = 10_000;
/** Before a peer is asked again for what it did not have. */
const AGAIN_MS = 1_000;

export class ObjectFetcher {
  readonly #parts: FetcherParts;
  readonly #asking = new Set<string>();
  readonly #underWay = new Set<string>();
  /** By peer, objects that it did not have, and when it may be asked again. */
  readonly #notThere = new Map<string, Map<string, number>>();
  #missing: readonly string[] = [];
  /** Of these it is told who has them not. What of them is not missing is asked for to that end alone, and not kept. */
  #sought: readonly string[] = [];

  constructor(parts: FetcherParts) {
    this.#parts = parts;
  }

  /** All there is to fetch now. */
  missing(ids: readonly string[], sought: readonly string[]): void {
    this.#missing = ids;
    this.#sought = sought;
    this.look();
  }

  gone({ incarnationId }: ConnectedPeer): void {
    this.#notThere.delete(incarnationId);
  }

  /** When something has changed, and every now and then. */
  look(): void {
    for (const peer of this.#parts.peers()) {
      if (this.#asking.has(peer.incarnationId)) continue;
      const ids = this.#idsFor(peer);
      if (ids.length === 0) continue;
      this.#asking.add(peer.incarnationId);
      for (const id of ids) this.#underWay.add(id);
      this.#fetch(peer, ids)
        .catch(() => undefined)
        .finally(() => {
          this.#asking.delete(peer.incarnationId);
          for (const id of ids) this.#underWay.delete(id);
          this.look();
        });
    }
  }

  #idsFor({ incarnationId }: ConnectedPeer): string[] {
    const notThere = this.#notThere.get(incarnationId);
    const nowMs = this.#parts.nowMs();
    return [...new Set([...this.#sought, ...this.#missing])]
      .filter((id) => !this.#underWay.has(id) && (notThere?.get(id) ?? 0) <= nowMs)
      .slice(0, WANTED_MAX);
  }

  async #fetch(peer: ConnectedPeer, ids: readonly string[]): Promise<void> {
    const missing = new Set(this.#missing);
    const sought = ids.filter((id) => this.#sought.includes(id));
    const covered = await this.#parts.watch.reached(peer.vector, COVER_MS);
    const asked = this.#parts.watch.own;
    const found = covered ? await peer.link.ask(ids, asked) : null;
    if (found !== null && sought.length > 0) this.#tellSearched(peer, sought, found, asked);
    const answered = (found?.objects ?? []).filter(({ id }) => ids.includes(id));
    if (found !== null && answered.length < found.objects.length)
      this.#parts.fault(peer, 'objects that nobody has asked for');
    const came = answered.filter(({ id }) => missing.has(id));
    const refused = came.length === 0 ? 0 : await this.#parts.store(came);
    if (refused !== null && refused > 0)
      this.#parts.fault(peer, `${refused} objects that are not what they are named`);
    const stored = refused === 0 ? new Set(came.map(({ id }) => id)) : new Set<string>();
    this.#missing = this.#missing.filter((id) => !stored.has(id));
    // What did not fit into the answer is asked for at once, where at least something came.
    const absent = stored.size > 0 ? [...(found?.haveNot ?? []), ...sought] : ids;
    this.#noteAbsent(peer, absent);
  }

  #tellSearched(peer: ConnectedPeer, sought: readonly string[], found: Found, asked: VersionVector): void {
    const came = new Set(found.objects.map(({ id }) => id));
    const haveNot = new Set(found.haveNot);
    const has = sought.filter((id) => came.has(id));
    const lacks = sought.filter((id) => haveNot.has(id) && !came.has(id));
    if (has.length + lacks.length > 0) this.#parts.searched(peer, { lacks, has, asked });
  }

  #noteAbsent({ incarnationId }: ConnectedPeer, ids: readonly string[]): void {
    const nowMs = this.#parts.nowMs();
    const kept = [...(this.#notThere.get(incarnationId) ?? [])].filter(([, untilMs]) => untilMs > nowMs);
    const notThere = new Map(kept);
    for (const id of ids) notThere.set(id, nowMs + AGAIN_MS);
    this.#notThere.set(incarnationId, notThere);
  }
}
