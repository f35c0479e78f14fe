/** What becomes of an operation that needs a quorum, by the right credentials that came with it: carried out, put aside, or refused. It checks no credential. */
import { currentKeySplit, keySplitAt } from '../../core/key-split-standing.ts';
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

/** A store, as far as key splits go. */
interface Splits {
  readonly state: Pick<StateView, 'get' | 'page'>;
  hasObject(objectId: string): boolean;
}

type Asks = Pick<Operation, 'earlierKeySplit'>;

/** By which the credentials of an operation are judged here. */
export function keySplitFor(store: Splits, { earlierKeySplit }: Asks): Row<'key_split'> | undefined {
  return earlierKeySplit === true
    ? keySplitAt(store.state, (id) => store.hasObject(id))
    : currentKeySplit(store.state);
}

/** Inside the transaction: judging takes seconds, and a key split changed meanwhile voids it. */
export function isJudgedByNow(store: Splits, operation: Asks, keySplitId: string): boolean {
  return (
    readSetting(store.state, 'currentKeySplitId') === keySplitId ||
    (operation.earlierKeySplit === true && keySplitFor(store, operation)?.id === keySplitId)
  );
}
