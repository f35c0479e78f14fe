/** Checks of keys: at the moment they are decided on not destroyed (4) and recorded (5), when they are answered held twice (2) and issued once (3); what a member confirms to hold is on its disk (2). */
import type { VersionVector } from '../../src/core/version-vector.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import { Violation } from '../violation.ts';
import type { Copies } from './copies.ts';
import type { StateChecks } from './states.ts';

/** Facts of one hand-out. */
interface HandedOut {
  readonly keyId: string;
  /** For the first time, out of the pool. */
  readonly issued: boolean;
}

export class KeyChecks {
  readonly #copies: Copies;
  readonly #states: StateChecks;
  /** Key and where it was issued. */
  readonly #issued = new Map<string, string>();
  readonly #made = new Map<string, string>();
  /** Issued once, and forgotten by who did. */
  readonly #forgotten = new Set<string>();

  constructor(copies: Copies, states: StateChecks) {
    this.#copies = copies;
    this.#states = states;
  }

  /** A machine that was put back has forgotten what it handed out since, and nobody can tell it. */
  forgotten({ place, store }: Machine): void {
    for (const [keyId, at] of this.#issued)
      if (at === place && store.state.get('key', keyId)?.activatedStamp == null) {
        this.#issued.delete(keyId);
        this.#forgotten.add(keyId);
      }
  }

  /** In the transaction: a crash may keep it although nobody is answered, and what is folded later, before a slow disk has synced both, the decision could not know. */
  written(machine: Machine, committed: Committed): void {
    const { place } = machine;
    for (const { keyId } of handedOut(committed)) {
      if (!committed.audit.some(({ note }) => note.message.includes(keyId)))
        throw new Violation(5, keyId, `${place} hands out ${keyId} without a record`);
      if (this.#states.knowsDestroyed(machine, keyId))
        throw new Violation(4, keyId, `${place} hands out ${keyId}, which is destroyed`);
    }
  }

  /** Whoever hears it hands the key out for it. */
  confirmed({ place, store }: Machine, holds: VersionVector): void {
    for (const objectId of store.unsyncedObjects()) {
      const keyId = store.getObject(objectId)?.owner ?? '';
      const { incarnationId, madeSeq } = store.state.get('key', keyId) ?? {};
      if (incarnationId != null && madeSeq != null && madeSeq <= (holds[incarnationId] ?? 0))
        throw new Violation(2, keyId, `${place} confirms ${keyId} before it is on its disk`);
    }
  }

  durable(machine: Machine, committed: Committed): void {
    const { place, self, store } = machine;
    for (const fact of committed.decision.facts)
      if (fact.table === 'key' && 'event' in fact && fact.event === 'created') {
        const by = `${self.incarnationId} ${committed.entry?.seq}`;
        if (this.#made.has(fact.id))
          throw new Violation(3, fact.id, `two keys are ${fact.id}: ${this.#made.get(fact.id)} and ${by}`);
        this.#made.set(fact.id, by);
      }
    for (const { keyId, issued } of handedOut(committed)) {
      const key = store.state.get('key', keyId);
      if (!issued) continue;
      if (this.#issued.has(keyId))
        throw new Violation(3, keyId, `${keyId} is issued twice: ${this.#issued.get(keyId)} and ${place}`);
      this.#issued.set(keyId, place);
      // The others may have destroyed it since they had it, which only they know.
      if (this.#forgotten.has(keyId)) continue;
      if (key?.objectId == null || !this.#copies.isElsewhere(machine, key.objectId))
        throw new Violation(2, keyId, `${keyId} is at ${place} alone when it is issued`);
    }
  }
}

const ISSUING = new Set(['CreateKey', 'CreateKey2', 'RetrieveProtectAndProcessKey']);

/** What left the KMA with the answer. */
export function handedOut({ operation, output, decision }: Committed): HandedOut[] {
  const keys = keysOf(output);
  const activated = new Set(
    decision.facts.flatMap((fact) =>
      fact.table === 'key' && 'event' in fact && fact.event === 'activated' && fact.cells['processOnly'] === 0
        ? [fact.id]
        : [],
    ),
  );
  return keys.map((keyId) => ({ keyId, issued: ISSUING.has(operation.name) && activated.has(keyId) }));
}

function keysOf(output: unknown): string[] {
  if (typeof output !== 'object' || output === null) return [];
  if ('key' in output) return keyIdOf(output.key);
  if ('keys' in output && Array.isArray(output.keys)) return output.keys.flatMap(keyIdOf);
  return [];
}
function keyIdOf(key: unknown): string[] {
  return typeof key === 'object' && key !== null && 'keyId' in key && typeof key.keyId === 'string'
    ? [key.keyId]
    : [];
}
