/** Tells that the cluster of before goes on beside this one, which was restored from its backup: a member of before answered that it does not know this KMA. It ends neither. */
import { membersOfBefore } from '../../core/members-of-before.ts';
import type { Core } from './core.ts';

const ADVICE =
  'nothing flows between the two: go on with one of them, and reset the KMAs of the other; keys that were destroyed there after the backup was made are not destroyed here, and agents get them here until they are destroyed again';

export class ClusterOfBefore {
  readonly #core: Core;
  readonly #trouble: (condition: string, details: string) => void;
  /** Once for each, until the next start. */
  readonly #told = new Set<string>();

  constructor(core: Core, trouble: (condition: string, details: string) => void) {
    this.#core = core;
    this.#trouble = trouble;
  }

  /** By its key, that it knows no such member. Who has just joined may be unknown to a member for a moment, and says nothing. */
  answered(kmaId: string): void {
    const { store, self } = this.#core.parts;
    const kma = membersOfBefore(store.state, self).find(({ id }) => id === kmaId);
    if (kma === undefined || this.#told.has(kmaId)) return;
    this.#told.add(kmaId);
    const meets = `${kma.name} answers and does not know this KMA`;
    this.#trouble('Cluster of before goes on', `${meets}; ${ADVICE}`);
  }
}
