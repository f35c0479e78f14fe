/** Everything between the core's `begin` and its end: the engine, the members' connections, logs, objects, confirmations, health. It folds nothing and decides about no member. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { VersionVector } from '../../core/version-vector.ts';
import { FoldWatch } from '../../replication/fold-watch.ts';
import { HypercoreLogs } from '../../replication/hypercore-logs.ts';
import { ObjectFetcher } from '../../replication/object-fetcher.ts';
import type { Found } from '../../replication/peer-link.ts';
import { type Hello, PEER_PROTOCOL } from '../../replication/peer-messages.ts';
import { type Arrival, type ConnectedPeer, Peers, type Refused } from '../../replication/peers.ts';
import type { Confirmation } from '../../replication/replicated-logs.ts';
import { type Member, Roster } from '../../replication/roster.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { AuditLinks } from './audit-links.ts';
import type { CoreLink, CoreSays } from './core-link.ts';
import { ForeignLogs } from './foreign-logs.ts';
import { OwnLog } from './own-log.ts';
import { SharedQuestion } from './shared-question.ts';

export type Begin = Extract<CoreSays, { t: 'begin' }>;
type Told<T extends CoreSays['t']> = Extract<CoreSays, { t: T }>;

export interface ReplicationParts {
  readonly core: Pick<CoreLink, 'ask' | 'tell'>;
  readonly cacheDirectory: string;
  readonly dial: (member: Member) => Promise<TLSSocket>;
  readonly onRefused: (refused: Refused) => void;
  /** It cannot go on, and is to be begun anew. */
  readonly onFailure: (error: unknown) => void;
}

/** A peer waits for its answer; afterwards it asks again. */
const COVER_MS = 2_000;
/** Keys become Ready by what is told. */
const TELL_MS = 20;
const DELIVERED_LOOK_MS = 10;
const NOTHING_YET = { applied: null, holds: null };

export class Replication {
  readonly #parts: ReplicationParts;
  readonly #begin: Begin;
  readonly #logs: HypercoreLogs;
  readonly #peers: Peers;
  readonly #watch: FoldWatch;
  readonly #own: OwnLog;
  readonly #foreign: ForeignLogs;
  readonly #fetcher: ObjectFetcher;
  readonly #audit: AuditLinks;
  /** However often peers ask, the core has one question at a time. */
  readonly #folded = new SharedQuestion(() => this.#askHowFar());
  /** What each connected life has confirmed last. */
  readonly #confirmed = new Map<string, Confirmation>();
  readonly #toTell = new Set<ConnectedPeer>();
  #telling: NodeJS.Timeout | null = null;
  /** Of this KMA's time against the machine's, as the core last told. */
  #clockOffsetMs = 0;
  #roster: Roster | null = null;
  /** Of which two were seen, with how many lives their KMAs had then. */
  readonly #conflicting = new Map<string, number>();

  static async open(begin: Begin, ownPublicKey: string, parts: ReplicationParts): Promise<Replication> {
    const { incarnationId } = begin.self;
    const read = async (afterSeq: number, limit: number) => {
      const log = await parts.core.ask({ t: 'read-log', incarnationId, afterSeq, limit });
      if (log === null) throw new Error('the core is away');
      return log.blocks;
    };
    if (begin.freshCache) rmSync(parts.cacheDirectory, { recursive: true, force: true });
    const logs = await HypercoreLogs.open({
      directory: parts.cacheDirectory,
      own: { incarnationId, publicKey: ownPublicKey },
      seed: begin.replicationSeed,
      truth: { length: begin.vector[incarnationId] ?? 0, read },
      folded: () => replication.#folded.ask(),
      base: begin.base,
      onConflict: (log) => replication.#conflict(log),
      onBroken: (why) => parts.onFailure(new Error(why)),
      onPeerBroken: (peer, reason) => replication.#fault(peer.incarnationId, reason),
    });
    const replication = new Replication(begin, ownPublicKey, logs, parts);
    replication.grown(begin);
    return replication;
  }

  private constructor(begin: Begin, ownPublicKey: string, logs: HypercoreLogs, parts: ReplicationParts) {
    const { incarnationId, kmaId } = begin.self;
    const { core } = parts;
    this.#parts = parts;
    this.#begin = begin;
    this.#logs = logs;
    this.#watch = new FoldWatch(begin.vector);
    this.#own = new OwnLog({ incarnationId, logs, core, onFailure: parts.onFailure });
    this.#foreign = new ForeignLogs({
      ownIncarnationId: incarnationId,
      logs,
      core,
      folded: (log) => this.#watch.own[log] ?? 0,
      fault: (log, reason, again) => this.#fault(log, reason, again),
      onStalled: (log, stalled) => this.#watch.stalled(log, stalled),
    });
    this.#peers = new Peers({
      kmaId,
      keyPair: logs.keyPair,
      hello: () => this.#hello(ownPublicKey),
      nowMs: () => Date.now() + this.#clockOffsetMs,
      admit: (hello, arrival) => this.#admit(hello, arrival),
      dial: parts.dial,
      attach: (stream, peer) => {
        this.#tell(peer, true);
        logs.attach(stream, peer);
        this.#audit.attach(stream, peer);
      },
      find: (ids, vector) => this.#find(ids, vector),
      onHealth: (peer) => this.#tellSoon(peer),
      onGone: (peer) => this.#gone(peer),
      onRefused: parts.onRefused,
      onLeftAlone: (member) => core.tell({ t: 'left-alone', ...member }),
    });
    this.#fetcher = new ObjectFetcher({
      watch: this.#watch,
      peers: () => this.#peers.all(),
      store: async (objects) => (await core.ask({ t: 'objects', objects: [...objects] }))?.refused ?? null,
      searched: ({ incarnationId }, searched) => core.tell({ t: 'searched', incarnationId, ...searched }),
      fault: (peer, reason) => this.#peers.fault(peer.kmaId, reason),
      nowMs: () => performance.now(),
    });
    this.#audit = new AuditLinks({
      core,
      ownIncarnationId: incarnationId,
      fault: (peer, reason) => this.#peers.fault(peer.kmaId, reason),
    });
    logs.onConfirmed(({ incarnationId: life }, confirmation) => this.#heard(life, confirmation));
  }

  get roster(): Roster | null {
    return this.#roster;
  }

  get isConnected(): boolean {
    return this.#peers.all().length > 0;
  }

  setRoster({ members, former, logs }: Told<'roster'>): void {
    this.#roster = new Roster(members, former);
    if ([...this.#conflicting].some(([log, lives]) => this.#livesBeside(log) > lives))
      return this.#parts.onFailure(
        new Error('who wrote a log twice has begun a new life: it is opened anew'),
      );
    this.#watch.follow(new Map(logs.map(({ incarnationId, limit }) => [incarnationId, limit])));
    this.#foreign.follow(logs);
    this.#peers.setRoster(this.#roster);
    this.#audit.setRoster(this.#roster, logs);
  }

  /** After the core's commits: what others may know of it, they learn. */
  grown({ vector, held }: { readonly vector: VersionVector; readonly held: VersionVector }): void {
    this.#watch.grown(vector);
    this.#own.grown(vector[this.#begin.self.incarnationId] ?? 0);
    this.#logs.confirm({ applied: vector, holds: held });
  }

  missing({ ids, sought }: Told<'missing'>): void {
    this.#fetcher.missing(ids, sought);
  }

  auditChains({ chains }: Told<'audit-chains'>): void {
    this.#audit.held(chains);
  }

  /** Every second. */
  health({ health, nowMs }: Told<'health'>): void {
    this.#clockOffsetMs = nowMs - Date.now();
    this.#peers.tellHealth(health);
    this.#fetcher.look();
    this.#audit.look();
  }

  async catchUp({ id, timeoutMs }: Told<'catch-up'>): Promise<void> {
    const complete = await this.#logs.catchUp(timeoutMs);
    this.#parts.core.tell({ t: 'caught-up', id, complete });
  }

  welcomeAgain(): void {
    this.#peers.welcomeAgain();
  }

  accept(arrival: Arrival): void {
    this.#peers.accept(arrival);
  }

  /**
   * Resolves when every connected member holds what was written here, and what the core has to say at the end, or after the
   * time: afterwards nobody could ask for it.
   */
  async delivered(timeoutMs: number): Promise<void> {
    if (!this.isConnected) return;
    const { incarnationId } = this.#begin.self;
    const endMs = performance.now() + timeoutMs;
    const last = await Promise.race([
      this.#parts.core.ask({ t: 'ending' }),
      pause(timeoutMs, null, { ref: false }),
    ]);
    const length = (last?.vector ?? this.#watch.own)[incarnationId] ?? 0;
    const holdsAll = (peer: ConnectedPeer) => {
      const { applied, holds } = this.#confirmed.get(peer.incarnationId) ?? NOTHING_YET;
      return (applied?.[incarnationId] ?? 0) >= length && (holds?.[incarnationId] ?? 0) >= length;
    };
    while (!this.#peers.all().every(holdsAll) && performance.now() < endMs) await pause(DELIVERED_LOOK_MS);
  }

  async close(): Promise<void> {
    if (this.#telling !== null) clearTimeout(this.#telling);
    this.#own.close();
    this.#audit.close();
    this.#watch.close();
    this.#peers.close();
    await this.#logs.close();
  }

  /** For a peer that catches up: what was committed and is to be told later is passed on now. */
  async #askHowFar(): Promise<VersionVector> {
    const answer = await this.#parts.core.ask({ t: 'how-far' });
    if (answer === null) return this.#watch.own;
    this.#own.grown(answer.vector[this.#begin.self.incarnationId] ?? 0);
    return answer.vector;
  }

  #hello(replicationPublicKey: string): Hello {
    const { kmaId, incarnationId, logPublicKey, clusterEpochId } = this.#begin.self;
    return {
      t: 'hello',
      protocol: PEER_PROTOCOL,
      softwareVersion: VERSION,
      replicationVersion: REPLICATION_VERSION,
      kmaId,
      incarnationId,
      replicationPublicKey,
      logPublicKey,
      clusterEpochId,
      vector: this.#watch.own,
    };
  }

  async #admit(hello: Hello, { member, address }: Arrival): Promise<string | null> {
    const { keySha256 } = member;
    const admitted = await this.#parts.core.ask({ t: 'greeted', keySha256, hello, address });
    return admitted === null ? 'the core is away' : admitted.refused;
  }

  #heard(incarnationId: string, confirmation: Confirmation): void {
    const peer = this.#peers.all().find((one) => one.incarnationId === incarnationId);
    if (peer === undefined) return;
    this.#confirmed.set(incarnationId, confirmation);
    this.#tellSoon(peer);
    this.#fetcher.look();
  }

  #gone(peer: ConnectedPeer): void {
    this.#fetcher.gone(peer);
    this.#audit.gone(peer);
    this.#toTell.delete(peer);
    const another = this.#peers.all().some(({ incarnationId }) => incarnationId === peer.incarnationId);
    if (another) return;
    this.#tell(peer, false);
    this.#confirmed.delete(peer.incarnationId);
  }

  /** However often a peer speaks, the core hears of it some times a second. */
  #tellSoon(peer: ConnectedPeer): void {
    this.#toTell.add(peer);
    this.#telling ??= setTimeout(() => this.#tellAll(), TELL_MS);
  }

  #tellAll(): void {
    this.#telling = null;
    for (const peer of this.#toTell) this.#tell(peer, true);
    this.#toTell.clear();
    // Again each time: it may not have been able to write that down.
    if (this.#logs.isProvenElsewhere)
      this.#parts.core.tell({ t: 'own-length', length: this.#logs.ownLengthElsewhere(), proven: true });
  }

  #tell({ kmaId, incarnationId, link }: ConnectedPeer, connected: boolean): void {
    const { applied, holds } = this.#confirmed.get(incarnationId) ?? NOTHING_YET;
    const { health, responseMs, clockAheadMs } = link;
    this.#parts.core.tell({
      t: 'peer',
      kmaId,
      incarnationId,
      connected,
      applied,
      holds,
      health,
      responseMs,
      clockAheadMs,
    });
  }

  /** Of what is asked in the order of asking, the first that fit: what was passed over before the last of them is not here. */
  async #find(ids: readonly string[], vector: VersionVector): Promise<Found> {
    if (!(await this.#watch.reached(vector, COVER_MS))) return { objects: [], haveNot: [] };
    const read = await this.#parts.core.ask({ t: 'read-objects', ids: [...ids] });
    if (read === null) return { objects: [], haveNot: [] };
    const found = new Set(read.objects.map(({ id }) => id));
    const last = ids.findLastIndex((id) => found.has(id));
    const passed = last === -1 ? ids : ids.slice(0, last);
    return { objects: read.objects, haveNot: passed.filter((id) => !found.has(id)) };
  }

  /** The engine has closed it, and gives it to nobody, until its KMA leads another life. */
  #conflict(log: string): void {
    this.#conflicting.set(log, this.#livesBeside(log));
    this.#fault(log, 'two logs of one key');
  }
  #livesBeside(log: string): number {
    const all = [...(this.#roster?.all() ?? [])].map(({ incarnations }) => incarnations);
    return all.find((lives) => lives.some(({ incarnationId }) => incarnationId === log))?.length ?? 0;
  }

  /** What is known already counts again when its owner has come back with it. */
  #fault(incarnationId: string, reason: string, again = false): void {
    for (const { kmaId, incarnations } of this.#roster?.all() ?? []) {
      // Of its own log the core learns otherwise.
      if (kmaId === this.#begin.self.kmaId) continue;
      if (!incarnations.some((life) => life.incarnationId === incarnationId)) continue;
      if (!again || this.#peers.all().some((peer) => peer.kmaId === kmaId)) this.#peers.fault(kmaId, reason);
    }
  }
}
