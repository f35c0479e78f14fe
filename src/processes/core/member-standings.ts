/** Keeps what the replicator last told of each member, in memory only. It asks nobody, and judges by time alone whether somebody responds. */
import { LackedObjects } from '../../core/lacked-objects.ts';
import type { ServiceAnswer } from '../../core/membership.ts';
import { replicationLag } from '../../core/replication-lag.ts';
import { covers, type VersionVector } from '../../core/version-vector.ts';
import type { MemberStanding } from '../../operations/member-standing.ts';
import type { ReplicatorToCore } from '../replicator/messages.ts';
import { LeftAlone } from './left-alone.ts';

type Told = Extract<ReplicatorToCore, { t: 'peer' }>;
type ToldSearched = Extract<ReplicatorToCore, { t: 'searched' }>;
interface Heard {
  readonly told: Told;
  readonly atMs: number;
}

/** Members tell how they fare every second. */
const SILENT_MS = 5_000;
/** Who is there has connected by then. */
const AWAITED_MS = 10_000;
/** Many times the members there may be. */
const LIVES_MAX = 256;

export interface StandingsParts {
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  readonly nowMs: () => number;
  /** What is folded here. */
  readonly vector: () => VersionVector;
}

export class MemberStandings {
  readonly #parts: StandingsParts;
  readonly #begunMs: number;
  /** By life, those heard longest ago first. */
  readonly #heard = new Map<string, Heard>();
  readonly #lacked: LackedObjects;
  /** By KMA, whether it answers where agents are, as seen last. */
  readonly #service = new Map<string, ServiceAnswer>();
  readonly leftAlone: LeftAlone;

  constructor(parts: StandingsParts) {
    this.#parts = parts;
    this.leftAlone = new LeftAlone(parts);
    this.#begunMs = parts.elapsedMs();
    this.#lacked = new LackedObjects(parts.vector());
  }

  told(told: Told): void {
    const before = this.#heard.get(told.incarnationId);
    // A connection that has ended is nothing that was heard of the member.
    const atMs = told.connected || before === undefined ? this.#parts.elapsedMs() : before.atMs;
    this.#heard.delete(told.incarnationId);
    if (told.connected)
      for (const [life, { told: other }] of this.#heard)
        if (other.kmaId === told.kmaId && !other.connected) this.#heard.delete(life);
    this.#heard.set(told.incarnationId, { told, atMs });
    if (!told.connected) this.#lacked.gone(told.incarnationId);
    else if (told.applied !== null) this.#lacked.told(told.incarnationId, told.applied, atMs);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > LIVES_MAX && oldest !== undefined) {
      this.#heard.delete(oldest);
      this.#lacked.gone(oldest);
    }
  }

  searched({ incarnationId, ...searched }: ToldSearched): void {
    if (this.#heard.get(incarnationId)?.told.connected === true)
      this.#lacked.said(incarnationId, searched, this.#parts.elapsedMs());
  }

  /** A row of a KMA has changed. */
  membersChanged(): void {
    this.#lacked.membersChanged(this.#parts.vector(), this.#parts.elapsedMs());
  }

  /** All lives of it that are connected, a copy of its disk too, respond and have said so. */
  lacking(kmaId: string, objectId: string): ReadonlySet<string> {
    const lives = [...this.#heard].filter(([, { told }]) => told.kmaId === kmaId && told.connected);
    const [nowMs, own] = [this.#parts.elapsedMs(), this.#parts.vector()];
    const all = lives.every(
      ([life, heard]) => this.#responds(heard) && this.#lacked.counts(life, objectId, own, nowMs),
    );
    return new Set(all ? lives.map(([life]) => life) : []);
  }

  serviceTold(kmaId: string, answer: ServiceAnswer): void {
    if (this.#service.size < LIVES_MAX || this.#service.has(kmaId)) this.#service.set(kmaId, answer);
  }

  /** Its connections have ended with it. */
  replicatorGone(): void {
    this.#service.clear();
    this.#lacked.allGone();
    for (const [life, { told, atMs }] of this.#heard)
      this.#heard.set(life, { told: { ...told, connected: false }, atMs });
  }

  get someoneResponds(): boolean {
    return [...this.#heard.values()].some((heard) => this.#responds(heard));
  }

  /** Each of these KMAs responds and has told how far it is. */
  haveTold(kmaIds: readonly string[]): boolean {
    const heard = [...this.#heard.values()].filter((one) => this.#responds(one) && one.told.applied !== null);
    return kmaIds.every((kmaId) => heard.some(({ told }) => told.kmaId === kmaId));
  }

  /** One of these KMAs does not respond, and was heard, or this KMA began, only some seconds ago: what it has written may still come. */
  awaits(kmaIds: () => readonly string[]): boolean {
    const heard = [...this.#heard.values()];
    const isRecent = (atMs: number) => this.#parts.elapsedMs() - atMs < AWAITED_MS;
    if (![this.#begunMs, ...heard.map(({ atMs }) => atMs)].some(isRecent)) return false;
    return kmaIds().some((kmaId) => {
      const ofIt = heard.filter(({ told }) => told.kmaId === kmaId);
      if (ofIt.some((life) => this.#responds(life))) return false;
      return isRecent(this.#begunMs) || ofIt.some(({ atMs }) => isRecent(atMs));
    });
  }

  /** By how much the clock of each that responds is ahead of this KMA's. */
  clocksAheadMs(): readonly number[] {
    return [...this.#heard.values()].flatMap((heard) =>
      this.#responds(heard) && heard.told.clockAheadMs !== null ? [heard.told.clockAheadMs] : [],
    );
  }

  /** One that responds has not folded yet what is folded here. */
  get someoneLags(): boolean {
    const here = this.#parts.vector();
    return [...this.#heard.values()].some(
      (heard) => this.#responds(heard) && !covers(heard.told.applied ?? {}, here),
    );
  }

  /** Somebody has told how far he is, and nobody is further than what is folded here. */
  get hasAll(): boolean {
    const here = this.#parts.vector();
    const told = [...this.#heard.values()].flatMap((heard) =>
      this.#responds(heard) && heard.told.applied !== null ? [heard.told.applied] : [],
    );
    return told.length > 0 && told.every((there) => covers(here, there));
  }

  report(): readonly MemberStanding[] {
    const { elapsedMs, nowMs, vector } = this.#parts;
    return [...this.#heard.values()].map((heard) => {
      const { kmaId, applied, health, responseMs, clockAheadMs } = heard.told;
      return {
        kmaId,
        responding: this.#responds(heard),
        responseMs,
        clockAheadMs,
        service: this.#service.get(kmaId) ?? null,
        health,
        heardAtMs: nowMs() - Math.round(elapsedMs() - heard.atMs),
        lagEntries: () => replicationLag(vector(), applied ?? {}),
      };
    });
  }

  #responds({ told, atMs }: Heard): boolean {
    return told.connected && this.#parts.elapsedMs() - atMs <= SILENT_MS;
  }
}
