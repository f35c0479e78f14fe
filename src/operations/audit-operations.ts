/** Operations that read the audit log: list with filters, histories, verification of the chains. Nothing here writes or deletes a record. */
import { z } from 'zod';
import { RETENTION_TERMS } from '../core/audit.ts';
import type { AuditRecord } from './audit-record.ts';
import type { ViewContext } from './contexts.ts';
import { dataUnitId, date, dateText, keyId, limit, name } from './fields.ts';
import { operation, ROLES } from './operation.ts';

const SEVERITIES = ['success', 'warning', 'error'] as const;
const reading = {
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

export const shownEvent = ({ kmaId: _, createdAt, ...record }: AuditRecord): z.infer<typeof auditEvent> => ({
  ...record,
  createdAt: dateText(createdAt),
});
const beforeRow = () =>
  z.int().min(1).optional().meta({ description: 'only rows before this one: continues a list' });

export const listAuditEvents = operation({
  ...reading,
  callers: ROLES,
  name: 'ListAuditEvents',
  http: { method: 'GET', path: '/v1/audit-events' },
  summary: 'Lists audit events, newest first.',
  input: z.strictObject({
    limit: limit(),
    beforeRow: beforeRow(),
    term: z.enum(RETENTION_TERMS).optional().meta({ description: 'retention term' }),
    severity: z.enum(SEVERITIES).optional().meta({ description: 'severity' }),
    operation: z.string().max(64).optional().meta({ description: 'name of the operation' }),
    entity: z.string().max(64).optional().meta({ description: 'user or agent that asked' }),
    since: date('not before, such as 2026-11-23T00:00:00Z').optional(),
    until: date('not after').optional(),
  }),
  output: z.array(auditEvent),
  command: {
    words: ['audit', 'list'],
    example: 'kma audit list --severity error --limit 20 --user auditor',
  },
  view: (input, { audit }) =>
    audit
      .list({
        limit: input.limit,
        ...(input.beforeRow === undefined ? {} : { beforeId: input.beforeRow }),
        ...(input.term === undefined ? {} : { term: input.term }),
        ...(input.severity === undefined ? {} : { severity: input.severity }),
        ...(input.operation === undefined ? {} : { operation: input.operation }),
        ...(input.entity === undefined ? {} : { entity: input.entity }),
        ...(input.since === undefined ? {} : { sinceMs: input.since }),
        ...(input.until === undefined ? {} : { untilMs: input.until }),
      })
      .map(shownEvent),
});

/** Records looked through for one answer; the reader stays usable for others. */
const EXAMINED_MAX = 200_000;
const PAGE_RECORDS = 1000;

/** The newest records that fit, bounded in work; `filter` narrows by index, `fits` looks closer. */
function search(
  { audit }: ViewContext,
  filter: { readonly entity?: string },
  wanted: { readonly limit: number; readonly beforeRow?: number | undefined },
  fits: (record: AuditRecord) => boolean,
): AuditRecord[] {
  const found: AuditRecord[] = [];
  let beforeId = wanted.beforeRow;
  for (let examined = 0; examined < EXAMINED_MAX && found.length < wanted.limit; examined += PAGE_RECORDS) {
    const page = audit.list({
      ...filter,
      limit: PAGE_RECORDS,
      ...(beforeId === undefined ? {} : { beforeId }),
    });
    found.push(...page.filter(fits));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_RECORDS) break;
    beforeId = last.row;
  }
  return found.slice(0, wanted.limit);
}

const history = { ...reading, callers: ['COMPLIANCE_OFFICER', 'AUDITOR'] } as const;

export const listAgentHistory = operation({
  ...history,
  name: 'ListAgentHistory',
  http: { method: 'GET', path: '/v1/agents/{agent}/history' },
  summary: 'Lists what an agent asked for, newest first.',
  input: z.strictObject({ agent: name('agent ID'), limit: limit(), beforeRow: beforeRow() }),
  output: z.array(auditEvent),
  command: {
    words: ['agent', 'history'],
    arguments: ['agent'],
    example: 'kma agent history drive-1 --user auditor',
  },
  view: (input, context) =>
    search(context, { entity: input.agent }, input, ({ class: name }) => AGENT_CLASSES.includes(name)).map(
      shownEvent,
    ),
});
/** A user may bear the name of an agent; what he did is of other classes. */
const AGENT_CLASSES: readonly string[] = [
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
  input: z.strictObject({ dataUnitId: dataUnitId(), limit: limit(), beforeRow: beforeRow() }),
  output: z.array(auditEvent),
  command: {
    words: ['data-unit', 'history'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit history 000102030405060708090A0B0C0D0E0F --user auditor',
  },
  view: (input, context) =>
    search(context, {}, input, ({ message }) => message.includes(input.dataUnitId)).map(shownEvent),
});

export const listKeyHistory = operation({
  ...history,
  name: 'ListKeyHistory',
  http: { method: 'GET', path: '/v1/keys/{keyId}/history' },
  summary: 'Lists the audit events that name a key, newest first.',
  input: z.strictObject({ keyId: keyId(), limit: limit(), beforeRow: beforeRow() }),
  output: z.array(auditEvent),
  command: {
    words: ['key', 'history'],
    arguments: ['keyId'],
    example: 'kma key history KEYID --user auditor',
  },
  view: (input, context) =>
    search(context, {}, input, ({ message }) => message.includes(input.keyId)).map(shownEvent),
});

export const verifyAudit = operation({
  ...reading,
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
