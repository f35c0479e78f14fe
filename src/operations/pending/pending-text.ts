/** The whole text of one pending operation as of now (D6, 5.10): made anew from the state each time, so that whatever changed shows, and approvals of another text no longer count. */

import { currentKeySplit } from '../../core/key-split-standing.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { shownName } from '../entities.ts';
import { dateText } from '../fields.ts';
import type { Self } from '../operation.ts';
import { type CanonicalText, canonicalText, quote } from './canonical-text.ts';
import { pendableKmaOperations } from './kma-texts.ts';
import { keptInput, type Pendable } from './pendable.ts';
import { pendableUserOperations } from './user-texts.ts';

const PENDABLE: ReadonlyMap<string, Pendable> = new Map(
  [...pendableUserOperations, ...pendableKmaOperations].map((entry) => [entry.operation.name, entry]),
);

/** Undefined for operations that are carried out at once or not at all. */
export function findPendable(operation: string): Pendable | undefined {
  return PENDABLE.get(operation);
}

/** What a text is made of, before there is a row and after. */
export type Submission = Pick<
  Row<'pending_operation'>,
  'id' | 'operation' | 'inputJson' | 'objectSha256' | 'submittedBy' | 'submittedAt' | 'homeKmaId'
>;

/** The refusal is the one that the operation itself would meet now. */
export function pendingText(state: StateView, self: Self, submission: Submission): CanonicalText | Refusal {
  const pendable = findPendable(submission.operation ?? '');
  const keySplit = currentKeySplit(state);
  if (pendable === undefined) return refuse('NOT_SUPPORTED', submission.operation ?? '');
  if (keySplit === undefined) return refuse('CORE_SECURITY_NOT_FOUND');
  const inputJson = submission.inputJson ?? '';
  const changes = pendable.describe(keptInput(pendable, inputJson), state);
  if (isRefusal(changes)) return changes;
  return canonicalText([
    'OpenKMA pending quorum operation, version 1',
    `Pending operation: ${submission.id}`,
    `Operation: ${pendable.operation.name}. ${pendable.operation.summary}`,
    `Cluster: ${state.get('incarnation', self.incarnationId)?.clusterEpochId ?? ''}`,
    `KMA: ${named(state, 'kma', submission.homeKmaId)}`,
    `Submitted by: ${named(state, 'user', submission.submittedBy)}`,
    `Submitted at: ${dateText(submission.submittedAt)}`,
    `Key split: ${keySplit.threshold} of ${keySplit.size}, ${keySplit.id}`,
    `Asked for: ${inputJson}`,
    ...(submission.objectSha256 === null
      ? []
      : [`Verifier of the passphrase that was given: ${submission.objectSha256}`]),
    ...changes,
  ]);
}

/** How many different credentials have to approve. */
export function thresholdOf(state: StateView): number {
  const threshold = currentKeySplit(state)?.threshold;
  if (threshold == null || threshold < 1) throw new Error('there is no key split');
  return threshold;
}

function named(state: StateView, table: 'kma' | 'user', id: string | null): string {
  const row = id === null ? undefined : state.get(table, id);
  return `${quote(shownName(state, table, row))}, ${id ?? ''}`;
}
