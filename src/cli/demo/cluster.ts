/** The KMAs of the demonstration as they run: started together, ended together, however the demonstration ends. It sets none up. */
import { DemoKma, type KmaOptions } from './kma.ts';
import type { Place } from './places.ts';

export class DemoCluster {
  readonly #options: KmaOptions;
  readonly #kmas = new Map<string, DemoKma>();

  constructor(options: KmaOptions) {
    this.#options = options;
  }

  /** Resolves when all of them serve. */
  async start(places: readonly Place[]): Promise<void> {
    const started = places.map((place) => new DemoKma(place, this.#options));
    for (const kma of started) this.#kmas.set(kma.place.data, kma);
    await Promise.all(started.map(({ ready }) => ready));
  }

  /** In the order of their places. */
  get kmas(): readonly DemoKma[] {
    return [...this.#kmas.values()];
  }

  at(place: Place): DemoKma {
    const kma = this.#kmas.get(place.data);
    if (kma === undefined) throw new Error(`${place.name} was not started`);
    return kma;
  }

  /** Resolves when none of them runs any more. */
  async ended(): Promise<void> {
    await Promise.all(this.kmas.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    await Promise.all(this.kmas.map((kma) => kma.stop()));
  }
}
