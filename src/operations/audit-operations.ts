/** Operations that read the audit log: list with filters, histories, verification of the chains. Nothing here writes or deletes a record. */
import { z } from 'zod';
import { RETENTION_TERMS } from '../core/audit.ts';
import type { AuditClass, AuditFilter, AuditRecord } from './audit-record.ts';
import type { ViewContext } from './contexts.ts';
import { dataUnitId, date, dateText, keyId, limit, name } from './fields.ts';
import { operation, ROLES } from './operation.ts';
import { after, type Page, pageOf } from './pages.ts';

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

/** Rows are numbered in the order of writing; the newest come first. */
const afterRow = () => after().refine((row) => row === undefined || ROW.test(row), 'no page ended there');
const ROW = /^[1-9]\d{0,14}$/;

interface Wanted {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** One more than was asked for says whether there is a next page. */
function pageOfEvents(
  { audit }: ViewContext,
  { limit, after }: Wanted,
  filter: Omit<AuditFilter, 'limit' | 'beforeId'>,
): Page<AuditEvent> {
  const beforeId = after === undefined ? {} : { beforeId: Number(after) };
  const found = audit.list({ ...filter, ...beforeId, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(shownEvent),
    next: found.length > limit && last !== undefined ? String(last.row) : null,
  };
}

export const listAuditEvents = operation({
  ...readingAudit,
  callers: ROLES,
  name: 'ListAuditEvents',
  http: { method: 'GET', path: '/v1/audit-events' },
  summary: 'Lists audit events, newest first.',
  input: z.strictObject({
    limit: limit(),
    after: afterRow(),
    term: z.enum(RETENTION_TERMS).optional().meta({ description: 'retention term' }),
    severity: z.enum(SEVERITIES).optional().meta({ description: 'severity' }),
    operation: z.string().max(64).optional().meta({ description: 'name of the operation' }),
    entity: z.string().max(64).optional().meta({ description: 'user or agent that asked' }),
    since: date('not before, such as 2026-11-23T00:00:00Z').optional(),
    until: date('not after').optional(),
  }),
  output: pageOf(auditEvent),
  command: {
    words: ['audit', 'list'],
    example: 'kma audit list --severity error --limit 20 --user auditor',
  },
  view: (input, context) =>
    pageOfEvents(context, input, {
      ...(input.term === undefined ? {} : { term: input.term }),
      ...(input.severity === undefined ? {} : { severity: input.severity }),
      ...(input.operation === undefined ? {} : { operation: input.operation }),
      ...(input.entity === undefined ? {} : { entity: input.entity }),
      ...(input.since === undefined ? {} : { sinceMs: input.since }),
      ...(input.until === undefined ? {} : { untilMs: input.until }),
    }),
});

const history = {
  ...readingAudit,
  callers: ['COMPLIANCE_OFFICER', 'AUDITOR'],
  output: pageOf(auditEvent),
} as const;

export const listAgentHistory = operation({
  ...history,
  name: 'ListAgentHistory',
  http: { method: 'GET', path: '/v1/agents/{agent}/history' },
  summary: 'Lists what an agent asked for, newest first.',
  input: z.strictObject({ agent: name('agent ID'), limit: limit(), after: afterRow() }),
  command: {
    words: ['agent', 'history'],
    arguments: ['agent'],
    example: 'kma agent history drive-1 --user auditor',
  },
  view: (input, context) => pageOfEvents(context, input, { entity: input.agent, classes: AGENT_CLASSES }),
});
/** A user may bear the name of an agent; what he did is of other classes. */
const AGENT_CLASSES: readonly AuditClass[] = [
  'Agent Access',
  'Agent Client',
  'Certificate Service',
  'Discovery',
  'Security Violation',
];

export const listDataUnitHistory = operation({
  ...history,
  name: 'ListDataUnitHistory',
  http: { method: 'GET', path: '/v1/data-units/{dataUnitId}/history' },
  summary: 'Lists the audit events that name a data unit, newest first.',
  input: z.strictObject({ dataUnitId: dataUnitId(), limit: limit(), after: afterRow() }),
  command: {
    words: ['data-unit', 'history'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit history 000102030405060708090A0B0C0D0E0F --user auditor',
  },
  view: (input, context) => pageOfEvents(context, input, { messageHas: input.dataUnitId }),
});

export const listKeyHistory = operation({
  ...history,
  name: 'ListKeyHistory',
  http: { method: 'GET', path: '/v1/keys/{keyId}/history' },
  summary: 'Lists the audit events that name a key, newest first.',
  input: z.strictObject({ keyId: keyId(), limit: limit(), after: afterRow() }),
  command: {
    words: ['key', 'history'],
    arguments: ['keyId'],
    example: 'kma key history KEYID --user auditor',
  },
  view: (input, context) => pageOfEvents(context, input, { messageHas: input.keyId }),
});

export const verifyAudit = operation({
  ...readingAudit,
  callers: ROLES,
  name: 'VerifyAudit',
  http: { method: 'GET', path: '/v1/audit-chains' },
  summary: 'Recomputes every audit chain and checks its cuts and signed heads.',
  input: z.strictObject({}),
  output: z.array(
    z.strictObject({
      incarnationId: z.string(),
      term: z.enum(RETENTION_TERMS),
      firstSeq: z.number(),
      lastSeq: z.number(),
      records: z.number(),
      verdict: z.string(),
    }),
  ),
  command: { words: ['audit', 'verify'], example: 'kma audit verify --user auditor' },
  view: (_input, { audit }) => [...audit.verify()],
});

export const auditOperations = [
  listAuditEvents,
  listAgentHistory,
  listDataUnitHistory,
  listKeyHistory,
  verifyAudit,
];
