/** Operations that read the audit log: list with filters, histories, verification of the chains. Nothing here writes or deletes a record. */
import { z } from 'zod';
import { RETENTION_TERMS } from '../core/audit.ts';
import type { RowId } from '../core/list-page.ts';
import type { AuditClass, AuditRecord } from './audit-record.ts';
import type { ViewContext } from './contexts.ts';
import { dataUnitId, dateText, keyId, name } from './fields.ts';
import type { Filter } from './lists/filter.ts';
import { storedListOperation } from './lists/list.ts';
import { operation, ROLES } from './operation.ts';

const SEVERITIES = ['success', 'warning', 'error'] as const;
export const readingAudit = {
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Auditing', retention: 'short' },
} as const;

export const auditEvent = z.strictObject({
  row: z.number(),
  createdAt: z.string(),
  operation: z.string(),
  severity: z.enum(SEVERITIES),
  condition: z.string(),
  message: z.string(),
  entityId: z.string(),
  entityAddress: z.string(),
  kmaName: z.string(),
  class: z.string(),
  term: z.enum(RETENTION_TERMS),
  solution: z.string(),
  id: z.string(),
});

type AuditEvent = z.infer<typeof auditEvent>;

export const shownEvent = ({ kmaId: _, createdAt, ...record }: AuditRecord): AuditEvent => ({
  ...record,
  createdAt: dateText(createdAt),
});

/** Of all KMAs of the cluster, in the order of time: those of another one are numbered as they came. */
const events = {
  ...readingAudit,
  row: auditEvent,
  key: 'row',
  order: 'createdAt',
  descending: true,
  stored: 'audit',
  shown:
    ({ audit }: ViewContext) =>
    (row: RowId) =>
      shownEvent(audit.record(Number(row))),
} as const;

export const listAuditEvents = storedListOperation({
  ...events,
  callers: ROLES,
  name: 'ListAuditEvents',
  http: { method: 'GET', path: '/v1/audit-events' },
  summary: 'Lists audit events of all KMAs, newest first.',
  command: {
    words: ['audit', 'list'],
    example:
      'kma audit list --filter severity=error --filter "createdAt>=2026-11-23" --limit 20 --user auditor',
  },
});

const history = { ...events, callers: ['COMPLIANCE_OFFICER', 'AUDITOR'] } as const;

export const listAgentHistory = storedListOperation({
  ...history,
  name: 'ListAgentHistory',
  http: { method: 'GET', path: '/v1/agents/{agent}/history' },
  summary: 'Lists what an agent asked for, newest first.',
  scope: { agent: name('agent ID') },
  within: ({ agent }) => [
    { column: 'entityId', test: { is: 'within', bounds: { atLeast: agent, atMost: agent } }, not: false },
    { column: 'class', test: { is: 'one of', texts: AGENT_CLASSES }, not: false },
  ],
  command: {
    words: ['agent', 'history'],
    arguments: ['agent'],
    example: 'kma agent history drive-1 --user auditor',
  },
});
/** A user may bear the name of an agent; what he did is of other classes. */
const AGENT_CLASSES: readonly AuditClass[] = [
  'Agent Access',
  'Agent Client',
  'Certificate Service',
  'Discovery',
  'Security Violation',
];

const named = (id: string): readonly Filter[] => [
  { column: 'message', test: { is: 'containing', text: id }, not: false },
];

export const listDataUnitHistory = storedListOperation({
  ...history,
  name: 'ListDataUnitHistory',
  http: { method: 'GET', path: '/v1/data-units/{dataUnitId}/history' },
  summary: 'Lists the audit events that name a data unit, newest first.',
  scope: { dataUnitId: dataUnitId() },
  within: (scope) => named(scope.dataUnitId),
  command: {
    words: ['data-unit', 'history'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit history 000102030405060708090A0B0C0D0E0F --user auditor',
  },
});

export const listKeyHistory = storedListOperation({
  ...history,
  name: 'ListKeyHistory',
  http: { method: 'GET', path: '/v1/keys/{keyId}/history' },
  summary: 'Lists the audit events that name a key, newest first.',
  scope: { keyId: keyId() },
  within: (scope) => named(scope.keyId),
  command: {
    words: ['key', 'history'],
    arguments: ['keyId'],
    example: 'kma key history KEYID --user auditor',
  },
});

export const verifyAudit = operation({
  ...readingAudit,
  callers: ROLES,
  name: 'VerifyAudit',
  http: { method: 'GET', path: '/v1/audit-chains' },
  job: 'when-long',
  summary: 'Recomputes every audit chain here, those of other KMAs too, and checks cuts and signed heads.',
  input: z.strictObject({}),
  output: z.array(
    z.strictObject({
      kmaName: z.string(),
      incarnationId: z.string(),
      term: z.enum(RETENTION_TERMS),
      firstSeq: z.number(),
      lastSeq: z.number(),
      records: z.number(),
      behind: z.number(),
      verdict: z.string(),
    }),
  ),
  command: { words: ['audit', 'verify'], example: 'kma audit verify --user auditor' },
  *inspect(_input, { audit }) {
    return [...(yield* audit.verification())];
  },
});

export const auditOperations = [
  listAuditEvents,
  listAgentHistory,
  listDataUnitHistory,
  listKeyHistory,
  verifyAudit,
];
