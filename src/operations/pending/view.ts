/** Lists pending operations, and shows the one text that approvals are bound to. Who has approved is shown; no credential is. */
import { z } from 'zod';
import { isLive, live } from '../../core/live.ts';
import { approvalsOf, approvers } from '../../core/pending-approvals.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import type { ViewContext } from '../contexts.ts';
import { nameOf } from '../entities.ts';
import { dateText, flag } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { operation } from '../operation.ts';
import { pendingId, viewers } from './open-pending.ts';
import { pendingText, thresholdOf } from './pending-text.ts';

const rowFields = {
  pendingId: z.string(),
  operation: z.string(),
  kma: z.string(),
  submittedBy: z.string(),
  submittedAt: z.string(),
  updatedAt: z.string(),
  /** Open, or what became of it. */
  state: z.enum(['open', 'executed', 'deleted']),
};

function shown(row: Row<'pending_operation'>, { state, nowMs }: ViewContext) {
  const dates = approvalsOf(state, row.id, '', nowMs).map((approval) => approval.row.approvedAt ?? 0);
  const updatedAt = Math.max(row.submittedAt ?? 0, row.finishedAt ?? 0, ...dates);
  return {
    pendingId: row.id,
    operation: row.operation ?? '',
    kma: nameOf(state, 'kma', row.homeKmaId),
    submittedBy: nameOf(state, 'user', row.submittedBy),
    submittedAt: dateText(row.submittedAt),
    updatedAt: dateText(updatedAt),
    state: row.outcome ?? ('open' as const),
  };
}

/** More than anybody submits before the old ones are removed. */
const EXAMINED_MAX = 10_000;

export const listPendingOperations = listOperation({
  ...viewers,
  name: 'ListPendingOperations',
  summary: 'Lists the operations that wait for the credentials of a quorum, the newest first.',
  scope: { finished: flag('also those that were carried out or deleted').default(false) },
  row: z.strictObject(rowFields),
  key: ['pendingId'],
  order: 'submittedAt',
  descending: true,
  command: { words: ['pending', 'list'], example: 'kma pending list --user member' },
  http: { method: 'GET', path: '/v1/pending-operations' },
  rows: (context, { finished }) =>
    context.state
      .scan('pending_operation', 'submitted', { equals: [], reverse: true, limit: EXAMINED_MAX })
      .filter((row) => isLive(row) && (finished || row.finishedStamp === null))
      .map((row) => shown(row, context)),
});

export const showPendingOperation = operation({
  ...viewers,
  name: 'ShowPendingOperation',
  summary: 'Shows exactly what a pending operation would do now, with a code to compare aloud.',
  input: z.strictObject({ pendingId: pendingId() }),
  output: z.strictObject({
    ...rowFields,
    text: z.string(),
    textSha256: z.string(),
    code: z.string(),
    /** Why it could not be carried out now, whoever approves. */
    obstacle: z.string(),
    needed: z.int(),
    counting: z.int(),
    approvals: z.array(
      z.strictObject({
        credential: z.string(),
        approvedAt: z.string(),
        expiresAt: z.string(),
        standing: z.enum(['counts', 'changed', 'expired']),
      }),
    ),
  }),
  command: {
    words: ['pending', 'show'],
    arguments: ['pendingId'],
    example: 'kma pending show ID --user member',
  },
  http: { method: 'GET', path: '/v1/pending-operations/{pendingId}' },
  view(input, context) {
    const { state, self, nowMs } = context;
    const row = live(state, 'pending_operation', input.pendingId);
    if (row === undefined) return refuse('PENDING_DOES_NOT_EXIST', input.pendingId);
    const made = pendingText(state, self, row);
    const finished = row.finishedStamp !== null;
    const { text, sha256, code } = finished || isRefusal(made) ? { text: '', sha256: '', code: '' } : made;
    const approvals = approvalsOf(state, row.id, sha256, nowMs);
    return {
      ...shown(row, context),
      text,
      textSha256: sha256,
      code,
      obstacle: !finished && isRefusal(made) ? made.refused : '',
      needed: thresholdOf(state),
      counting: approvers(approvals).length,
      approvals: approvals.map(({ row: approval, expiresAtMs, standing }) => ({
        credential: approval.credentialName ?? '',
        approvedAt: dateText(approval.approvedAt),
        expiresAt: dateText(expiresAtMs),
        standing,
      })),
    };
  },
});
