/** The day of a simulated cluster: operations of agents, people and the appliances, in bursts. It plans them; others know what they ask. */
import type { Machine } from '../machine.ts';
import { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Agents } from './agents.ts';
import { Clerks } from './clerks.ts';
import { Intruders } from './intruders.ts';
import { Officers } from './officers.ts';
import { QuorumMembers } from './quorum.ts';

const OPERATIONS = 2_100;
const BURST = 14;
const BURST_MS = 4_000;
const UPKEEP_MS = 10 * 60_000;

export class Workload {
  readonly #world: World;
  readonly #random: Random;
  readonly #agents: Agents;
  readonly #officers: Officers;
  readonly #members: QuorumMembers;
  readonly #clerks: Clerks;
  readonly #intruders: Intruders;

  constructor(world: World) {
    const random = new Random(world.seed, 'workload');
    this.#world = world;
    this.#random = random;
    this.#agents = new Agents(world, random);
    this.#officers = new Officers(world, random, this.#agents);
    this.#members = new QuorumMembers(world, random);
    this.#clerks = new Clerks(world, random);
    this.#intruders = new Intruders(world, random);
  }

  plan(spanMs: number): void {
    const { schedule } = this.#world;
    const random = this.#random;
    for (let planned = 0; planned < OPERATIONS; planned += BURST) {
      const startMs = random.below(spanMs);
      for (let i = 0; i < BURST; i++)
        schedule.after(startMs + random.below(BURST_MS), () => this.#one());
    }
    for (let ms = 0; ms < spanMs; ms += UPKEEP_MS)
      for (const machine of this.#world.machines)
        schedule.after(ms + random.below(UPKEEP_MS), () => this.#upkeep(machine));
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
      [1, () => this.#clerks.destroyBackup(machine)],
      [5, () => this.#intruders.act(machine)],
    ])();
  }

  async #upkeep(machine: Machine): Promise<void> {
    if (machine.running !== null) await this.#clerks.upkeep(machine);
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
