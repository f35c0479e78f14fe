/** The replication engine of the simulated world: the same interface over the virtual network. What it has is a cache, whose files outlive the process. */

import type { VersionVector } from '../src/core/version-vector.ts';
import type {
  Confirmation,
  LogId,
  OnBlocks,
  Peer,
  ReplicatedLogs,
} from '../src/replication/replicated-logs.ts';
import type { Network } from './network.ts';
import type { Schedule } from './schedule.ts';

type OnConfirmed = Parameters<ReplicatedLogs['onConfirmed']>[0];

const BLOCKS_MAX = 64;
/** After so long a message counts as lost, and is said again. */
const AGAIN_MS = 30_000;

export interface EndpointOptions {
  /** The machine, as the network knows it. */
  readonly place: string;
  readonly kmaId: string;
  readonly incarnationId: string;
  readonly logPublicKey: string;
  readonly replicationPublicKey: string;
  /** Of the life of the cluster. */
  readonly clusterEpochId: string;
  readonly schedule: Schedule;
  readonly network: Network;
  /** All that run now. */
  readonly endpoints: Set<SimulatedLogs>;
  /** Two logs of one key were seen. */
  readonly onConflict: (incarnationId: string) => void;
  /** Its certificate is not valid any more. */
  readonly expired: () => boolean;
  /** Whether this one is a member; asked of every message, as production asks at every connection and drops one that is none any more. */
  readonly admits: (peer: SimulatedLogs) => boolean;
}

/** By log, from its beginning. */
export type LogsCache = ReadonlyMap<string, readonly Uint8Array[]>;

/** What one endpoint says of itself. */
interface Told {
  readonly lengths: ReadonlyMap<string, number>;
  readonly confirmation: Confirmation;
}
interface Following {
  readonly incarnationId: string;
  /** All that is here of the log. */
  readonly blocks: readonly Uint8Array[];
  length: number;
  busy: boolean;
  awaited: { readonly length: number; readonly resolve: () => void }[];
  readonly onBlocks: OnBlocks;
}

export class SimulatedLogs implements ReplicatedLogs {
  readonly options: EndpointOptions;
  readonly #logs = new Map<string, Uint8Array[]>();
  readonly #following = new Map<string, Following>();
  readonly #told = new Map<SimulatedLogs, Told>();
  /** What each has been told, as it was then. */
  readonly #said = new Map<SimulatedLogs, { readonly version: number; readonly atMs: number }>();
  readonly #asked = new Map<string, number>();
  #listeners: OnConfirmed[] = [];
  #confirmation: Confirmation = { applied: {}, holds: {} };
  #version = 1;
  /** Of all logs, as they were at that version: each peer is told the same. */
  #lengths: { readonly version: number; readonly of: Told['lengths'] } = { version: 0, of: new Map() };
  /** Of the own log, by what peers have told. */
  #longestElsewhere = 0;
  #closed = false;

  constructor(options: EndpointOptions) {
    this.options = options;
    options.endpoints.add(this);
    options.schedule.after(1, () => this.#again());
  }

  /** What was in the cache, or what the store has at the start, where the cache was lost. */
  refill(incarnationId: string, blocks: readonly Uint8Array[]): void {
    const known = this.#blocksOf(incarnationId);
    known.length = 0;
    for (const block of blocks) known.push(block);
    this.#version += 1;
  }

  async append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const own = this.#blocksOf(this.options.incarnationId);
    if (own.length !== afterSeq) throw new Error(`the log has ${own.length} blocks, not ${afterSeq}`);
    own.push(...blocks);
    this.#changed();
    return own.length;
  }
  async ownLength(): Promise<number> {
    return this.#blocksOf(this.options.incarnationId).length;
  }
  ownLengthElsewhere(): number {
    return this.#longestElsewhere;
  }
  /** The latest word of a peer counts, also where it is less than the one before. */
  #keepTold(by: SimulatedLogs, told: Told): void {
    const before = this.#told.get(by);
    this.#told.set(by, told);
    const length = this.#ownLengthIn(told);
    if (length >= this.#longestElsewhere) this.#longestElsewhere = length;
    else if (before !== undefined && this.#ownLengthIn(before) === this.#longestElsewhere)
      this.#longestElsewhere = Math.max(0, ...[...this.#told.values()].map((one) => this.#ownLengthIn(one)));
  }
  #ownLengthIn({ lengths, confirmation }: Told): number {
    const { incarnationId } = this.options;
    return Math.max(lengths.get(incarnationId) ?? 0, confirmation.applied[incarnationId] ?? 0);
  }

  follow({ incarnationId }: LogId, afterSeq: number, onBlocks: OnBlocks): void {
    const blocks = this.#blocksOf(incarnationId);
    this.#following.set(incarnationId, {
      incarnationId,
      blocks,
      length: afterSeq,
      busy: false,
      awaited: [],
      onBlocks,
    });
    this.#give(incarnationId);
    this.#askForAll();
  }
  unfollow(incarnationId: string): void {
    this.#following.delete(incarnationId);
  }
  async catchUp(timeoutMs: number): Promise<boolean> {
    this.#asked.clear();
    const late = new Promise<false>((resolve) =>
      this.options.schedule.after(timeoutMs, () => resolve(false)),
    );
    const all = Promise.all(this.connected().map((peer) => this.#catchUpWith(peer)));
    return Promise.race([late, all.then(() => true)]);
  }
  confirm(confirmation: Confirmation): void {
    this.#confirmation = confirmation;
    this.#changed();
  }
  onConfirmed(listener: OnConfirmed): void {
    this.#listeners.push(listener);
  }
  peers(): readonly Peer[] {
    return this.connected().map(({ options }) => ({ incarnationId: options.incarnationId }));
  }
  async close(): Promise<void> {
    this.#closed = true;
    this.options.endpoints.delete(this);
  }

  /** Both sides admit each other, and both directions are open. */
  connected(): SimulatedLogs[] {
    return [...this.options.endpoints].filter((peer) => peer !== this && this.isConnected(peer));
  }
  isConnected(peer: SimulatedLogs): boolean {
    const { place, network, admits } = this.options;
    const there = peer.options.place;
    if (this.#closed || peer.#closed || network.isCut(place, there) || network.isCut(there, place))
      return false;
    return admits(peer) && peer.options.admits(this);
  }

  /** The files, for the next process. */
  get cache(): LogsCache {
    return this.#logs;
  }

  #blocksOf(incarnationId: string): Uint8Array[] {
    const known = this.#logs.get(incarnationId);
    if (known !== undefined) return known;
    const blocks: Uint8Array[] = [];
    this.#logs.set(incarnationId, blocks);
    return blocks;
  }
  #changed(): void {
    this.#version += 1;
    for (const peer of this.connected()) this.#tell(peer);
  }

  #again(): void {
    if (this.#closed) return;
    for (const peer of this.connected()) {
      const said = this.#said.get(peer);
      if (said?.version !== this.#version || !this.#told.has(peer)) this.#tell(peer);
    }
    this.#askForAll();
    this.options.schedule.after(AGAIN_MS, () => this.#again());
  }

  #send(peer: SimulatedLogs, arrive: () => void): void {
    const { network, place } = this.options;
    network.send(place, peer.options.place, () => (peer.isConnected(this) ? arrive() : undefined));
  }

  #tell(peer: SimulatedLogs): void {
    const version = this.#version;
    if (this.#lengths.version !== version)
      this.#lengths = {
        version,
        of: new Map([...this.#logs].map(([id, blocks]) => [id, blocks.length])),
      };
    const told: Told = { lengths: this.#lengths.of, confirmation: this.#confirmation };
    this.#send(peer, () => {
      // What comes late has been overtaken.
      if ((this.#said.get(peer)?.version ?? 0) > version) return;
      this.#said.set(peer, { version, atMs: this.options.schedule.nowMs });
      peer.#isTold(this, told);
    });
  }
  #isTold(by: SimulatedLogs, told: Told): void {
    const known = this.#told.get(by)?.confirmation === told.confirmation;
    this.#keepTold(by, told);
    // As the first message goes both ways in production.
    if (!this.#said.has(by)) this.#tell(by);
    for (const listener of known ? [] : this.#listeners)
      listener({ incarnationId: by.options.incarnationId }, told.confirmation);
    this.#askFor(by);
  }

  #askForAll(): void {
    for (const peer of this.connected()) this.#askFor(peer);
  }
  #askFor(peer: SimulatedLogs): void {
    const lengths = this.#told.get(peer)?.lengths;
    if (lengths === undefined) return;
    for (const { incarnationId, blocks } of this.#following.values())
      if ((lengths.get(incarnationId) ?? 0) > blocks.length) this.#ask(peer, incarnationId, blocks.length);
  }
  #ask(peer: SimulatedLogs, incarnationId: string, afterSeq: number): void {
    const { nowMs } = this.options.schedule;
    const key = `${peer.options.place} ${incarnationId} ${afterSeq}`;
    if (nowMs - (this.#asked.get(key) ?? -AGAIN_MS) < AGAIN_MS) return;
    this.#asked.set(key, nowMs);
    this.#send(peer, () => {
      const log = peer.#blocksOf(incarnationId);
      const blocks = log.slice(afterSeq, afterSeq + BLOCKS_MAX);
      const before = log[afterSeq - 1];
      peer.#send(this, () => this.#isGiven(peer, incarnationId, afterSeq, blocks, before));
    });
  }
  /** Asks what it has folded, and waits for that. */
  async #catchUpWith(peer: SimulatedLogs): Promise<void> {
    const vector = await new Promise<VersionVector>((resolve) =>
      this.#send(peer, () => {
        const { applied } = peer.#confirmation;
        peer.#send(this, () => resolve(applied));
      }),
    );
    this.#askFor(peer);
    await Promise.all(Object.entries(vector).map(([id, length]) => this.#reached(id, length)));
  }
  #reached(incarnationId: string, length: number): Promise<void> {
    const following = this.#following.get(incarnationId);
    if (following === undefined || following.length >= length) return Promise.resolve();
    return new Promise((resolve) => {
      following.awaited.push({ length, resolve });
    });
  }
  #isGiven(
    peer: SimulatedLogs,
    incarnationId: string,
    afterSeq: number,
    blocks: readonly Uint8Array[],
    before: Uint8Array | undefined,
  ): void {
    const known = this.#blocksOf(incarnationId);
    const here = known[afterSeq - 1];
    // As a signed tree proves it, to both.
    if (here !== undefined && before !== undefined && Buffer.compare(here, before) !== 0) {
      this.#send(peer, () => peer.options.onConflict(incarnationId));
      return this.options.onConflict(incarnationId);
    }
    if (known.length < afterSeq || known.length >= afterSeq + blocks.length) return;
    known.push(...blocks.slice(known.length - afterSeq));
    this.#version += 1;
    this.#give(incarnationId);
    this.#askFor(peer);
  }

  /** One call for each log at a time. */
  #give(incarnationId: string): void {
    const following = this.#following.get(incarnationId);
    if (following === undefined || following.busy || this.#closed) return;
    const blocks = following.blocks.slice(following.length, following.length + BLOCKS_MAX);
    if (blocks.length === 0) return;
    following.busy = true;
    void following.onBlocks(following.length, blocks).then((length) => {
      following.busy = false;
      if (length > following.length) {
        following.length = length;
        for (const awaited of following.awaited) if (awaited.length <= length) awaited.resolve();
        following.awaited = following.awaited.filter((awaited) => awaited.length > length);
        this.#give(incarnationId);
      } else this.options.schedule.after(AGAIN_MS, () => this.#give(incarnationId));
    });
  }
}
