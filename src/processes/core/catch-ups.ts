/** Asks the replicator to bring at once what other members have, out of turn. It waits no longer than it is told to. */
import type { CoreToReplicator } from '../replicator/messages.ts';

type Send = (message: CoreToReplicator) => void;

/** As long as an agent's call may wait for others. */
const ASK_MS = 500;

export class CatchUps {
  readonly #waiting = new Map<number, () => void>();
  #send: Send | null = null;
  #nextId = 1;
  #running: Promise<void> = Promise.resolve();
  /** Shared by all who ask while one is under way: what that one asked for may be older than what they want. */
  #next: Promise<void> | null = null;

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
    if (this.#send === null) return;
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      this.#running = this.#ask();
      return this.#running;
    });
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([this.#next, late]);
    clearTimeout(timer);
  }

  #ask(): Promise<void> {
    const send = this.#send;
    if (send === null) return Promise.resolve();
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.done(id), ASK_MS);
    this.#waiting.set(id, () => {
      clearTimeout(timer);
      resolve();
    });
    send({ t: 'catch-up', id, timeoutMs: ASK_MS });
    return promise;
  }

  done(id: number): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.();
  }
}
