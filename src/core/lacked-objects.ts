/** Which lives have said that they have not an object, as far as that counts still: nobody may have got it since, or have replaced it. It asks nobody, and has no clock. */
import { covers, type VersionVector } from './version-vector.ts';

/** What a life has answered of objects that are sought. */
export interface Searched {
  readonly lacks: readonly string[];
  readonly has: readonly string[];
  /** What was folded here when it was asked: who answers has folded that too, but for logs that it takes no further. */
  readonly asked: VersionVector;
}

interface Lacked {
  readonly asked: VersionVector;
  /** When it first said so, of what it has said since it knew who is a member. */
  readonly sinceMs: number;
  readonly atMs: number;
  /** What it had told to be folded there when it had said so for long enough; null until then. */
  readonly applied: VersionVector | null;
}
interface Life {
  /** As it told last. */
  applied: VersionVector | null;
  /** Since when it is known here that it knows who is a member. */
  knowsSinceMs: number | null;
  /** By object, what was said longest ago first. */
  readonly lacked: Map<string, Lacked>;
}

/** Who has it not is asked again every second, one after the other, and a slow one keeps the next waiting. */
export const LACKED_MS = 30_000;
/** What a member was sent before it heard that the sender is none has arrived by then, and here what it had folded before. */
const SETTLED_MS = 5_000;
/** Of one life; many times what is sought at once. */
const OBJECTS_MAX = 64;

export class LackedObjects {
  readonly #lives = new Map<string, Life>();
  /** What was folded here when it last changed who is a member. */
  #members: VersionVector;

  constructor(vector: VersionVector) {
    this.#members = vector;
  }

  /** Whoever had not heard of it may have got the object from who is none any more. */
  membersChanged(vector: VersionVector, nowMs: number): void {
    this.#members = vector;
    for (const life of this.#lives.values()) life.knowsSinceMs = this.#knows(life) ? nowMs : null;
  }

  /** What it has folded. */
  told(incarnationId: string, applied: VersionVector, nowMs: number): void {
    const life = this.#lifeOf(incarnationId);
    life.applied = applied;
    life.knowsSinceMs = this.#knows(life) ? (life.knowsSinceMs ?? nowMs) : null;
  }

  said(incarnationId: string, { lacks, has, asked }: Searched, nowMs: number): void {
    const { lacked, knowsSinceMs, applied } = this.#lifeOf(incarnationId);
    for (const objectId of has) lacked.delete(objectId);
    for (const objectId of lacks) {
      const before = lacked.get(objectId);
      const goesOn = before !== undefined && knowsSinceMs !== null && before.sinceMs >= knowsSinceMs;
      const sinceMs = goesOn ? before.sinceMs : nowMs;
      const settled = nowMs - sinceMs >= SETTLED_MS ? applied : null;
      const known = goesOn ? (before.applied ?? settled) : null;
      lacked.delete(objectId);
      lacked.set(objectId, { asked, sinceMs, atMs: nowMs, applied: known });
    }
    for (const objectId of [...lacked.keys()].slice(0, -OBJECTS_MAX)) lacked.delete(objectId);
  }

  /** It is not connected any more. */
  gone(incarnationId: string): void {
    this.#lives.delete(incarnationId);
  }
  allGone(): void {
    this.#lives.clear();
  }

  /**
   * `own`: what is folded here now. Who has replaced the object has it not either; but what he had folded when he first said
   * so he had told by the time that he had said so for long enough, and nothing of that may be unknown here. What he folds
   * later is of no matter: he writes on while this KMA catches up. `forMs`: how long an answer counts.
   */
  counts(
    incarnationId: string,
    objectId: string,
    own: VersionVector,
    nowMs: number,
    forMs = LACKED_MS,
  ): boolean {
    const life = this.#lives.get(incarnationId);
    const said = life?.lacked.get(objectId);
    if (life === undefined || said === undefined || life.knowsSinceMs === null) return false;
    if (said.applied === null || said.sinceMs < life.knowsSinceMs || nowMs - said.atMs > forMs) return false;
    return covers(said.asked, this.#members) && covers(own, said.applied);
  }

  #knows({ applied }: Life): boolean {
    return applied !== null && covers(applied, this.#members);
  }

  #lifeOf(incarnationId: string): Life {
    const life = this.#lives.get(incarnationId) ?? { applied: null, knowsSinceMs: null, lacked: new Map() };
    this.#lives.set(incarnationId, life);
    return life;
  }
}
