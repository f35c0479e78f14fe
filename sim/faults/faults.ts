/** When the misfortunes of a simulated world come, and that each ends. It knows none of them. */
import type { Machine } from '../machine.ts';
import { Random } from '../random.ts';
import type { World } from '../world.ts';
import { clockFaults } from './clocks.ts';
import { clusterFaults } from './cluster.ts';
import { diskFaults } from './disks.ts';
import type { Fault } from './fault.ts';
import { memberFaults } from './members.ts';
import { networkFaults } from './network.ts';
import { powerFaults, revive } from './power.ts';

export const FAULTS_PLANNED = 50;
const LASTS_MS = [2 * 60_000, 90 * 60_000] as const;
const ALL: readonly (readonly [number, Fault])[] = [
  ...networkFaults,
  ...powerFaults,
  ...diskFaults,
  ...clockFaults,
  ...clusterFaults,
  ...memberFaults,
].map((fault) => [fault.weight, fault]);

export class Faults {
  readonly #world: World;
  readonly #random: Random;
  readonly #leftOut: ReadonlySet<number>;
  readonly #ends = new Set<() => void>();
  readonly counts: Record<string, number> = {};

  /** `leftOut`: of those that are planned, by their number from 0. */
  constructor(world: World, leftOut: ReadonlySet<number> = new Set()) {
    this.#world = world;
    this.#leftOut = leftOut;
    this.#random = new Random(world.seed, 'faults');
  }

  plan(spanMs: number): void {
    for (let i = 0; i < FAULTS_PLANNED; i++) {
      const fault = this.#random.weighted(ALL);
      const afterMs = this.#random.below(spanMs);
      if (!this.#leftOut.has(i)) this.#world.schedule.after(afterMs, () => this.#begin(fault));
    }
  }

  healAll(): void {
    this.#world.healed = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
    this.#world.network.heal();
    for (const machine of this.#world.machines) {
      machine.clock.setRight();
      if (machine.running !== null) machine.running.disk.crashAt = null;
      revive(machine);
    }
  }

  async #begin(fault: Fault): Promise<void> {
    const running = this.#world.machines.filter((machine: Machine) => machine.running !== null);
    const begun = await fault.begin({ world: this.#world, random: this.#random, running });
    if (begun === null) return;
    this.counts[fault.kind] = (this.counts[fault.kind] ?? 0) + 1;
    this.#world.note(`fault ${fault.kind}: ${begun.what}`);
    const { end } = begun;
    if (end === undefined) return;
    const once = () => {
      if (!this.#ends.delete(once)) return;
      this.#world.note(`fault ${fault.kind} ends: ${begun.what}`);
      end();
    };
    this.#ends.add(once);
    this.#world.schedule.after(this.#random.between(...LASTS_MS), once);
  }
}
