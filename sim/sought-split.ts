/** What a simulated KMA knows of where the objects of its key split of today, and of others that are later than what it has, are not, as long as that one is missing: as in production, by what others have said. It asks nobody. */
import type { Fact } from '../src/core/facts.ts';
import { LackedObjects, type Searched } from '../src/core/lacked-objects.ts';
import { soughtObjects } from '../src/core/missing-split.ts';
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
    this.#lacked = new LackedObjects(store.vector());
  }

  get objectIds(): readonly string[] {
    return soughtObjects(this.#store.state, (id) => this.#store.hasObject(id));
  }

  /** After their commit. */
  committed(facts: readonly Fact[]): void {
    if (facts.some(({ table }) => table === 'kma'))
      this.#lacked.membersChanged(this.#store.vector(), this.#schedule.nowMs);
  }

  /** What a life has folded. */
  told(incarnationId: string, applied: VersionVector): void {
    this.#lacked.told(incarnationId, applied, this.#schedule.nowMs);
  }
  said(incarnationId: string, searched: Searched): void {
    this.#lacked.said(incarnationId, searched, this.#schedule.nowMs);
  }

  /** Of the lives of a KMA that are connected, where all of them have said so. */
  lacking(connected: readonly string[], objectId: string): ReadonlySet<string> {
    const { nowMs } = this.#schedule;
    const own = this.#store.vector();
    const all = connected.every((life) => this.#lacked.counts(life, objectId, own, nowMs, LACKED_MS));
    return new Set(all ? connected : []);
  }
}
