/** The KMAs of the demonstration as they run: started together, ended together, however the demonstration ends. It sets none up. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoKma, type KmaOptions } from './kma.ts';
import type { Place } from './places.ts';

export class DemoCluster {
  readonly #options: KmaOptions;
  readonly #kmas = new Map<string, DemoKma>();

  constructor(options: Omit<KmaOptions, 'temporary'>) {
    const temporary = mkdtempSync(join(tmpdir(), 'openkma-demo-'));
    // Fronts of a KMA started as root are another user, who has to pass here to the socket of the core.
    chmodSync(temporary, 0o711);
    this.#options = { ...options, temporary };
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

  /** Resolves when none of them runs any more. */
  async ended(): Promise<void> {
    await Promise.all(this.kmas.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    await Promise.all(this.kmas.map((kma) => kma.stop()));
    rmSync(this.#options.temporary, { recursive: true, force: true });
  }
}
