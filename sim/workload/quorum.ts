/** What quorum members of a simulated world do with pending operations: read the text at some KMA, and approve it there or elsewhere. */
import { isRefusal } from '../../src/core/refusal.ts';
import { pendingText } from '../../src/operations/pending/pending-text.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { asOfficer, asUser, credentialsOf } from './people.ts';

const LOOKED_AT = 8;

export class QuorumMembers {
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async act(machine: Machine): Promise<void> {
    const { state } = machine.store;
    const open = state
      .scan('pending_operation', 'submitted', { equals: [], reverse: true, limit: LOOKED_AT })
      .filter((row) => row.finishedStamp === null && row.createdStamp !== null);
    const row = this.#random.pickAny(open);
    if (row === undefined) return;
    const user = this.#random.pick(['quentin', 'otto']);
    if (this.#random.chance(8)) {
      const call = asOfficer(machine, this.#random, 'DeletePendingOperation', { pendingId: row.id });
      return this.#world.call(machine, call);
    }
    const home = this.#homeOf(row.homeKmaId ?? '') ?? machine;
    const text = pendingText(home.store.state, home.self, row);
    const input = { pendingId: row.id, textSha256: isRefusal(text) ? '0'.repeat(64) : text.sha256 };
    const credentials = this.#random.some(credentialsOf(home, 'ApprovePendingOperation'), 1);
    const call = { ...asUser(home, user, 'ApprovePendingOperation', input), credentials };
    await this.#world.call(home, call);
  }

  /** Where it is approved; now and then somebody tries elsewhere. */
  #homeOf(kmaId: string): Machine | undefined {
    if (this.#random.chance(8)) return undefined;
    return this.#world.machines.find(({ self, running }) => self.kmaId === kmaId && running !== null);
  }
}
