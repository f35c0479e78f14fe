/** Follows the logs of all other lives and hands their entries to the core, which alone folds them; a log that goes wrong is reported with its owner. It reads no entry. */
import type { LogId, ReplicatedLogs } from '../../replication/replicated-logs.ts';
import type { CoreLink } from './core-link.ts';
import { BLOCK_BYTES_MAX } from './messages.ts';

export interface FollowedLog {
  readonly incarnationId: string;
  readonly replicationPublicKey: string;
  /** What lies beyond counts nowhere. */
  readonly limit: number | null;
  /** What is folded of it here is compared with what others have. */
  readonly comparedFrom: number | null;
}

export interface ForeignLogsParts {
  readonly ownIncarnationId: string;
  readonly logs: Pick<ReplicatedLogs, 'follow' | 'unfollow'>;
  readonly core: Pick<CoreLink, 'ask'>;
  /** How much of the log is folded here. */
  readonly folded: (incarnationId: string) => number;
  /** Whoever signs for this log has written what no KMA writes. `again`: it is known, and still so. */
  readonly fault: (incarnationId: string, reason: string, again: boolean) => void;
  /** No more of it is taken, or again. */
  readonly onStalled: (incarnationId: string, stalled: boolean) => void;
}

export class ForeignLogs {
  readonly #parts: ForeignLogsParts;
  readonly #limits = new Map<string, number | null>();
  readonly #stalled = new Map<string, string>();

  constructor(parts: ForeignLogsParts) {
    this.#parts = parts;
  }

  follow(wanted: readonly FollowedLog[]): void {
    const foreign = wanted.filter(({ incarnationId }) => incarnationId !== this.#parts.ownIncarnationId);
    const ids = new Set(foreign.map(({ incarnationId }) => incarnationId));
    for (const incarnationId of [...this.#limits.keys()]) {
      if (ids.has(incarnationId)) continue;
      this.#limits.delete(incarnationId);
      this.#stalled.delete(incarnationId);
      this.#parts.logs.unfollow(incarnationId);
    }
    for (const { incarnationId, replicationPublicKey, limit, comparedFrom } of foreign) {
      const isNew = !this.#limits.has(incarnationId);
      this.#limits.set(incarnationId, limit);
      if (isNew) this.#follow({ incarnationId, publicKey: replicationPublicKey }, comparedFrom);
    }
  }

  #follow(log: LogId, comparedFrom: number | null): void {
    const { incarnationId } = log;
    const from = comparedFrom ?? this.#parts.folded(incarnationId);
    this.#parts.logs.follow(log, from, (afterSeq, blocks) => this.#take(incarnationId, afterSeq, blocks));
  }

  /** Where nothing is taken, the same entries come again after a while. */
  async #take(incarnationId: string, afterSeq: number, blocks: readonly Uint8Array[]): Promise<number> {
    const limit = this.#limits.get(incarnationId) ?? Number.POSITIVE_INFINITY;
    const fitting = blocks.slice(0, Math.max(0, limit - afterSeq));
    const tooLong = fitting.findIndex(({ length }) => length > BLOCK_BYTES_MAX);
    const sound = tooLong === -1 ? fitting : fitting.slice(0, tooLong);
    if (tooLong !== -1)
      this.#note(incarnationId, `an entry of ${fitting[tooLong]?.length} bytes in its log`, true);
    if (sound.length === 0) return afterSeq;
    const applied = await this.#parts.core.ask({
      t: 'entries',
      incarnationId,
      afterSeq,
      blocks: sound,
    });
    if (applied === null) return afterSeq;
    if (applied.stalled === null && tooLong === -1 && this.#stalled.delete(incarnationId))
      this.#parts.onStalled(incarnationId, false);
    if (applied.stalled !== null) this.#note(incarnationId, applied.stalled, applied.broken);
    return applied.length;
  }

  /** The core has reported why it stalls; its owner is left alone only for what is no accident. */
  #note(incarnationId: string, reason: string, broken: boolean): void {
    const again = this.#stalled.get(incarnationId) === reason;
    this.#stalled.set(incarnationId, reason);
    if (!again) this.#parts.onStalled(incarnationId, true);
    if (broken) this.#parts.fault(incarnationId, reason, again);
  }
}
