/** How long each step of a verification took, and whether a restore takes it too. It judges nothing. */

export interface StepTime {
  readonly step: string;
  readonly seconds: number;
  /** Whether "kma restore" does the same; the rest is checked here alone. */
  readonly restore: boolean;
}

interface Running {
  readonly step: string;
  readonly restore: boolean;
  readonly sinceMs: number;
}

export class StepTimes {
  readonly #say: (text: string) => void;
  readonly #done: StepTime[] = [];
  #running: Running | null = null;

  /** `say` hears of each step when it begins. */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  begin(step: string, part: 'restore' | 'check'): void {
    this.end();
    this.#say(step);
    this.#running = { step, restore: part === 'restore', sinceMs: performance.now() };
  }
  /** What follows, until another step begins, is nobody's time: people at a prompt. */
  end(): void {
    if (this.#running === null) return;
    const { step, restore, sinceMs } = this.#running;
    this.#done.push({ step, restore, seconds: (performance.now() - sinceMs) / 1000 });
    this.#running = null;
  }

  get steps(): readonly StepTime[] {
    return this.#done.map(({ seconds, ...step }) => ({ ...step, seconds: Number(seconds.toFixed(3)) }));
  }
  /** Of the steps that a restore takes, in whole minutes begun. */
  get minutesToRestore(): number {
    const taken = this.#done.filter(({ restore }) => restore);
    return Math.max(1, Math.ceil(taken.reduce((sum, { seconds }) => sum + seconds, 0) / 60));
  }
}
