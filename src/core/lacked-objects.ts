/** Which lives have said that they have not an object, as far as that counts still: nobody may have got it since. It asks nobody, and has no clock. */
import type { VersionVector } from './version-vector.ts';

export interface Lacked {
  readonly objectId: string;
  /** What was folded here when it was asked: who answers has folded that too. */
  readonly asked: VersionVector;
}

/** Who has it not is asked again every second, one after the other, and a slow one keeps the next waiting. */
export const LACKED_MS = 30_000;
/** What a member was sent before it heard that the sender is none has arrived by then. */
const SETTLED_MS = 5_000;

export class LackedObjects {
  readonly #said = new Map<string, Lacked & { readonly atMs: number }>();
  /** When it last changed who is a member, and what was folded here then. */
  #members: { readonly vector: VersionVector; readonly atMs: number };

  constructor(vector: VersionVector, nowMs: number) {
    this.#members = { vector, atMs: nowMs };
  }

  /** Whoever had not heard of it may have got the object from who is none any more. */
  membersChanged(vector: VersionVector, nowMs: number): void {
    this.#members = { vector, atMs: nowMs };
  }

  said(incarnationId: string, lacked: Lacked, nowMs: number): void {
    this.#said.set(incarnationId, { ...lacked, atMs: nowMs });
  }

  /** Its connection has ended. */
  gone(incarnationId: string): void {
    this.#said.delete(incarnationId);
  }
  allGone(): void {
    this.#said.clear();
  }

  /** `forMs`: how long an answer counts. */
  counts(incarnationId: string, objectId: string, nowMs: number, forMs = LACKED_MS): boolean {
    const said = this.#said.get(incarnationId);
    if (said === undefined || said.objectId !== objectId || nowMs - said.atMs > forMs) return false;
    const { vector, atMs } = this.#members;
    const knew = Object.entries(vector).every(([log, length]) => (said.asked[log] ?? 0) >= length);
    return knew && said.atMs - atMs >= SETTLED_MS;
  }
}
