/** The day of a simulated cluster: operations of agents, people and the appliances, in bursts. It plans them; others know what they ask. */
import type { Machine } from '../machine.ts';
import { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Agents } from './agents.ts';
import { Clerks } from './clerks.ts';
import { Intruders } from './intruders.ts';
import { Officers } from './officers.ts';
import { QuorumMembers } from './quorum.ts';
import { Rush } from './rush.ts';

/** A rush is many. */
const OPERATIONS = 1_500;
const BURST = 14;
const BURST_MS = 4_000;
const UPKEEP_MS = 10 * 60_000;
const CONFIRMED_WITHIN_MS = 60_000;

export class Workload {
  readonly #world: World;
  readonly #random: Random;
  readonly #agents: Agents;
  readonly #officers: Officers;
  readonly #members: QuorumMembers;
  readonly #clerks: Clerks;
  readonly #intruders: Intruders;
  readonly #rush: Rush;

  constructor(world: World) {
    const random = new Random(world.seed, 'workload');
    this.#world = world;
    this.#random = random;
    this.#agents = new Agents(world, random);
    this.#officers = new Officers(world, random, this.#agents);
    this.#members = new QuorumMembers(world, random);
    this.#clerks = new Clerks(world, random);
    this.#intruders = new Intruders(world, random);
    this.#rush = new Rush(world, random, this.#agents, this.#clerks);
  }

  plan(spanMs: number): void {
    const { schedule } = this.#world;
    const random = this.#random;
    for (let planned = 0; planned < OPERATIONS; planned += BURST) {
      const startMs = random.below(spanMs);
      for (let i = 0; i < BURST; i++) schedule.after(startMs + random.below(BURST_MS), () => this.#one());
    }
    this.#again(UPKEEP_MS, (machine) => this.#clerks.upkeep(machine));
    this.#again(CONFIRMED_WITHIN_MS, (machine) => this.#clerks.confirmErasures(machine));
    schedule.after(1_000, () => this.#backUp());
  }

  async #one(): Promise<void> {
    const machine = this.#someMachine();
    if (machine === undefined) return;
    const random = this.#random;
    await random.weighted<() => Promise<void>>([
      [56, () => this.#agents.act(machine)],
      [26, () => this.#officers.act(machine)],
      [2, () => this.#officers.duel(this.#running())],
      [8, () => this.#members.act(machine)],
      [2, () => this.#clerks.backUp(machine)],
      [3, () => this.#clerks.destroyBackup(machine)],
      [5, () => this.#intruders.act(machine)],
      [2, () => this.#rush.act(machine)],
    ])();
  }

  /** To the end of the world, on each machine, those that are not there yet too. */
  #again(everyMs: number, work: (machine: Machine) => Promise<void>): void {
    const { schedule, machines } = this.#world;
    const round = (): void => {
      for (const machine of machines)
        schedule.after(this.#random.below(everyMs), () =>
          machine.running === null ? undefined : work(machine),
        );
      schedule.after(everyMs, round);
    };
    round();
  }
  async #backUp(): Promise<void> {
    const machine = this.#someMachine();
    if (machine !== undefined) await this.#clerks.backUp(machine);
  }
  #running(): Machine[] {
    return this.#world.machines.filter(({ running }) => running !== null);
  }
  #someMachine(): Machine | undefined {
    return this.#random.pickAny(this.#running());
  }
}
