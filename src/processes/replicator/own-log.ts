/** Carries the own log from the core to the engine, byte for byte, as it grows. What the engine has lost it gets again; it never writes an entry. */
import type { ReplicatedLogs } from '../../replication/replicated-logs.ts';
import type { CoreLink } from './core-link.ts';
import { BLOCKS_MAX } from './messages.ts';

export interface OwnLogParts {
  readonly incarnationId: string;
  readonly logs: Pick<ReplicatedLogs, 'append' | 'ownLength'>;
  readonly core: Pick<CoreLink, 'ask'>;
  /** The engine's copy does not fit any more. */
  readonly onFailure: (error: unknown) => void;
}

export class OwnLog {
  readonly #parts: OwnLogParts;
  #wanted = 0;
  #carrying = false;
  #closed = false;

  constructor(parts: OwnLogParts) {
    this.#parts = parts;
  }

  /** So many entries are in the store, and may be known to others. */
  grown(length: number): void {
    this.#wanted = Math.max(this.#wanted, length);
    if (this.#carrying || this.#closed) return;
    this.#carrying = true;
    this.#carry()
      .catch((error: unknown) => {
        if (!this.#closed) this.#parts.onFailure(error);
        this.#closed = true;
      })
      .finally(() => {
        this.#carrying = false;
      });
  }

  close(): void {
    this.#closed = true;
  }

  async #carry(): Promise<void> {
    const { incarnationId, logs, core } = this.#parts;
    let length = await logs.ownLength();
    while (length < this.#wanted && !this.#closed) {
      const read = await core.ask({ t: 'read-log', incarnationId, afterSeq: length, limit: BLOCKS_MAX });
      if (read === null || this.#closed) return;
      if (read.blocks.length === 0) throw new Error(`the store has no entry ${length + 1} of the own log`);
      length = await logs.append(length, read.blocks);
    }
  }
}
