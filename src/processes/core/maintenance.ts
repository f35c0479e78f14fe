/** Keeps the time of the chores of a KMA and runs them one after another. It knows none of them, and serves nobody. */
import type { Chore } from './chores.ts';
import { logFailure } from './failure.ts';
import type { Health } from './health.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export class Maintenance {
  readonly #chores: readonly Chore[];
  readonly #health: Health;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(chores: readonly Chore[], health: Health) {
    this.#chores = chores;
    this.#health = health;
    this.#timers = [
      setInterval(() => this.#guard(() => this.minutely()), MINUTE_MS),
      setInterval(() => this.#guard(() => this.hourly()), HOUR_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  minutely(): Promise<void> {
    return this.#run('minute');
  }
  hourly(): Promise<void> {
    return this.#run('hour');
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** One that fails keeps none of the others from being done. */
  async #run(every: Chore['every']): Promise<void> {
    const failures: unknown[] = [];
    for (const chore of this.#chores.filter((one) => one.every === every))
      try {
        await chore.work();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }

  #guard(work: () => Promise<void>): void {
    if (this.#health.stopped) return;
    work().catch((error: unknown) => logFailure(error, 'maintenance'));
  }
}
