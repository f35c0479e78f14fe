/** The end of a simulated world: all is healed, and within a bounded time all machines must be members with the same logs, the same state and every sealed object, or it is a violation. It excuses nothing but what `Excused` names. */
import { currentKeySplit } from '../../src/core/key-split-standing.ts';
import { livingKmas } from '../../src/core/members.ts';
import type { NamedObject } from '../../src/core/named-objects.ts';
import type { Faults } from '../faults/faults.ts';
import type { Machine } from '../machine.ts';
import { isLoggedOut, type Standing, standing } from '../membership.ts';
import { vectorHash } from '../vectors.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { mapStateHash } from './state-hash.ts';

const ROUND_MS = 10 * 60_000;
const ROUNDS_MAX = 12;

/** What need not be the same everywhere, or there at all, by its reason; counted at the end. */
export interface Excused {
  /** Sealed objects that rows name: every disk that held them was replaced, rolled back or zeroised. */
  readonly objectsLost: number;
  /**
   * Sealed objects that rows name, and of which whoever had them says that he has erased them: the verifier of a removed user
   * where it was not known yet that he had been made an officer, or what an entry let go of that lies beyond the end of the
   * log of whoever wrote it, such as a key that he destroyed, or a key split that he replaced.
   */
  readonly objectsErased: number;
  /** Acknowledged entries: they went with the only disk that had them, or lie beyond the end of a removed member's log. */
  readonly entriesLost: number;
}

export class Convergence {
  readonly #world: World;
  readonly #faults: Faults;

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.#faults = faults;
  }

  async reach(): Promise<Excused> {
    this.#faults.healAll();
    const rounds = await this.#settle();
    this.#world.states.look();
    const excused = this.#check();
    const { objectsLost, objectsErased, entriesLost } = excused;
    const members = this.#standing().members.length;
    this.#world.note(
      `all ${members} members agree after ${rounds} rounds; lost: ${objectsLost} objects, ${entriesLost} entries; erased: ${objectsErased} objects`,
    );
    return excused;
  }

  /** Chores and operators go on meanwhile. Gives the rounds it took, or as many as there are. */
  async #settle(): Promise<number> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (this.#disagreement() === null) return round;
      await this.#world.operators.round();
      await this.#world.operators.acceptClocks();
      await this.#world.schedule.run(this.#world.schedule.nowMs + ROUND_MS);
    }
    return ROUNDS_MAX;
  }

  #standing(): Standing {
    return standing(this.#world.machines, this.#world.clusterEpochId);
  }

  #check(): Excused {
    const { members } = this.#standing();
    this.#world.forks.check(members);
    const disagreement = this.#disagreement();
    if (disagreement !== null) throw disagreement;
    for (const machine of members) this.#world.logs.checkKept(machine);
    const entriesLost = [...this.#world.logs.everything()].map(([incarnationId, length]) =>
      Math.max(0, length - greatestLength(members, incarnationId)),
    );
    const lacked = [...new Set(members.flatMap(({ store }) => [...store.lacks().keys()]))];
    const lost = lacked.filter((id) => this.#world.copies.wasLost(id));
    return {
      objectsLost: lost.length,
      objectsErased: lacked.length - lost.length,
      entriesLost: entriesLost.reduce((sum, lengths) => sum + lengths, 0),
    };
  }

  /** The first thing that not all have alike; null once all agree. */
  #disagreement(): Violation | null {
    const { members, removed, strangers } = this.#standing();
    if (members.length === 0) return disagreement('', 'no member is left');
    for (const { place } of removed)
      return disagreement(place, `${place} was removed, and has not joined again`);
    for (const { place } of strangers)
      return disagreement(place, `${place} is beside the cluster still, restored from a backup of it`);
    for (const { place } of members.filter((one) => members.some((other) => isLoggedOut(other, one))))
      return disagreement(place, `${place} was logged out, and has not logged in again`);
    for (const { place, running } of members)
      if (running === null) return disagreement(place, `${place} does not run`);
    return (
      this.#leftOver(members) ??
      this.#differentLogs(members) ??
      this.#differentStates(members) ??
      this.#missingObjects(members) ??
      this.#keySplits(members)
    );
  }

  /** A quorum can be one at each, and nobody whom a change has left out opens anything. */
  #keySplits(members: readonly Machine[]): Violation | null {
    for (const { place, store } of members) {
      const current = currentKeySplit(store.state)?.objectId ?? '';
      if (!store.hasObject(current))
        return disagreement(current, `${place} has not the key split of today, nor has anybody changed it`);
      for (const { objectId, retiredStamp } of store.state.rows('key_split'))
        if (retiredStamp !== null && store.hasObject(String(objectId)))
          return disagreement(String(objectId), `${place} has a key split still that was replaced`);
    }
    return null;
  }

  /** Whoever zeroised it has said so, or says so until he is heard. */
  #leftOver(members: readonly Machine[]): Violation | null {
    const living = new Set<string>(this.#world.machines.map(({ self }) => self.kmaId));
    for (const { place, store } of members)
      for (const { id, name } of livingKmas(store.state))
        if (!living.has(id)) return disagreement(id, `at ${place} ${name} is a member, and no machine is it`);
    return null;
  }

  #differentLogs(members: readonly Machine[]): Violation | null {
    // A forked log may be of one length everywhere.
    for (const machine of members)
      if (this.#world.forks.isPending(machine))
        return disagreement(machine.place, `${machine.place} has not found out that its log was forked`);
    for (const log of new Set(members.flatMap(({ store }) => Object.keys(store.vector())))) {
      const lengths = members.map(({ store }) => store.logLength(log));
      if (new Set(lengths).size === 1) continue;
      const each = members.map(({ place }, i) => `${place} ${lengths[i]}`).join(', ');
      return disagreement(log, `of the log ${log} members have ${each} entries`);
    }
    return null;
  }

  #differentStates(members: readonly Machine[]): Violation | null {
    // Of all rows once more: what each state knows of itself is the same, or it is worth nothing.
    const hashes = members.map(({ store }) => mapStateHash(store.state));
    for (const [i, { place, store }] of members.entries())
      if (store.state.hash !== hashes[i])
        throw new Error(`the state of ${place} is ${hashes[i]}, not ${store.state.hash}`);
    for (const { place, store } of members)
      if (store.vectorHash() !== vectorHash(Object.entries(store.vector())))
        throw new Error(`${place} has another vector than ${store.vectorHash()} says`);
    if (new Set(hashes).size === 1) return null;
    const each = members.map(({ place }, i) => `${place} ${hashes[i]}`).join(', ');
    return new Violation(6, members[0]?.place ?? '', `at one vector members have the states ${each}`);
  }

  #missingObjects(members: readonly Machine[]): Violation | null {
    for (const { place, store } of members)
      for (const [id, named] of store.lacks()) {
        const holder = members.find((other) => other.store.getObject(id) !== undefined);
        if (holder !== undefined)
          return disagreement(id, `${place} lacks the object ${id}, which ${holder.place} has`);
        if (!this.#world.copies.wasLost(id) && !this.#isErased(store, named))
          return disagreement(id, `${place} lacks the object ${id}, which no disk that was lost had either`);
      }
    return null;
  }
  /** By whoever had it, for one of the two reasons. */
  #isErased(store: Machine['store'], named: NamedObject): boolean {
    const { erasures } = this.#world;
    if (!erasures.isSaid(store, named.id)) return false;
    const removedUser = named.table === 'user' && store.state.get('user', named.row)?.removedStamp != null;
    return removedUser || erasures.isLetGoBeyond(store, named);
  }
}

function disagreement(subject: string, text: string): Violation {
  return new Violation('convergence', subject, text);
}

function greatestLength(members: readonly Machine[], incarnationId: string): number {
  return Math.max(...members.map(({ store }) => store.logLength(incarnationId)));
}
