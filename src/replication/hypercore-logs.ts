/** The replicated logs on Hypercore: each life's log a signed core, passed on by whoever has it, over streams that somebody else opens. Its files are a cache. */
import type Corestore from 'corestore';
import type { KeyPair } from 'corestore';
import type { HypercoreSession } from 'hypercore';
import { logEvent } from '../log-line.ts';
import { type OwnTruth, openCache } from './engine-cache.ts';
import { LogFollower } from './log-follower.ts';
import { engineKey, logKeyPair } from './log-keys.ts';
import { LogsPeer } from './logs-peer.ts';
import type { Confirmation, LogId, OnBlocks, Peer, ReplicatedLogs } from './replicated-logs.ts';
import type { SecureStream } from './secure-stream.ts';

export interface HypercoreLogsOptions {
  /** Deleted and refilled at need. */
  readonly directory: string;
  readonly own: LogId;
  readonly seed: Uint8Array;
  readonly truth: OwnTruth;
  /** Two logs of one key were seen: somebody signs for a life that is not his, or an old copy lives. */
  readonly onConflict: (incarnationId: string) => void;
}

/** A batch is one transaction, for which agents wait. */
const BATCH = { blocks: 64, bytes: 1024 * 1024, retryMs: 5_000 };

export class HypercoreLogs implements ReplicatedLogs {
  readonly #options: HypercoreLogsOptions;
  readonly #store: Corestore;
  readonly #own: HypercoreSession;
  readonly #followers = new Map<string, LogFollower>();
  readonly #peers = new Map<SecureStream, LogsPeer>();
  readonly #listeners: ((peer: Peer, confirmation: Confirmation) => void)[] = [];
  /** The newest own confirmation, for those who come later. */
  #confirmed: Confirmation = { applied: {}, holds: {} };
  #ownElsewhere = 0;
  #appending: Promise<unknown> = Promise.resolve();
  /** With which this KMA's streams are secured. */
  readonly keyPair: KeyPair;

  static async open(options: HypercoreLogsOptions): Promise<HypercoreLogs> {
    const keyPair = logKeyPair(options.seed, options.own.publicKey);
    const { store, own, renewed } = await openCache(options.directory, options.own, keyPair, options.truth);
    if (renewed !== null) logEvent('replication', `the cache of the logs is made anew: ${renewed}`);
    return new HypercoreLogs(options, store, own, keyPair);
  }

  private constructor(
    options: HypercoreLogsOptions,
    store: Corestore,
    own: HypercoreSession,
    keyPair: KeyPair,
  ) {
    this.#options = options;
    this.#store = store;
    this.#own = own;
    this.keyPair = keyPair;
    this.#watch(own, options.own.incarnationId);
  }

  /** One after the other, so that what is compared with the length is what is written behind it. */
  append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const appended = this.#appending.then(async () => {
      if (afterSeq !== this.#own.length)
        throw new Error(`blocks after ${afterSeq} for an own log of ${this.#own.length}`);
      if (blocks.length > 0) await this.#own.append(blocks);
      return this.#own.length;
    });
    this.#appending = appended.catch(() => undefined);
    return appended;
  }

  ownLength(): Promise<number> {
    return this.#appending.then(() => this.#own.length);
  }

  ownLengthElsewhere(): number {
    return this.#ownElsewhere;
  }

  follow({ incarnationId, publicKey }: LogId, afterSeq: number, onBlocks: OnBlocks): void {
    if (this.#followers.has(incarnationId)) throw new Error(`log ${incarnationId} is followed already`);
    const core = this.#store.get({ key: engineKey(publicKey) });
    this.#watch(core, incarnationId);
    const failed = (error: unknown) => logEvent('replication', `log ${incarnationId}: ${String(error)}`);
    this.#followers.set(incarnationId, new LogFollower(core, afterSeq, onBlocks, BATCH, failed));
  }

  unfollow(incarnationId: string): void {
    const follower = this.#followers.get(incarnationId);
    this.#followers.delete(incarnationId);
    follower?.stop().catch((error: unknown) => logEvent('replication', String(error)));
  }

  /** A member whose stream is secured and who has been admitted. It goes with the stream. */
  attach(stream: SecureStream, peer: Peer): void {
    this.#store.replicate(stream);
    const connected = new LogsPeer(stream, peer, {
      ownVector: () => this.#confirmed.applied,
      confirmed: (confirmation) => {
        this.#noteOwn(confirmation.applied);
        for (const listener of this.#listeners) listener(peer, confirmation);
      },
      closed: () => this.#peers.delete(stream),
    });
    this.#peers.set(stream, connected);
    connected.confirm(this.#confirmed);
  }

  async catchUp(timeoutMs: number): Promise<void> {
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(() => timeout.resolve(), timeoutMs);
    const all = [...this.#peers.values()].map(async (peer) => {
      const vector = await peer.askVector(timeoutMs);
      const awaited = Object.entries(vector).map(([log, length]) =>
        this.#followers.get(log)?.reached(length),
      );
      await Promise.all(awaited);
    });
    await Promise.race([Promise.all(all), timeout.promise]);
    clearTimeout(timer);
  }

  confirm(confirmation: Confirmation): void {
    this.#confirmed = confirmation;
    for (const peer of this.#peers.values()) peer.confirm(confirmation);
  }

  onConfirmed(listener: (peer: Peer, confirmation: Confirmation) => void): void {
    this.#listeners.push(listener);
  }

  peers(): readonly Peer[] {
    return [...this.#peers.values()].map(({ peer }) => peer);
  }

  async close(): Promise<void> {
    for (const peer of [...this.#peers.values()]) peer.close();
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
    this.#followers.clear();
    await this.#appending;
    await this.#store.close();
  }

  #noteOwn(applied: Confirmation['applied']): void {
    this.#ownElsewhere = Math.max(this.#ownElsewhere, applied[this.#options.own.incarnationId] ?? 0);
  }

  #watch(core: HypercoreSession, incarnationId: string): void {
    core.on('conflict', () => this.#options.onConflict(incarnationId));
    core.on('verification-error', (error) =>
      logEvent('replication', `log ${incarnationId}: ${error.message}`),
    );
  }
}
