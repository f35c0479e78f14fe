/** The end of a simulated world: all is healed, and then all must come to the same: every acknowledged entry everywhere, equal states, every sealed object. */
import type { Faults } from '../faults/faults.ts';
import type { Machine } from '../machine.ts';
import { standing } from '../membership.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';

const ROUND_MS = 10 * 60_000;
const ROUNDS_MAX = 12;

export class Convergence {
  readonly #world: World;
  readonly #faults: Faults;

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.#faults = faults;
  }

  async reach(): Promise<void> {
    this.#faults.healAll();
    await this.#settle();
    this.#world.states.look();
    this.#check();
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX && !this.#agree(); round++) {
      await this.#world.operators.round();
      await this.#world.operators.acceptClocks();
      await this.#world.schedule.run(this.#world.schedule.nowMs + ROUND_MS);
    }
  }

  #agree(): boolean {
    const { removed, strangers } = standing(this.#world.machines, this.#world.clusterEpochId);
    if (removed.length + strangers.length > 0) return false;
    // Forked logs may be of one length.
    if (this.#members().some((machine) => this.#world.forks.isPending(machine))) return false;
    const vectors = new Set(this.#members().map(({ store }) => JSON.stringify(store.vector())));
    return vectors.size === 1 && this.#members().every(({ store }) => store.lacks().size === 0);
  }

  #members(): readonly Machine[] {
    return standing(this.#world.machines, this.#world.clusterEpochId).members;
  }

  #check(): void {
    const members = this.#members();
    const [first] = members;
    if (first === undefined) throw new Violation('convergence', '', 'no member is left');
    this.#world.forks.check(members);
    for (const machine of members)
      for (const [incarnationId, length] of this.#world.logs.everything()) {
        if (machine.store.logLength(incarnationId) < length && this.#hasAnyone(incarnationId, length))
          throw new Violation(
            'convergence',
            incarnationId,
            `${machine.place} has ${machine.store.logLength(incarnationId)} of ${length} entries of ${incarnationId}`,
          );
      }
    for (const { place, store } of members)
      for (const id of store.lacks().keys())
        if (members.some((other) => other.store.getObject(id) !== undefined))
          throw new Violation('convergence', id, `${place} lacks the object ${id}, which another has`);
  }

  #hasAnyone(incarnationId: string, length: number): boolean {
    return this.#members().some(({ store }) => store.logLength(incarnationId) >= length);
  }
}
