/** Checks of logs: what was acknowledged is there after a crash (1), every copy is what its writer wrote (6), stamps only grow (10). */
import { hlcMs } from '../../src/core/stamp.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import { Violation } from '../violation.ts';
import type { ForkChecks } from './forks.ts';

/** 2100 in milliseconds: no clock of the simulated world gets that far. */
const SOUND_STAMP_MS = Date.UTC(2100, 0, 1);

export class LogChecks {
  /** What each incarnation wrote, once it was durable. */
  readonly #written = new Map<string, (Uint8Array | undefined)[]>();
  /** By place: how much of each log the machine has said that it has. */
  readonly #acknowledged = new Map<string, Map<string, number>>();
  /** How much of each copy was compared. */
  readonly #compared = new Map<string, number>();
  readonly forks: ForkChecks;

  constructor(forks: ForkChecks) {
    this.forks = forks;
  }

  /** In the transaction: later than all that is folded, in the form in which text sorts as time does. */
  stamped({ place, self }: Machine, { entry }: Committed): void {
    if (entry === null) return;
    const { stamp, clockBefore } = entry;
    if (stamp.slice(0, clockBefore.length) <= clockBefore)
      throw new Violation(
        10,
        self.incarnationId,
        `${place} writes at ${stamp}, which is not after ${clockBefore}`,
      );
    if (!/^[0-9A-F]{32}$/.test(stamp) || hlcMs(stamp) > SOUND_STAMP_MS)
      throw new Violation(10, self.incarnationId, `${place} writes at ${stamp}, which is no sound stamp`);
  }

  durable(machine: Machine, committed: Committed): void {
    const { place, store, self } = machine;
    const { entry } = committed;
    if (entry === null) return;
    this.forks.durable(machine, committed);
    const { seq } = entry;
    if (seq > this.forks.limitOf(self.incarnationId)) return;
    const [block] = store.readLog(self.incarnationId, seq - 1);
    const log = this.#logOf(self.incarnationId);
    log[seq - 1] = block;
    this.#acknowledgedAt(place).set(self.incarnationId, seq);
  }

  /** The disk in this machine is another one, or an older state of it: it promised nothing. */
  diskReplaced(place: string): void {
    this.#acknowledged.delete(place);
    this.forks.diskReplaced(place);
    for (const key of this.#compared.keys()) if (key.startsWith(`${place} `)) this.#compared.delete(key);
  }

  /** What it has written behind what is on its disk now others may have, in the place of what it writes from now on. */
  forked(machine: Machine): void {
    const { incarnationId } = machine.self;
    this.forks.begun(machine);
    const limit = this.forks.limitOf(incarnationId);
    this.#logOf(incarnationId).splice(limit);
    for (const acknowledged of this.#acknowledged.values())
      acknowledged.set(incarnationId, Math.min(limit, acknowledged.get(incarnationId) ?? 0));
  }

  /** At every start, and in the end. */
  checkKept({ place, store }: Machine): void {
    for (const [incarnationId, seq] of this.#acknowledgedAt(place))
      if (store.logLength(incarnationId) < seq)
        throw new Violation(
          1,
          incarnationId,
          `${place} has ${store.logLength(incarnationId)} of ${seq} acknowledged entries of ${incarnationId}`,
        );
  }

  folded({ place, store }: Machine, incarnationId: string): void {
    const key = `${place} ${incarnationId}`;
    const from = this.#compared.get(key) ?? 0;
    const log = this.#logOf(incarnationId);
    store.readLog(incarnationId, from).forEach((block, i) => {
      const original = log[from + i];
      if (original !== undefined && original !== block && Buffer.compare(original, block) !== 0)
        throw new Violation(
          6,
          incarnationId,
          `entry ${from + i + 1} of ${incarnationId} is another one at ${place}`,
        );
    });
    const length = Math.min(store.logLength(incarnationId), this.forks.limitOf(incarnationId));
    this.#compared.set(key, length);
    const acknowledged = this.#acknowledgedAt(place);
    acknowledged.set(incarnationId, Math.max(length, acknowledged.get(incarnationId) ?? 0));
  }

  /** All that was answered: log and position. */
  *everything(): Generator<readonly [incarnationId: string, length: number]> {
    for (const [incarnationId, log] of this.#written) yield [incarnationId, log.length];
  }

  #logOf(incarnationId: string): (Uint8Array | undefined)[] {
    const log = this.#written.get(incarnationId) ?? [];
    this.#written.set(incarnationId, log);
    return log;
  }
  #acknowledgedAt(place: string): Map<string, number> {
    const known = this.#acknowledged.get(place) ?? new Map<string, number>();
    this.#acknowledged.set(place, known);
    return known;
  }
}
