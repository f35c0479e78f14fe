/** What a simulated KMA knows of where the object of its key split of today is not, as long as it is missing: as in production, by what others have said. It asks nobody. */
import type { Fact } from '../src/core/facts.ts';
import { currentKeySplit } from '../src/core/key-split-standing.ts';
import { LackedObjects } from '../src/core/lacked-objects.ts';
import type { VersionVector } from '../src/core/version-vector.ts';
import type { Schedule } from './schedule.ts';
import type { Store } from './store.ts';

/** All is looked at again every thirty seconds here, and not every second. */
const LACKED_MS = 2 * 30_000;

export class SoughtSplit {
  readonly #store: Store;
  readonly #schedule: Schedule;
  readonly #lacked: LackedObjects;

  constructor(store: Store, schedule: Schedule) {
    this.#store = store;
    this.#schedule = schedule;
    this.#lacked = new LackedObjects(store.vector(), schedule.nowMs);
  }

  /** Null while it is here. */
  get objectId(): string | null {
    const id = currentKeySplit(this.#store.state)?.objectId ?? null;
    return id !== null && this.#store.lacks().has(id) ? id : null;
  }

  /** After their commit. */
  committed(facts: readonly Fact[]): void {
    if (facts.some(({ table }) => table === 'kma'))
      this.#lacked.membersChanged(this.#store.vector(), this.#schedule.nowMs);
  }

  said(incarnationId: string, objectId: string, asked: VersionVector): void {
    this.#lacked.said(incarnationId, { objectId, asked }, this.#schedule.nowMs);
  }

  /** Of the lives of a KMA that are connected, where all of them have said so. */
  lacking(connected: readonly string[], objectId: string): ReadonlySet<string> {
    const { nowMs } = this.#schedule;
    const all = connected.every((life) => this.#lacked.counts(life, objectId, nowMs, LACKED_MS));
    return new Set(all ? connected : []);
  }
}
