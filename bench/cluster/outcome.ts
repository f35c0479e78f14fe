/** What the KMAs have in the end, right or wrong on any machine: whether all have one state, and every key that agents were given. It changes nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { stateHash } from '../../src/store/state-hash.ts';
import type { Store } from '../../src/store/store.ts';
import type { Member } from './member.ts';

const LOOK_MS = 500;
/** Far more than it takes: what is missing then is missing. */
const SETTLED_WITHIN_MS = 10 * 60_000;

/** Of one KMA. */
export interface Outcome {
  /** How far each log is folded. */
  readonly logs: string;
  readonly stateHash: string;
  /** The sealed object of every row is here. */
  readonly isComplete: boolean;
  /** Keys that agents have been given, by whatever KMA. */
  readonly handedOut: number;
}

/** As soon as all have folded the same and hold what it names; the hash takes its time, and they may write meanwhile. */
export async function outcomesOf(members: readonly Member[]): Promise<readonly Outcome[]> {
  const endMs = performance.now() + SETTLED_WITHIN_MS;
  const each = <T>(at: (store: Store) => T) => members.map((member) => look(member, at));
  for (;;) {
    const isLate = performance.now() > endMs;
    if (isLate || (isOne(each(logsOf)) && each(isComplete).every((has) => has))) {
      const outcomes = each(outcomeOf);
      if (isLate || isOne(outcomes.map(({ logs }) => logs))) return outcomes;
    }
    await pause(LOOK_MS);
  }
}

/** How many KMAs have not what the first has, or not all of what it names. */
export function otherStates(outcomes: readonly Outcome[]): number {
  const [first] = outcomes;
  const isSame = (one: Outcome) =>
    one.isComplete && one.logs === first?.logs && one.stateHash === first.stateHash;
  return outcomes.filter((one) => !isSame(one)).length;
}

/** Of so many keys given to agents since `before`, those that the KMA with the fewest does not know. */
export function unknownKeys(before: readonly Outcome[], after: readonly Outcome[], given: number): number {
  const known = after.map(({ handedOut }, at) => handedOut - (before[at]?.handedOut ?? 0));
  return Math.max(0, given - Math.min(...known));
}

function outcomeOf(store: Store): Outcome {
  return {
    logs: logsOf(store),
    stateHash: stateHash(store),
    isComplete: isComplete(store),
    handedOut: store.state.count('key', 'activatedGroup', { equals: [] }),
  };
}

const logsOf = (store: Store) => JSON.stringify(store.vector());
const isComplete = ({ missing }: Store) => !missing.any;
const isOne = (texts: readonly string[]) => new Set(texts).size === 1;

function look<T>(member: Member, at: (store: Store) => T): T {
  const store = member.openStore();
  try {
    return store.read(() => at(store));
  } finally {
    store.close();
  }
}
