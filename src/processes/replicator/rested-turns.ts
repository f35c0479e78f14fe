/** Has the core do one thing after another and rest in between, thrice as long as each took, so that agents come first however many members ask. It knows no question. */
import { setTimeout as pause } from 'node:timers/promises';

const REST_TIMES = 3;
const REST_MS_MAX = 1_000;

export class RestedTurns {
  #turn: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const begun = this.#turn.then(async () => {
      const startedMs = performance.now();
      const done = await work().then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      return { done, tookMs: performance.now() - startedMs };
    });
    this.#turn = begun.then(({ tookMs }) =>
      pause(Math.min(tookMs * REST_TIMES, REST_MS_MAX), undefined, { ref: false }),
    );
    return begun.then(({ done }) => {
      if ('error' in done) throw done.error;
      return done.result;
    });
  }
}
