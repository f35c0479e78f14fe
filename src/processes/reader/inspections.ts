/** Long reading for whoever asks: in steps, each over a snapshot of its own, while others are answered in between. Who asks for what is under way waits for that and gets its answer. It keeps none. */
import { setImmediate } from 'node:timers/promises';
import type { HowFar, Steps } from '../../core/steps.ts';
import type { Store } from '../../store/store.ts';

type Tell = (howFar: HowFar) => void;

interface UnderWay {
  readonly answer: Promise<unknown>;
  readonly listeners: Tell[];
}

export class Inspections {
  readonly #store: Pick<Store, 'read'>;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(store: Pick<Store, 'read'>) {
    this.#store = store;
  }

  /** `what`: who asks for the same is told of one and the same. */
  run(what: string, begin: () => Steps<unknown>, tell: Tell): Promise<unknown> {
    const before = this.#underWay.get(what);
    if (before !== undefined) {
      before.listeners.push(tell);
      return before.answer;
    }
    const listeners = [tell];
    const answer = this.#taken(begin(), listeners).finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, { answer, listeners });
    return answer;
  }

  async #taken(steps: Steps<unknown>, listeners: readonly Tell[]): Promise<unknown> {
    for (;;) {
      const step = this.#store.read(() => steps.next());
      if (step.done === true) return step.value;
      for (const tell of listeners) tell(step.value);
      await setImmediate();
    }
  }
}
