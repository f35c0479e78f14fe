/** What the people do who look after the machines: one that was removed, or restored beside the living cluster, is zeroised and joins again, and the entry of a KMA that is no more is deleted; one that is locked is unlocked; a clock that is right is accepted. They know nothing that no KMA tells. */
import { FOREIGN_AHEAD_MAX_MS } from '../src/core/clock-guard.ts';
import type { KmaId } from '../src/core/ids.ts';
import { isLive } from '../src/core/live.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { hlcMs } from '../src/core/stamp.ts';
import { shownName } from '../src/operations/entities.ts';
import { join } from './joining.ts';
import type { Machine } from './machine.ts';
import { type Standing, standing } from './membership.ts';
import { Random } from './random.ts';
import { asOfficer, credentialsOf } from './workload/people.ts';
import type { World } from './world.ts';

const ROUND_MS = 15 * 60_000;

export class Operators {
  readonly #world: World;
  readonly #random: Random;
  /** What machines were before they were zeroised. */
  readonly #gone = new Set<KmaId>();

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 'operators');
  }

  plan(spanMs: number): void {
    for (let ms = ROUND_MS; ms < spanMs; ms += ROUND_MS) this.#world.schedule.after(ms, () => this.round());
  }

  async round(): Promise<void> {
    const { removed, strangers } = this.#standing();
    for (const machine of removed) this.#replace(machine);
    for (const machine of strangers) await this.#takeBack(machine);
    for (const kmaId of this.#gone) await this.#deleteEntry(kmaId);
    await this.#unlock();
  }

  /** Restored from a backup beside the cluster; where its entry was deleted before, nothing is left to be said of it. */
  async #takeBack(stranger: Machine): Promise<void> {
    const at = this.#sound(stranger);
    if (at?.store.state.get('kma', stranger.self.kmaId)?.removedStamp != null) this.#zeroise(stranger);
    else await this.remove(stranger, 'retired', at);
  }

  /** An officer at another member says so; who owns a retired one zeroises it then. */
  async remove(machine: Machine, as: 'retired' | 'lost', at = this.#sound(machine)): Promise<void> {
    const { kmaId } = machine.self;
    await this.#deleteAt(at, kmaId, as, () => {
      if (as === 'lost') return;
      for (const owned of this.#world.machines) if (owned.self.kmaId === kmaId) this.#zeroise(owned);
    });
  }

  /** Of a KMA that no machine is any more: whoever zeroises one says so at a member that knows it still. */
  async #deleteEntry(kmaId: KmaId): Promise<void> {
    if (this.#world.machines.some(({ zeroised, self }) => !zeroised && self.kmaId === kmaId)) return;
    const knowing = this.#soundMembers().filter(({ store }) => isLive(store.state.get('kma', kmaId)));
    await this.#deleteAt(this.#random.pickAny(knowing), kmaId, 'retired');
  }

  async #deleteAt(
    at: Machine | undefined,
    kmaId: KmaId,
    as: 'retired' | 'lost',
    then: () => void = () => undefined,
  ): Promise<void> {
    const row = at?.store.state.get('kma', kmaId);
    if (at === undefined || row?.name == null) return;
    const call = asOfficer(at, this.#random, 'DeleteKma', { kma: shownName(at.store.state, 'kma', row), as });
    await this.#world.call(at, call, (answer) => {
      if (!isRefusal(answer)) then();
    });
  }

  async #unlock(): Promise<void> {
    for (const machine of this.#world.machines)
      if (machine.running?.core.locked === true) await this.#withQuorum(machine, 'UnlockKma');
  }

  /** Of clocks that have been put right, and what they wrote while they were ahead. */
  async acceptClocks(): Promise<void> {
    const { machines } = this.#world;
    const lastMs = Math.max(...machines.map(({ store }) => hlcMs(store.lastStamp())));
    const at = this.#sound() ?? this.#standing().members.find(({ running }) => running !== null);
    if (at !== undefined && lastMs > at.clock.wallMs() + FOREIGN_AHEAD_MAX_MS) {
      const until = new Date(lastMs).toISOString();
      await this.#withQuorum(at, 'AcceptLogClock', { kma: at.self.kmaName, until });
    }
    for (const machine of machines)
      if (machine.running?.core.odd() != null) await this.#withQuorum(machine, 'AcceptClock');
  }

  #withQuorum(machine: Machine, operation: string, input: object = {}): Promise<void> {
    const call = asOfficer(machine, this.#random, operation, input);
    const credentials = this.#random.some(credentialsOf(machine, operation), 2);
    return this.#world.call(machine, { ...call, credentials });
  }

  #standing(): Standing {
    return standing(this.#world.machines, this.#world.clusterEpochId);
  }

  #sound(but: Machine | null = null): Machine | undefined {
    return this.#random.pickAny(this.#soundMembers().filter((machine) => machine !== but));
  }
  #soundMembers(): readonly Machine[] {
    return this.#standing().members.filter(
      (machine) => machine.running?.core.odd() === null && !this.#world.forks.isPending(machine),
    );
  }

  #replace(machine: Machine): void {
    const via = this.#sound(machine);
    if (via === undefined) return;
    if (!machine.zeroised) this.#zeroise(machine);
    this.#gone.add(machine.self.kmaId);
    this.#world.note(`${machine.place} joins again at ${via.place}`);
    join(this.#world, via, machine, `${machine.self.kmaName}+`);
  }

  #zeroise(machine: Machine): void {
    this.#world.copies.zeroised(machine);
    machine.zeroise();
    this.#world.logs.diskReplaced(machine.place);
  }
}
