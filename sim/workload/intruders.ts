/** Users of a simulated world who ask for what may not be theirs: anybody, any operation, now and then with credentials. */
import { operations } from '../../src/operations/catalogue.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { asUser, credentialsOf } from './people.ts';

const USERS = ['officer', 'otto', 'clara', 'olga', 'bert', 'anna', 'quentin', 'user-1', 'user-2', 'nobody'];
/** What they give: whatever fits none of an operation's fields ends at its schema. */
const INPUTS: readonly object[] = [
  {},
  { user: 'olga' },
  { group: 'group-2' },
  { agent: 'agent-3' },
  { policy: 'policy-2' },
  { site: 'site-2' },
];
const NAMES = operations.filter(({ callers }) => Array.isArray(callers)).map(({ name }) => name);

export class Intruders {
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async act(machine: Machine): Promise<void> {
    const random = this.#random;
    const call = asUser(machine, random.pick(USERS), random.pick(NAMES), random.pick(INPUTS));
    const credentials = random.some(credentialsOf(machine), random.below(3));
    await this.#world.call(machine, { ...call, credentials });
  }
}
