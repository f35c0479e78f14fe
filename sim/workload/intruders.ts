/** Users of a simulated world who ask for what may not be theirs: anybody, any operation, now and then with credentials. */
import { operations } from '../../src/operations/catalogue.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { asUser, credentialsOf } from './people.ts';

const USERS = ['officer', 'otto', 'clara', 'olga', 'bert', 'anna', 'quentin', 'user-1', 'user-2', 'nobody'];
const INPUTS: readonly object[] = [
  {},
  { user: 'user-1' },
  { user: 'user-2' },
  { group: 'group-2' },
  { agent: 'agent-3' },
  { policy: 'policy-2' },
  { site: 'site-2' },
];
/** With what passes its schema: the rest would be turned away before anybody is asked who he is. */
const ASKED = operations
  .filter(({ callers }) => Array.isArray(callers))
  .flatMap(({ name, input }) => {
    const fitting = INPUTS.filter((given) => input.safeParse(given).success);
    return fitting.length === 0 ? [] : [{ name, fitting }];
  });

export class Intruders {
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async act(machine: Machine): Promise<void> {
    const random = this.#random;
    const { name, fitting } = random.pick(ASKED);
    const call = asUser(machine, random.pick(USERS), name, random.pick(fitting));
    const credentials = random.some(credentialsOf(machine, name), random.below(3));
    await this.#world.call(machine, { ...call, credentials });
  }
}
