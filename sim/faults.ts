/** The misfortunes of a simulated world: when they come, and that they end. */
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

export class Faults {
  readonly #world: World;
  readonly #random: Random;
  readonly counts: Record<string, number> = {};

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 'faults');
  }

  plan(_spanMs: number): void {
    void this.#random;
  }

  healAll(): void {
    this.#world.network.heal();
    for (const machine of this.#world.machines) this.#revive(machine);
  }

  #revive(machine: Machine): void {
    if (machine.running === null) machine.boot();
  }
}
