/** A small world for tests: facts go in as entries of a log with stamps of their own, rows come out. It has no clock. */
import type { Fact } from './facts.ts';
import { foldEntry } from './fold.ts';
import type { IncarnationId } from './ids.ts';
import { MapState } from './map-state.ts';
import { type Hlc, hlc, type Stamp, stampOf } from './stamp.ts';

export const LIFE = 'A1A1A1A1A1A1A1A1' as IncarnationId;
export const OTHER_LIFE = 'B2B2B2B2B2B2B2B2' as IncarnationId;

export class FoldingWorld {
  readonly state = new MapState();
  #ms = 1;

  /** One entry later than all before; returns its stamp. */
  fold(...facts: Fact[]): Stamp {
    this.#ms += 1;
    return this.foldAt(hlc(this.#ms, 0), LIFE, ...facts);
  }

  foldAt(clock: Hlc, incarnation: IncarnationId, ...facts: Fact[]): Stamp {
    const stamp = stampOf(clock, incarnation);
    foldEntry(this.state, { v: 1, stamp, operation: 'Test', facts });
    return stamp;
  }
}
