/** What was written of the erasing of sealed objects, also where no member ever hears of it: by which entry one went, and who said that it is gone. It asks no KMA what it believes. */
import type { Fact } from '../../src/core/facts.ts';
import type { NamedObject } from '../../src/core/named-objects.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import type { Store } from '../store.ts';
import type { Copies } from './copies.ts';
import type { ForkChecks } from './forks.ts';

interface Place {
  readonly incarnationId: string;
  readonly seq: number;
}
interface Erasing extends Place {
  readonly facts: readonly Fact[];
}

export class ErasureChecks {
  readonly #copies: Copies;
  readonly #forks: ForkChecks;
  /** By object; also what nobody was answered. */
  readonly #erasing = new Map<string, Erasing[]>();
  readonly #said = new Map<string, Place[]>();

  constructor(copies: Copies, forks: ForkChecks) {
    this.#copies = copies;
    this.#forks = forks;
  }

  /** In the transaction. */
  written({ self: { incarnationId } }: Machine, { decision, entry }: Committed): void {
    if (entry === null) return;
    const place = { incarnationId, seq: entry.seq };
    for (const id of decision.erase ?? []) noteAt(this.#erasing, id, { ...place, facts: decision.facts });
    for (const { table, id } of decision.facts)
      if (table === 'object_erasure') noteAt(this.#said, id.slice(0, id.indexOf(':')), place);
  }

  /** Whoever had it says that it is gone: here, or beyond what this store has of his log, or would have said so with a disk that a fault took away first. */
  isSaid(store: Store, objectId: string): boolean {
    if (store.state.page('object_erasure', `${objectId}:`, 1).some((row) => row.objectId === objectId))
      return true;
    const beyond = (this.#said.get(objectId) ?? []).some((place) => this.#isBeyond(store, place));
    return beyond || this.#copies.wasErasedUnsaid(objectId);
  }

  /** It went with an entry about the very row that names it here, which is not in the log that this store has: a key that was destroyed, a key split that was replaced, a passphrase that was set anew. */
  isLetGoBeyond(store: Store, { id, table, row }: NamedObject): boolean {
    return (this.#erasing.get(id) ?? []).some(
      (erasing) =>
        this.#isBeyond(store, erasing) &&
        erasing.facts.some((fact) => fact.table === table && fact.id === row),
    );
  }

  /** Where a log is another one elsewhere, its length says nothing. */
  #isBeyond(store: Store, { incarnationId, seq }: Place): boolean {
    return seq > Math.min(store.logLength(incarnationId), this.#forks.limitOf(incarnationId));
  }
}

function noteAt<T>(places: Map<string, T[]>, objectId: string, place: T): void {
  places.set(objectId, [...(places.get(objectId) ?? []), place]);
}
