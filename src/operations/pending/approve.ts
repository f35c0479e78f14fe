/** ApprovePendingOperation: key split credentials for one text; when enough of them count, what was submitted is carried out in the same transaction. */
import { z } from 'zod';
import { event } from '../../core/facts.ts';
import type { PendingId, UserId } from '../../core/ids.ts';
import { approvalsOf, approvers } from '../../core/pending-approvals.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import { workingUser } from '../../core/user-session.ts';
import { sha256Hex } from '../../security/sealing.ts';
import type { DecideContext, PrepareContext } from '../contexts.ts';
import { sha256 } from '../fields.ts';
import { type Accepted, type Caller, type Decision, type NewObject, operation } from '../operation.ts';
import { rolesOf } from '../roles-of.ts';
import { success } from '../success.ts';
import { openPending, pendingId } from './open-pending.ts';
import { keptInput, type Pendable } from './pendable.ts';
import { findPendable, pendingText, thresholdOf } from './pending-text.ts';
import { approvalFacts, by } from './submit.ts';

interface Prepared {
  readonly names: readonly string[];
  readonly object: NewObject | null;
}
interface Approved {
  readonly pendingId: string;
  readonly executed: boolean;
  readonly approvals: number;
  readonly needed: number;
}

export const approvePendingOperation = operation({
  callers: ['QUORUM_MEMBER'],
  quorum: 'given',
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Security Officer', retention: 'long' },
  name: 'ApprovePendingOperation',
  summary: 'Approves a pending operation with key split credentials; the last one needed carries it out.',
  input: z.strictObject({
    pendingId: pendingId(),
    textSha256: sha256('SHA-256 of the text that was read: another text is not approved'),
  }),
  output: z.strictObject({
    pendingId: z.string(),
    executed: z.boolean(),
    approvals: z.int(),
    needed: z.int(),
  }),
  command: {
    words: ['pending', 'approve'],
    arguments: ['pendingId'],
    example: 'kma pending approve ID --text-sha256 HASH --user member --quorum-file my-quorum.txt',
  },
  http: { method: 'POST', path: '/v1/pending-operations/{pendingId}/approvals' },
  async prepare(input, context): Promise<Prepared | Refusal> {
    const row = openPending(context.state, context.self, input.pendingId);
    if (isRefusal(row)) return row;
    return { names: context.approvers, object: keptObject(row, context) };
  },
  decide(input, context, { names, object }: Prepared): Decision<Approved> {
    const { state, self, nowMs, caller } = context;
    const row = openPending(state, self, input.pendingId);
    if (isRefusal(row)) return row;
    if (caller.kind !== 'user') return refuse('ACCESS_DENIED');
    const text = pendingText(state, self, row);
    if (isRefusal(text)) return text;
    if (text.sha256 !== input.textSha256) return refuse('PENDING_CHANGED', input.pendingId);
    const before = approvers(approvalsOf(state, row.id, text.sha256, nowMs));
    const fresh = names.filter((name) => !before.includes(name));
    const all = [...before, ...fresh].sort();
    const needed = thresholdOf(state);
    // Where the threshold was lowered meanwhile, those who had approved before carry it out.
    if (names.length > 0 && fresh.length === 0 && all.length < needed)
      return refuse('PENDING_APPROVED_ALREADY', `${names.join(', ')} had approved already`);
    const approval = { pendingId: row.id as PendingId, textSha256: text.sha256, byUserId: caller.id };
    const facts = approvalFacts({ ...approval, names: fresh }, context);
    const output = { pendingId: row.id, executed: all.length >= needed, approvals: all.length, needed };
    const audit = success(
      `pending=${row.id} operation=${row.operation} code=${text.code} approvals=${all.length}/${needed}${by(names)}`,
    );
    if (!output.executed) return { facts, output, audit };
    const executed = execute(row, all, object, context);
    if (isRefusal(executed)) return executed;
    return { ...executed, facts: [...facts, ...executed.facts], output, audit };
  },
});

/** The verifier that was made when the operation was submitted. */
function keptObject(row: Row<'pending_operation'>, { security }: PrepareContext): NewObject | null {
  if (row.objectId === null) return null;
  const bytes = security.readObject(row.objectId);
  if (sha256Hex(bytes) !== row.objectSha256)
    throw new Error(`object ${row.objectId} is not the one submitted`);
  return { id: row.objectId, class: 'open', kind: 'passphrase-verifier', owner: '', epoch: '', bytes };
}

/** The decision of the operation itself, as if who submitted it asked now. */
function execute(
  row: Row<'pending_operation'>,
  names: readonly string[],
  object: NewObject | null,
  context: DecideContext,
): Accepted<unknown> | Refusal {
  const pendable = findPendable(row.operation ?? '');
  if (pendable === undefined) return refuse('NOT_SUPPORTED', row.operation ?? '');
  const submitter = submitterOf(pendable, row, context);
  if (isRefusal(submitter)) return submitter;
  if (pendable.operation.needsUnlocked && !context.unlocked) return refuse('APPLIANCE_LOCKED');
  const input = keptInput(pendable, row.inputJson ?? '');
  const decided = pendable.operation.decide?.(input, { ...context, caller: submitter }, object ?? undefined);
  if (decided === undefined) throw new Error(`${pendable.operation.name} does not decide`);
  if (isRefusal(decided)) return decided;
  const finishedBy = context.caller.kind === 'user' ? context.caller.id : null;
  const outcome = { finishedAt: context.nowMs, outcome: 'executed', finishedBy } as const;
  const note = decided.audit ?? success('');
  const message = `${note.message} pending=${row.id}${by(names)}`.trim();
  return {
    ...decided,
    facts: [...decided.facts, event('pending_operation', row.id, 'finished', outcome)],
    // It is in the store since the submission.
    objects: (decided.objects ?? []).filter(({ id }) => id !== row.objectId),
    executed: { operation: pendable.operation, caller: submitter, audit: { ...note, message } },
  };
}

/** Who submitted it must still be somebody who may. */
function submitterOf(
  { operation: { callers } }: Pendable,
  row: Row<'pending_operation'>,
  { state }: DecideContext,
): Caller | Refusal {
  const userId = row.submittedBy as UserId;
  const user = workingUser(state, userId);
  const roles = rolesOf(state, userId);
  const may = Array.isArray(callers) && callers.some((role) => roles.includes(role));
  if (user?.name == null || !may) return refuse('PENDING_SUBMITTER', row.id);
  return { kind: 'user', id: userId, name: user.name, roles };
}
