/** What becomes of an operation that needs a quorum, by the right credentials that came with it: carried out, put aside, or refused. It checks no credential. */
import { currentKeySplit, keySplitAt } from '../../core/key-split-standing.ts';
import { type LivesLacking, type SplitSearch, splitToChange } from '../../core/missing-split.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import type { Operation } from '../operation.ts';
import { findPendable } from './pending-text.ts';
import { submissionOf } from './submit.ts';

/** Of the current key split; `enough` where they open the root key material. */
export interface GivenQuorum {
  readonly names: readonly string[];
  readonly enough: boolean;
}

export interface QuorumOutcome {
  /** What is to be run: the operation, or the form of it that is submitted. */
  readonly operation: Operation;
  readonly submitted: boolean;
}

export function quorumOutcome(
  operation: Operation,
  input: unknown,
  quorum: GivenQuorum,
  mayPend: boolean,
): QuorumOutcome | Refusal {
  if (operation.quorum === 'given' && quorum.names.length > 0) return { operation, submitted: false };
  if (operation.quorum === true && quorum.enough) return { operation, submitted: false };
  const pendable = mayPend ? findPendable(operation.name) : undefined;
  if (pendable === undefined) return refuse('QUORUM_NOT_MET');
  return { operation: submissionOf(pendable, input, quorum.names), submitted: true };
}

/** A KMA, as far as key splits go. */
export interface SplitsHere {
  readonly store: {
    readonly state: Pick<StateView, 'get' | 'page'>;
    hasObject(objectId: string): boolean;
  };
  readonly self: { readonly kmaId: string };
  readonly lacking: LivesLacking;
}

type Asks = Pick<Operation, 'earlierKeySplit'>;

export function splitSearch({ store, self, lacking }: SplitsHere): SplitSearch {
  return { state: store.state, has: (id) => store.hasObject(id), kmaId: self.kmaId, lacking };
}

/** By which the credentials of an operation are judged here. */
export function keySplitFor(here: SplitsHere, { earlierKeySplit }: Asks): Row<'key_split'> | undefined {
  const search = splitSearch(here);
  if (earlierKeySplit === 'where lost') return splitToChange(search);
  return earlierKeySplit === true ? keySplitAt(search.state, search.has) : currentKeySplit(search.state);
}

/** Inside the transaction: judging takes seconds, and a key split changed meanwhile voids it. */
export function isJudgedByNow(here: SplitsHere, operation: Asks, keySplitId: string): boolean {
  return (
    readSetting(here.store.state, 'currentKeySplitId') === keySplitId ||
    (operation.earlierKeySplit !== undefined && keySplitFor(here, operation)?.id === keySplitId)
  );
}
