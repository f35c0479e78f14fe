/** The form that a quorum operation takes when too few credentials came with it: the same admission and preparation, but it is put aside for approval. It carries nothing out. */
import { z } from 'zod';
import { created, type Fact } from '../../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom, type PendingId, type UserId } from '../../core/ids.ts';
import { expiryOfApproval } from '../../core/pending-approvals.ts';
import { isRefusal } from '../../core/refusal.ts';
import { sha256Hex } from '../../security/sealing.ts';
import type { DecideContext } from '../contexts.ts';
import type { Decision, NewObject, Operation } from '../operation.ts';
import { success } from '../success.ts';
import { keptInput, keptJson, type Pendable } from './pendable.ts';
import { pendingText, type Submission, thresholdOf } from './pending-text.ts';

/** What the caller learns instead of the operation's own answer. */
export const submitted = z.strictObject({
  pendingId: z.string(),
  textSha256: z.string(),
  code: z.string(),
  approvals: z.int(),
  needed: z.int(),
});

/** `given` is the input as it came; `names` are the credentials that came with it, all of them right. */
export function submissionOf(pendable: Pendable, given: unknown, names: readonly string[]): Operation {
  const { operation } = pendable;
  return {
    ...operation,
    changes: true,
    output: submitted,
    decide: (_input, context, prepared) =>
      submit(pendable, keptJson(pendable, given), names, context, asObject(prepared)),
  };
}

/** Preparation of an operation that can wait is making the verifier of a passphrase, or nothing. */
function asObject(prepared: unknown): NewObject | null {
  return prepared === undefined ? null : (prepared as NewObject);
}

function submit(
  pendable: Pendable,
  inputJson: string,
  names: readonly string[],
  context: DecideContext,
  object: NewObject | null,
): Decision<z.infer<typeof submitted>> {
  const { state, self, caller, nowMs, random } = context;
  if (caller.kind !== 'user') throw new Error('only users submit operations for approval');
  // What could not be carried out now is refused now, and not when the last approver has come.
  const possible = pendable.operation.decide?.(keptInput(pendable, inputJson), context, object ?? undefined);
  if (possible !== undefined && isRefusal(possible)) return possible;
  const pendingId = idFrom<PendingId>(random(INTERNAL_ID_BYTES));
  const cells = {
    operation: pendable.operation.name,
    inputJson,
    objectId: object?.id ?? null,
    objectSha256: object === null ? null : sha256Hex(object.bytes),
    submittedBy: caller.id,
    homeKmaId: self.kmaId,
    submittedAt: nowMs,
  };
  const submission: Submission = { id: pendingId, ...cells };
  const text = pendingText(state, self, submission);
  if (isRefusal(text)) return text;
  const { sha256, code } = text;
  const needed = thresholdOf(state);
  return {
    facts: [
      created('pending_operation', pendingId, cells),
      ...approvalFacts({ pendingId, textSha256: sha256, names, byUserId: caller.id }, context),
    ],
    objects: object === null ? [] : [object],
    output: { pendingId, textSha256: sha256, code, approvals: names.length, needed },
    audit: success(`pending=${pendingId} code=${code} approvals=${names.length}/${needed}${by(names)}`),
  };
}

export function by(names: readonly string[]): string {
  return names.length === 0 ? '' : ` approvedBy=${names.join(',')}`;
}

export interface NewApprovals {
  readonly pendingId: PendingId;
  readonly textSha256: string;
  readonly names: readonly string[];
  readonly byUserId: UserId;
}

export function approvalFacts(approvals: NewApprovals, { state, random, nowMs }: DecideContext): Fact[] {
  const { names, pendingId, textSha256, byUserId } = approvals;
  const expiresAt = expiryOfApproval(state, nowMs);
  return names.map((credentialName) =>
    created('pending_approval', idFrom(random(INTERNAL_ID_BYTES)), {
      pendingId,
      credentialName,
      textSha256,
      approvedAt: nowMs,
      byUserId,
      expiresAt,
    }),
  );
}
