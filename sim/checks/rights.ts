/** Checks of who was answered (8): nobody does what the matrix does not allow, removed agents get nothing, a quorum is one. */
import { isWhole } from '../../src/core/key-split-standing.ts';
import { isLive } from '../../src/core/live.ts';
import { absenceOf } from '../../src/core/membership.ts';
import { MATRIX, OWN_ROWS } from '../../src/operations/matrix.ts';
import type { Role } from '../../src/operations/operation.ts';
import type { Call, Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import { entryOf, type Store } from '../store.ts';
import { Violation } from '../violation.ts';
import type { ForkChecks } from './forks.ts';

type Cell = 'yes' | 'quorum' | 'no';

const SPLITS_MAX = 10_000;
const CELLS = new Map<string, Readonly<Record<Role, Cell>>>();
for (const { is, cells } of [...MATRIX, ...OWN_ROWS])
  if ('operations' in is) for (const name of is.operations) CELLS.set(name, cells);

interface Place {
  readonly incarnationId: string;
  readonly seq: number;
}
interface Approval extends Place {
  readonly pendingId: string;
  readonly stamp: string;
  readonly names: readonly string[];
}

export class RightsChecks {
  /** Agents that were removed, and by which entry. */
  readonly #removed = new Map<string, Place>();
  /** Whose credentials were given for a pending operation. */
  readonly #approved = new Map<string, Set<string>>();
  /** The same as it was written, which counts where it is still there: perhaps nobody was answered. */
  readonly #written: Approval[] = [];
  readonly #forks: ForkChecks;

  readonly #machines: readonly Machine[];

  constructor(forks: ForkChecks, machines: readonly Machine[]) {
    this.#forks = forks;
    this.#machines = machines;
  }

  /** In the transaction: what is folded later, before a slow disk has synced both, the decision could not know. */
  written(machine: Machine, committed: Committed): void {
    const { place, store, self } = machine;
    const { caller, output, entry, credentials: names } = committed;
    const pendingId = pendingOf(output);
    if (pendingId !== null && entry !== null)
      this.#written.push({ ...entry, incarnationId: self.incarnationId, pendingId, names });
    this.#judgedByEarlier(machine, committed);
    if (caller.kind !== 'agent') return;
    const own = store.state.get('kma', self.kmaId);
    const absence = own === undefined ? null : absenceOf(own);
    if (absence !== null)
      throw new Violation(8, place, `${place} serves the agent ${caller.agent.name}, and is ${absence}`);
    if (this.#isRemoved(store, caller.agent.id))
      throw new Violation(
        8,
        caller.agent.id,
        `${place} serves the agent ${caller.agent.name}, which is removed`,
      );
  }

  /** The persons of a split before have a say in the next one only where no member has that of today, or another later one. */
  #judgedByEarlier({ place, store }: Machine, { operation, decision, keySplitId }: Committed): void {
    if (operation.name !== 'ModifyKeySplit') return;
    const retired = decision.facts.filter((fact) => 'event' in fact && fact.event === 'retired');
    const until = store.state.get('key_split', retired[0]?.id ?? '');
    if (until === undefined || until.id === keySplitId) return;
    const made = decision.facts.find(
      (fact) => fact.table === 'key_split' && 'event' in fact && fact.event === 'created',
    );
    const since = store.state.get('key_split', keySplitId ?? '')?.createdStamp ?? '';
    const later = store.state
      .page('key_split', '', SPLITS_MAX)
      .filter(({ id, createdStamp }) => id !== made?.id && (id === until.id || (createdStamp ?? '') > since));
    const members = this.#machines.filter((other) => isLive(store.state.get('kma', other.self.kmaId)));
    for (const split of later) {
      const holder = members.find((other) =>
        // With the object of that of today it would have been judged by that.
        split.id === until.id
          ? other.store.hasObject(split.objectId ?? '')
          : isWhole(store.state, split, (id) => other.store.hasObject(id)),
      );
      if (holder !== undefined)
        throw new Violation(
          8,
          split.id,
          `${place} has ${until.id} changed by ${keySplitId}, and ${holder.place} has ${split.id === until.id ? 'it' : split.id}`,
        );
    }
  }

  /** Where a log is another one elsewhere, its length says nothing. */
  #isRemoved(store: Store, agentId: string): boolean {
    if (store.state.get('agent', agentId)?.removedStamp != null) return true;
    const gone = this.#removed.get(agentId);
    if (gone === undefined || gone.seq > this.#forks.limitOf(gone.incarnationId)) return false;
    return store.logLength(gone.incarnationId) >= gone.seq;
  }

  durable(machine: Machine, call: Call, committed: Committed): void {
    const { self } = machine;
    const { caller, decision, entry, operation, output } = committed;
    if (caller.kind === 'user') this.#user(machine, call, committed, caller.roles);
    if (operation.name === 'ApprovePendingOperation') this.#approval(machine, call, committed);
    if (isSubmission(output)) this.#note(output.pendingId, call.credentials ?? []);
    for (const fact of decision.facts)
      if (fact.table === 'agent' && 'event' in fact && fact.event === 'removed' && entry !== null)
        this.#removed.set(fact.id, { incarnationId: self.incarnationId, seq: entry.seq });
  }

  #user({ place, store }: Machine, call: Call, committed: Committed, roles: readonly Role[]): void {
    const { operation, output } = committed;
    const cells = CELLS.get(operation.name);
    const allowed = roles.map((role) => cells?.[role] ?? 'no');
    if (allowed.every((cell) => cell === 'no'))
      throw new Violation(8, operation.name, `${place} lets ${roles.join(', ')} do ${operation.name}`);
    if (allowed.includes('yes') || isSubmission(output)) return;
    const given = new Set(call.credentials ?? []).size;
    if (given < thresholdFor(store, committed))
      throw new Violation(8, operation.name, `${place} does ${operation.name} with ${given} credentials`);
  }

  /** Executed by fewer different people than the key split asks for. */
  #approval({ place, store }: Machine, call: Call, committed: Committed): void {
    const { pendingId, executed } = committed.output as {
      readonly pendingId: string;
      readonly executed: boolean;
    };
    this.#note(pendingId, call.credentials ?? []);
    if (!executed) return;
    const kept = this.#written.filter(
      (approval) => approval.pendingId === pendingId && isIn(store, approval),
    );
    const approved = new Set([
      ...(this.#approved.get(pendingId) ?? []),
      ...kept.flatMap(({ names }) => names),
    ]).size;
    if (approved < thresholdFor(store, committed))
      throw new Violation(8, pendingId, `${place} carries out ${pendingId}, which ${approved} approved`);
  }

  #note(pendingId: string, names: readonly string[]): void {
    const known = this.#approved.get(pendingId) ?? new Set<string>();
    this.#approved.set(pendingId, known);
    for (const name of names) known.add(name);
  }
}

/** Of the key split by which the credentials were judged, also where the operation has replaced it; without one nothing is enough. */
function thresholdFor(store: Store, { keySplitId }: Committed): number {
  return store.state.get('key_split', keySplitId ?? '')?.threshold ?? Number.POSITIVE_INFINITY;
}

/** A loss of power may have taken it back, and another entry is in its place. */
function isIn(store: Store, { incarnationId, seq, stamp }: Approval): boolean {
  const [block] = store.readLog(incarnationId, seq - 1, 1);
  return block !== undefined && entryOf(block).stamp === stamp;
}

/** The pending operation that was submitted or approved. */
function pendingOf(output: unknown): string | null {
  if (typeof output !== 'object' || output === null || !('pendingId' in output)) return null;
  return typeof output.pendingId === 'string' ? output.pendingId : null;
}

function isSubmission(output: unknown): output is { readonly pendingId: string } {
  return typeof output === 'object' && output !== null && 'pendingId' in output && 'code' in output;
}
