/** A rush at one machine: agents use its key pool up and go on asking while it is filled, and what they got is destroyed soon after. It chooses no machine. */
import { poolStanding } from '../../src/core/readiness.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { type Agents, NO_UNIT } from './agents.ts';
import type { Clerks } from './clerks.ts';
import { appliance, asUser } from './people.ts';

const FILLED = 8;
const ASKED_AFTERWARDS = 24;
const EVERY_MS = 250;
/** Sooner than a late message arrives. */
const DESTROYED_WITHIN_MS = 15_000;
const COMMENT = { comment: 'no more needed' };

export class Rush {
  readonly #world: World;
  readonly #random: Random;
  readonly #agents: Agents;
  readonly #clerks: Clerks;

  constructor(world: World, random: Random, agents: Agents, clerks: Clerks) {
    this.#world = world;
    this.#random = random;
    this.#agents = agents;
    this.#clerks = clerks;
  }

  async act(machine: Machine): Promise<void> {
    const { store, self } = machine;
    const random = this.#random;
    for (let left = poolStanding(store.state, self.incarnationId).ready; left > 0; left--)
      await this.#create(machine, '');
    await this.#world.call(machine, appliance('FillKeyPool', { count: FILLED }));
    if (random.chance(2)) await this.#clerks.backUp(machine);
    await this.#ask(
      machine,
      'CreateDataUnit',
      { externalUniqueId: '', externalTag: '', description: '' },
      (unit) => this.#goOn(machine, unit),
    );
  }

  #goOn(machine: Machine, unit: string): void {
    const { schedule } = this.#world;
    for (let i = 0; i < ASKED_AFTERWARDS; i++)
      schedule.after(i * EVERY_MS, () => this.#create(machine, unit));
    schedule.after(this.#random.between(ASKED_AFTERWARDS * EVERY_MS, DESTROYED_WITHIN_MS), async () => {
      const about = { dataUnitId: unit, ...COMMENT };
      await this.#world.call(machine, asUser(machine, 'clara', 'CompromiseKeys', about));
      await this.#world.call(machine, asUser(machine, 'olga', 'DestroyKeys', about));
    });
  }

  #create(machine: Machine, dataUnitId: string): Promise<void> {
    return this.#ask(machine, 'CreateKey', { dataUnit: { ...NO_UNIT, dataUnitId }, keyGroupId: '' });
  }

  async #ask(
    machine: Machine,
    operation: string,
    input: object,
    then?: (unit: string) => void,
  ): Promise<void> {
    await this.#agents.ask(machine, operation, input, ({ decision }) => {
      const unit = decision.facts.find(({ table }) => table === 'data_unit');
      if (unit !== undefined) then?.(unit.id);
    });
  }
}
