/** Asks the core whether it serves agents, within a bound: a core that hangs, or is not there, gives no answer. It starts and ends nothing. */
import type { Obstacle, SupervisorToCore } from './messages.ts';

/** A core that was replaced comes up within this; one that hangs does not. */
const ANSWER_MS = 2_000;
/** What was asked of a core that was just ending is asked of the next one too. */
const ASK_MS = 200;

export class CoreProbe {
  readonly #send: (message: SupervisorToCore) => void;
  #waiting: PromiseWithResolvers<readonly Obstacle[] | null> | null = null;

  constructor(send: (message: SupervisorToCore) => void) {
    this.#send = send;
  }

  /** Null where it does not answer in time. Those who ask at once share an answer. */
  ask(): Promise<readonly Obstacle[] | null> {
    if (this.#waiting !== null) return this.#waiting.promise;
    const waiting = Promise.withResolvers<readonly Obstacle[] | null>();
    this.#waiting = waiting;
    const ask = () => this.#send({ t: 'ask-serving' });
    const again = setInterval(ask, ASK_MS);
    const late = setTimeout(() => waiting.resolve(null), ANSWER_MS);
    ask();
    return waiting.promise.finally(() => {
      clearInterval(again);
      clearTimeout(late);
      this.#waiting = null;
    });
  }

  answered(obstacles: readonly Obstacle[]): void {
    this.#waiting?.resolve(obstacles);
  }
}
