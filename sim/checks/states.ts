/** Checks of states, at each change and all of them from time to time: equal vectors, equal states (6); what is destroyed is gone where that is known (4) and everywhere once it is complete (9). */

import type { Fact, LogEntry } from '../../src/core/facts.ts';
import { type OtherHolders, otherHolders, stateOfKey } from '../../src/core/key-standing.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import { Violation } from '../violation.ts';
import type { Copies } from './copies.ts';
import type { ForkChecks } from './forks.ts';
import { differences } from './state-hash.ts';

interface Destroyed {
  readonly keyId: string;
  readonly objectId: string;
  readonly incarnationId: string;
  readonly seq: number;
}

/** By these a destruction becomes complete that was not: there are fewer who may have the key. */
const OF_WHO_HAS_IT: ReadonlySet<string> = new Set(['removed', 'ended', 'destroyed']);

export class StateChecks {
  readonly #copies: Copies;
  readonly #forks: ForkChecks;
  /** By key, and by its object. */
  readonly #destroyed = new Map<string, Destroyed>();
  readonly #byObject = new Map<string, Destroyed>();
  /** By vector; the state at every vector that some machine has had. */
  readonly #hashes = new Map<string, { readonly hash: string; readonly machine: Machine }>();

  constructor(copies: Copies, forks: ForkChecks) {
    this.#copies = copies;
    this.#forks = forks;
  }

  durable(machine: Machine, { decision, entry }: Committed): void {
    const { self, store } = machine;
    if (entry === null) return;
    for (const fact of decision.facts) {
      const objectId = store.state.get('key', fact.id)?.objectId;
      if (!isDestruction(fact) || objectId == null || this.#destroyed.has(fact.id)) continue;
      const { incarnationId } = self;
      const destroyed = { keyId: fact.id, objectId, incarnationId, seq: entry.seq };
      this.#destroyed.set(fact.id, destroyed);
      this.#byObject.set(objectId, destroyed);
    }
    this.#changed(machine, decision.facts);
  }

  folded(machine: Machine, entries: readonly LogEntry[]): void {
    this.#changed(
      machine,
      entries.flatMap(({ facts }) => facts),
    );
  }

  /** It may be there again of what is destroyed. */
  fetched(machine: Machine, objectId: string): void {
    const destroyed = this.#byObject.get(objectId);
    if (destroyed === undefined) return;
    this.#lookFor(destroyed, machine);
    for (const other of this.#running()) this.#lookFor(destroyed, other);
  }

  /** With whatever disk is in it now. */
  booted(machine: Machine): void {
    this.#lookAt(machine);
  }

  /** Whether the destruction is folded here that was acknowledged somewhere, or is written here. */
  knowsDestroyed({ store }: Machine, keyId: string): boolean {
    if (store.state.get('key', keyId)?.destroyedStamp != null) return true;
    const destroyed = this.#destroyed.get(keyId);
    return destroyed !== undefined && this.#isFolded(destroyed, store);
  }
  /** Where a log is another one elsewhere, its length says nothing. */
  #isFolded({ keyId, incarnationId, seq }: Destroyed, store: Machine['store']): boolean {
    if (seq > this.#forks.limitOf(incarnationId))
      return store.state.get('key', keyId)?.destroyedStamp != null;
    return store.logLength(incarnationId) >= seq;
  }

  /** At all that runs, whatever has changed: also what becomes so as time passes, or by what another machine does. */
  look(): void {
    const anywhere = this.#anywhere();
    for (const machine of this.#running()) this.#lookAt(machine, anywhere);
  }
  /** Of most nobody has anything any more, and where nobody has it, nothing is wrong. */
  #anywhere(): readonly Destroyed[] {
    return [...this.#destroyed.values()].filter(({ objectId }) => this.#copies.isAnywhere(objectId));
  }
  #running(): Machine[] {
    return this.#copies.machines.filter(({ running }) => running !== null);
  }
  #lookAt(machine: Machine, anywhere = this.#anywhere()): void {
    this.#compare(machine);
    const others = anywhere.length === 0 ? undefined : otherHolders(machine.store.state);
    for (const destroyed of anywhere) this.#lookFor(destroyed, machine, others);
  }

  /** What these facts are about is looked at in the same moment. */
  #changed(machine: Machine, facts: readonly Fact[]): void {
    const { store, place } = machine;
    this.#compare(machine);
    if (facts.some((fact) => 'event' in fact && fact.table !== 'key' && OF_WHO_HAS_IT.has(fact.event)))
      return this.#lookAt(machine);
    for (const fact of facts) {
      const of = fact.table === 'object_erasure' ? fact.id.slice(0, fact.id.indexOf(':')) : null;
      const destroyed = of === null ? this.#destroyed.get(fact.id) : this.#byObject.get(of);
      if (destroyed !== undefined) this.#lookFor(destroyed, machine);
      // Perhaps nobody was answered who destroyed it.
      const key = isDestruction(fact) ? store.state.get('key', fact.id) : undefined;
      if (key?.objectId != null && key.destroyedStamp !== null && store.hasObject(key.objectId))
        throw new Violation(4, key.id, `${place} holds ${key.id}, which it knows to be destroyed`);
    }
  }

  #compare(machine: Machine): void {
    const { store, place } = machine;
    if (this.#forks.isPending(machine)) return;
    const vector = store.vectorHash();
    const { hash } = store.state;
    const known = this.#hashes.get(vector);
    if (known === undefined) this.#hashes.set(vector, { hash, machine });
    if (known === undefined || known.hash === hash) return;
    const other = known.machine.store;
    const isThere = other.vectorHash() === vector;
    const lines = isThere
      ? [differences(store.state, other.state, 1), differences(other.state, store.state, 1)]
      : [[hash], [`${known.hash} before`]];
    throw new Violation(
      6,
      place,
      `${place} and ${known.machine.place} differ at one vector: ${lines.map(([line]) => line?.trim()).join(' and ')}`,
    );
  }

  #lookFor(destroyed: Destroyed, { store, place, clock }: Machine, others?: OtherHolders): void {
    const { keyId, objectId, incarnationId, seq } = destroyed;
    const key = store.state.get('key', keyId);
    if (!this.#isFolded(destroyed, store) || key === undefined) return;
    if (store.getObject(objectId) !== undefined)
      throw new Violation(4, keyId, `${place} holds ${keyId}, which it knows to be destroyed`);
    // Asked first, since it costs less than the state: of most nobody has anything any more.
    if (!this.#copies.isAnywhere(objectId)) return;
    if (!stateOfKey(store.state, key, clock.wallMs(), others).endsWith('_COMPLETE')) return;
    const isOne = seq <= this.#forks.limitOf(incarnationId);
    const places = this.#copies.placesOf(
      store,
      objectId,
      incarnationId,
      isOne ? seq : Number.MAX_SAFE_INTEGER,
    );
    if (places.length > 0)
      throw new Violation(9, keyId, `at ${place} ${keyId} is destroyed completely, but ${places[0]} has it`);
  }
}

function isDestruction(fact: Fact): boolean {
  return fact.table === 'key' && 'event' in fact && fact.event === 'destroyed';
}
