/** Checks of machines that were put back unseen and wrote on: what they acknowledged meanwhile every member has in the end (1), and their logs are one again (6). It decides no fault. */
import { columnStamp } from '../../src/core/column-stamps.ts';
import type { Fact } from '../../src/core/facts.ts';
import { HLC_ZERO } from '../../src/core/stamp.ts';
import type { AnyRow } from '../../src/core/tables.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import type { Store } from '../store.ts';
import { Violation } from '../violation.ts';

interface Fork {
  readonly log: string;
  readonly place: string;
  readonly kmaId: string;
  /** The last entry that all have alike. */
  readonly after: number;
  readonly acknowledged: { readonly fact: Fact; readonly stamp: string }[];
}

/** The life that follows says it of itself. */
const OF_ITS_LIFE: ReadonlySet<string> = new Set(['member_key', 'object_erasure', 'log_end']);

export class ForkChecks {
  readonly #forks: Fork[] = [];
  readonly #pending = new Set<string>();

  begun({ place, self, store }: Machine): void {
    const after = store.logLength(self.incarnationId);
    this.#forks.push({ log: self.incarnationId, place, kmaId: self.kmaId, after, acknowledged: [] });
    this.#pending.add(place);
  }
  /** It may have what nobody else has under the name of its log. */
  isPending({ place }: Machine): boolean {
    return this.#pending.has(place);
  }
  /** Whoever has forgotten the end of such a log too takes the other end for it when he hears of that first: a fork that nobody can mend, and that is told until somebody deletes one of the two. */
  wouldTakeOtherEnd(store: Store): boolean {
    return this.#forks.some(
      ({ place, log, after }) => this.#pending.has(place) && store.logLength(log) <= after,
    );
  }
  undoubted({ place }: Machine): void {
    this.#pending.delete(place);
  }
  /** What was on it is gone, whatever it was. */
  diskReplaced(place: string): void {
    this.#pending.delete(place);
    for (const fork of this.#forks) if (fork.place === place) fork.acknowledged.length = 0;
  }

  /** Up to where an entry of the log is one and the same. */
  limitOf(log: string): number {
    let limit = Number.MAX_SAFE_INTEGER;
    for (const fork of this.#forks) if (fork.log === log) limit = Math.min(limit, fork.after);
    return limit;
  }

  durable({ place, self }: Machine, { decision, entry }: Committed): void {
    const fork = this.#forks.find((one) => one.place === place && one.log === self.incarnationId);
    if (fork === undefined || entry === null) return;
    for (const fact of decision.facts)
      if (!OF_ITS_LIFE.has(fact.table)) fork.acknowledged.push({ fact, stamp: entry.stamp });
  }

  /** Once all is healed: of members, where the machine is one of them still. */
  check(members: readonly Machine[]): void {
    for (const { log, place, kmaId, acknowledged } of this.#forks) {
      if (!members.some((machine) => machine.place === place && machine.self.kmaId === kmaId)) continue;
      const lengths = new Set(members.map(({ store }) => store.logLength(log)));
      if (lengths.size > 1)
        throw new Violation(6, log, `members have ${[...lengths].join(' and ')} of ${log}`);
      for (const member of members)
        for (const { fact, stamp } of acknowledged)
          if (!has(member.store, fact, clockOf(stamp)))
            throw new Violation(
              1,
              fact.id,
              `${member.place} does not know of ${fact.table} ${fact.id}, which ${place} acknowledged`,
            );
    }
  }
}

/** It counts, or something that came before (of an event) or after (of a field). */
function has(store: Store, fact: Fact, clock: string): boolean {
  const row: AnyRow | undefined = store.getRow(fact.table, fact.id);
  if (row === undefined) return false;
  if ('event' in fact)
    return clockOf(row[`${fact.event}Stamp`]) !== '' && clockOf(row[`${fact.event}Stamp`]) <= clock;
  return Object.keys(fact.set).every((column) => clockOf(columnStamp(row, column)) >= clock);
}

function clockOf(stamp: unknown): string {
  return typeof stamp === 'string' ? stamp.slice(0, HLC_ZERO.length) : '';
}
