/** The replicated logs on Hypercore: each life's log a signed core, passed on by whoever has it, over streams that somebody else opens. Its files are a cache. */
import type Corestore from 'corestore';
import type { KeyPair } from 'corestore';
import type { HypercoreSession } from 'hypercore';
import type { VersionVector } from '../core/version-vector.ts';
import { logEvent } from '../log-line.ts';
import { type OwnTruth, openCache } from './engine-cache.ts';
import { LogFollower } from './log-follower.ts';
import { engineKey, logKeyPair } from './log-keys.ts';
import { LogsPeer } from './logs-peer.ts';
import type { Confirmation, LogId, OnBlocks, Peer, ReplicatedLogs } from './replicated-logs.ts';
import type { SecureStream } from './secure-stream.ts';
import { guard } from './stream-guard.ts';

export interface HypercoreLogsOptions {
  /** Deleted and refilled at need. */
  readonly directory: string;
  readonly own: LogId;
  readonly seed: Uint8Array;
  readonly truth: OwnTruth;
  /** What is folded at this moment, for peers that ask; what was confirmed last, which may be a little older, unless given. */
  readonly folded?: () => Promise<VersionVector>;
  /** Of each log what this KMA has from a snapshot and never had in its cache. */
  readonly base: VersionVector;
  /** Two logs of one key were seen: somebody signs for a life that is not his, or an old copy lives. */
  readonly onConflict: (incarnationId: string) => void;
  /** Once: the files cannot be written or read any more. What there is to do is to close and to open anew. */
  readonly onBroken: (why: string) => void;
  /** What a peer has said of its logs is nothing that a KMA says. */
  readonly onPeerBroken: (peer: Peer, reason: string) => void;
}

/** A batch is one transaction, for which agents wait. */
const LIMITS = { blocks: 64, bytes: 1024 * 1024, retryMs: 5_000 };
/** Keys become Ready by what is told, and there are many of them. */
const TELL_MS = 40;

export class HypercoreLogs implements ReplicatedLogs {
  readonly #options: HypercoreLogsOptions;
  readonly #store: Corestore;
  readonly #own: HypercoreSession;
  readonly #followers = new Map<string, LogFollower>();
  readonly #peers = new Map<SecureStream, LogsPeer>();
  readonly #listeners: ((peer: Peer, confirmation: Confirmation) => void)[] = [];
  /** The newest own confirmation, for those who come later. */
  #confirmed: Confirmation = { applied: {}, holds: {} };
  #telling: NodeJS.Timeout | null = null;
  #untold = false;
  #ownElsewhere = 0;
  #provenElsewhere = false;
  /** What the store has given so far: all there is of the own log, unless it is an older copy. */
  #published: number;
  /** Logs of which two were seen. */
  readonly #conflicting = new Set<string>();
  #ended = false;
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
    this.#published = own.length;
    own.on('append', () => {
      if (this.#own.length > this.#published) this.#isProvenElsewhere();
    });
    this.#watch(own, options.own.incarnationId);
  }

  /** One after the other. */
  append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const appended = this.#appending.then(() => this.#append(afterSeq, blocks));
    this.#appending = appended.catch(() => undefined);
    return appended;
  }

  ownLength(): Promise<number> {
    return this.#appending.then(() => this.#own.length);
  }

  ownLengthElsewhere(): number {
    return this.#ownElsewhere;
  }
  /** That it is more than here is not a peer's word alone: the engine has seen the signature. */
  get isProvenElsewhere(): boolean {
    return this.#provenElsewhere;
  }

  follow({ incarnationId, publicKey }: LogId, afterSeq: number, onBlocks: OnBlocks): void {
    if (this.#followers.has(incarnationId)) throw new Error(`log ${incarnationId} is followed already`);
    const core = this.#store.get({ key: engineKey(publicKey) });
    this.#watch(core, incarnationId);
    const limits = { ...LIMITS, base: this.#options.base[incarnationId] ?? 0 };
    const failed = (error: unknown) => this.#failed(incarnationId, error);
    this.#followers.set(incarnationId, new LogFollower(core, afterSeq, onBlocks, limits, failed));
  }

  unfollow(incarnationId: string): void {
    const follower = this.#followers.get(incarnationId);
    this.#followers.delete(incarnationId);
    follower?.stop().catch((error: unknown) => logEvent('replication', String(error)));
  }

  /** A member whose stream is secured and who has been admitted. It goes with the stream. */
  attach(stream: SecureStream, peer: Peer): void {
    guard(stream);
    this.#store.replicate(stream);
    const connected = new LogsPeer(stream, peer, {
      ownVector: this.#options.folded ?? (() => Promise.resolve(this.#confirmed.applied)),
      confirmed: (confirmation) => {
        this.#noteOwn(confirmation.applied);
        for (const listener of this.#listeners) listener(peer, confirmation);
      },
      closed: (broken) => {
        this.#peers.delete(stream);
        if (broken !== null) this.#options.onPeerBroken(peer, broken);
      },
    });
    this.#peers.set(stream, connected);
    connected.confirm(this.#confirmed);
  }

  async catchUp(timeoutMs: number): Promise<boolean> {
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(() => timeout.resolve(false), timeoutMs);
    const all = [...this.#peers.values()].map(async (peer) => {
      const vector = await peer.askVector(timeoutMs);
      if (vector === null) return false;
      const awaited = Object.entries(vector).map(([log, length]) =>
        this.#followers.get(log)?.reached(length, timeout.promise),
      );
      await Promise.all(awaited);
      return true;
    });
    const told = Promise.all(all).then((each) => each.every(Boolean));
    const complete = await Promise.race([told, timeout.promise]);
    clearTimeout(timer);
    timeout.resolve(false);
    return complete;
  }

  /** Who asks is answered with it at once; told it is some times a second, since each telling costs both sides a commit or more. */
  confirm(confirmation: Confirmation): void {
    this.#confirmed = confirmation;
    if (this.#telling === null) this.#tell();
    else this.#untold = true;
  }

  #tell(): void {
    this.#untold = false;
    for (const peer of this.#peers.values()) peer.confirm(this.#confirmed);
    this.#telling = setTimeout(() => {
      this.#telling = null;
      if (this.#untold) this.#tell();
    }, TELL_MS);
  }

  onConfirmed(listener: (peer: Peer, confirmation: Confirmation) => void): void {
    this.#listeners.push(listener);
  }

  peers(): readonly Peer[] {
    return [...this.#peers.values()].map(({ peer }) => peer);
  }

  async close(): Promise<void> {
    this.#ended = true;
    if (this.#telling !== null) clearTimeout(this.#telling);
    for (const peer of [...this.#peers.values()]) peer.close();
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
    this.#followers.clear();
    await this.#appending;
    await this.#store.close();
  }

  /** The engine looks at the length once more when it is the turn of this write: a peer may have lengthened the log meanwhile. */
  async #append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const length = afterSeq + blocks.length;
    const odd = () => new Error(`blocks after ${afterSeq} for an own log of ${this.#own.length}`);
    if (afterSeq !== this.#own.length || afterSeq !== this.#published) throw odd();
    if (blocks.length === 0) return length;
    const postappend = () => {
      this.#published = length;
    };
    await this.#own.append(blocks, { maxLength: length, postappend }).catch((error: unknown) => {
      this.#failed(this.#options.own.incarnationId, error);
      throw error;
    });
    if (this.#published !== length) throw odd();
    return length;
  }

  #noteOwn(applied: Confirmation['applied']): void {
    const length = applied[this.#options.own.incarnationId] ?? 0;
    if (length > this.#published) this.#isLivedElsewhere();
    else this.#ownElsewhere = Math.max(this.#ownElsewhere, length);
  }

  /** Signed with the key of the own log, by somebody else. */
  #isProvenElsewhere(): void {
    this.#provenElsewhere = true;
    this.#isLivedElsewhere();
  }

  /** For good, and whatever is written here meanwhile: what others have behind the published end was written by somebody else. */
  #isLivedElsewhere(): void {
    this.#ownElsewhere = Number.MAX_SAFE_INTEGER;
  }

  /** A log with a conflict is closed by the engine, and stays so until this is opened anew; all others go on. */
  #failed(incarnationId: string, error: unknown): void {
    if (this.#ended || this.#conflicting.has(incarnationId)) return;
    this.#ended = true;
    this.#options.onBroken(`log ${incarnationId}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #conflict(incarnationId: string): void {
    if (this.#conflicting.has(incarnationId)) return;
    this.#conflicting.add(incarnationId);
    if (incarnationId === this.#options.own.incarnationId) this.#isProvenElsewhere();
    this.#options.onConflict(incarnationId);
  }

  #watch(core: HypercoreSession, incarnationId: string): void {
    core.on('conflict', () => this.#conflict(incarnationId));
    core.on('verification-error', (error) => {
      if (isOfDisk(error)) this.#failed(incarnationId, error);
      else logEvent('replication', `log ${incarnationId}: ${error.message}`);
    });
  }
}

/** Of the engine's errors those of its database have a cause; what a peer sent wrongly has a code instead. */
function isOfDisk(error: Error): boolean {
  return error.cause instanceof Error || error instanceof AggregateError;
}
