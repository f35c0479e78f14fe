/** Checks of states from time to time: equal vectors, equal states (6); what is destroyed is gone where that is known (4) and everywhere once it is complete (9). */
import type { Fact } from '../../src/core/facts.ts';
import { stateOfKey } from '../../src/core/key-standing.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import { Violation } from '../violation.ts';
import type { Copies } from './copies.ts';
import type { ForkChecks } from './forks.ts';
import { differences, mapStateHash } from './state-hash.ts';

interface Destroyed {
  readonly keyId: string;
  readonly objectId: string;
  readonly incarnationId: string;
  readonly seq: number;
}

export class StateChecks {
  readonly #copies: Copies;
  readonly #forks: ForkChecks;
  readonly #destroyed = new Map<string, Destroyed>();
  /** By key: where destructions of it were written, also those that nobody was answered. */
  readonly #written = new Map<string, Pick<Destroyed, 'incarnationId' | 'seq'>[]>();
  /** Objects whose erasure has just been recorded. */
  readonly #erased = new Set<string>();
  /** By vector; the state at every vector that some machine had when it was looked at. */
  readonly #hashes = new Map<string, { readonly hash: string; readonly machine: Machine }>();

  constructor(copies: Copies, forks: ForkChecks) {
    this.#copies = copies;
    this.#forks = forks;
  }

  /** In the transaction. */
  written({ self: { incarnationId } }: Machine, { decision, entry }: Committed): void {
    if (entry === null) return;
    for (const fact of decision.facts)
      if (isDestruction(fact)) {
        const places = this.#written.get(fact.id) ?? [];
        this.#written.set(fact.id, [...places, { incarnationId, seq: entry.seq }]);
      }
  }

  durable(machine: Machine, { decision, entry }: Committed): void {
    const { self, store } = machine;
    for (const fact of decision.facts) {
      if (fact.table === 'object_erasure') this.#erased.add(fact.id.split(':')[0] ?? '');
      if (!isDestruction(fact) || entry === null) continue;
      const objectId = store.state.get('key', fact.id)?.objectId;
      if (objectId != null && !this.#destroyed.has(fact.id))
        this.#destroyed.set(fact.id, {
          keyId: fact.id,
          objectId,
          incarnationId: self.incarnationId,
          seq: entry.seq,
        });
    }
    this.#lookForErased(machine);
  }

  /** At once, since others may still have what one says is gone. */
  #lookForErased(machine: Machine): void {
    if (this.#erased.size === 0) return;
    for (const destroyed of this.#destroyed.values())
      if (this.#erased.has(destroyed.objectId)) this.#lookFor(destroyed, machine);
    this.#erased.clear();
  }

  /** Whether the destruction is folded here that was acknowledged somewhere, or is written here. */
  knowsDestroyed({ store }: Machine, keyId: string): boolean {
    if (store.state.get('key', keyId)?.destroyedStamp != null) return true;
    const destroyed = this.#destroyed.get(keyId);
    return destroyed !== undefined && this.#isFolded(destroyed, store);
  }
  /** Somebody has destroyed it, and that is not in the log that this store has. */
  isDestroyedBeyond(store: Machine['store'], keyId: string): boolean {
    return (this.#written.get(keyId) ?? []).some(
      ({ incarnationId, seq }) =>
        seq > Math.min(store.logLength(incarnationId), this.#forks.limitOf(incarnationId)),
    );
  }
  /** Where a log is another one elsewhere, its length says nothing. */
  #isFolded({ keyId, incarnationId, seq }: Destroyed, store: Machine['store']): boolean {
    if (seq > this.#forks.limitOf(incarnationId))
      return store.state.get('key', keyId)?.destroyedStamp != null;
    return store.logLength(incarnationId) >= seq;
  }

  look(): void {
    for (const machine of this.#copies.machines) {
      if (machine.running === null) continue;
      this.#compare(machine);
      for (const destroyed of this.#destroyed.values()) this.#lookFor(destroyed, machine);
    }
  }

  #compare(machine: Machine): void {
    const { store, place } = machine;
    if (this.#forks.isPending(machine)) return;
    const vector = JSON.stringify(store.vector());
    const hash = mapStateHash(store.state);
    const known = this.#hashes.get(vector);
    this.#hashes.set(vector, { hash, machine });
    if (known === undefined || known.hash === hash) return;
    const [one] = differences(store.state, known.machine.store.state, 1);
    const [other] = differences(known.machine.store.state, store.state, 1);
    throw new Violation(
      6,
      place,
      `${place} and ${known.machine.place} differ at one vector: ${one?.trim()} and ${other?.trim()}`,
    );
  }

  #lookFor(destroyed: Destroyed, { store, place, clock }: Machine): void {
    const { keyId, objectId, incarnationId, seq } = destroyed;
    const key = store.state.get('key', keyId);
    if (!this.#isFolded(destroyed, store) || key === undefined) return;
    if (store.getObject(objectId) !== undefined)
      throw new Violation(4, keyId, `${place} holds ${keyId}, which it knows to be destroyed`);
    if (!stateOfKey(store.state, key, clock.wallMs()).endsWith('_COMPLETE')) return;
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
