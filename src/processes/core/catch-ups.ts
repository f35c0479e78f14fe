/** Asks the replicator to bring at once what other members have, out of turn. It waits no longer than it is told to. */
import type { CoreToReplicator } from '../replicator/messages.ts';

type Send = (message: CoreToReplicator) => void;

export class CatchUps {
  readonly #waiting = new Map<number, () => void>();
  #send: Send | null = null;
  #nextId = 1;

  connected(send: Send): void {
    this.#send = send;
  }
  disconnected(send: Send): void {
    if (this.#send !== send) return;
    this.#send = null;
    for (const id of [...this.#waiting.keys()]) this.done(id);
  }

  /** Resolves when what connected members had at this moment is folded here, or after `timeoutMs`; at once where there is no replicator. */
  async catchUp(timeoutMs: number): Promise<void> {
    const send = this.#send;
    if (send === null) return;
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.done(id), timeoutMs);
    this.#waiting.set(id, () => {
      clearTimeout(timer);
      resolve();
    });
    send({ t: 'catch-up', id, timeoutMs });
    return promise;
  }

  done(id: number): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.();
  }
}
