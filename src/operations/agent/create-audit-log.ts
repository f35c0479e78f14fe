/** CreateAuditLog: an agent's own record in the audit log (protocol 6.2). It is the record of the operation itself; the text is the agent's. */
import type { Requests } from '@openkma/protocol';
import { z } from 'zod';
import { refuse } from '../../core/refusal.ts';
import type { RetentionTerm, Severity } from '../audit-record.ts';
import { operation } from '../operation.ts';
import { forAgents } from './calling-agent.ts';
import { auditCondition, auditMessage, auditRetention, fields } from './wire-fields.ts';

type Request = Requests['CreateAuditLog'];

const TERMS: Readonly<Record<Request['retention'], RetentionTerm | null>> = {
  'AUDIT-LOG-LONG-TERM-RETENTION': 'long',
  'AUDIT-LOG-MEDIUM-TERM-RETENTION': 'medium',
  'AUDIT-LOG-SHORT-TERM-RETENTION': 'short',
  'AUDIT-LOG-ZERO-RETENTION': null,
};
const SEVERITIES: Readonly<Record<Request['condition'], Severity>> = {
  'AUDIT-LOG-SUCCESS-CONDITION': 'success',
  'AUDIT-LOG-ERROR-CONDITION': 'error',
  'AUDIT-LOG-WARNING-CONDITION': 'warning',
};
const CONDITIONS: Readonly<Record<Severity, string>> = {
  success: 'Success',
  error: 'Error reported by the agent',
  warning: 'Warning reported by the agent',
};

export const createAuditLog = operation<Request, undefined, object, object>({
  ...forAgents('short'),
  name: 'CreateAuditLog',
  summary: 'Writes a record of the agent into the audit log.',
  audit: { class: 'Agent Client', retention: 'short' },
  input: fields<Request>({
    retention: auditRetention,
    condition: auditCondition,
    issueAlert: z.boolean(),
    message: auditMessage,
  }),
  output: fields<object>({}),
  decide({ retention, condition, issueAlert, message }) {
    const term = TERMS[retention];
    if (term === null) return refuse('AGENT_INVALID_PARAMETERS', 'a record that is not kept');
    const severity = SEVERITIES[condition];
    return {
      facts: [],
      output: {},
      audit: {
        severity,
        condition: CONDITIONS[severity],
        message: `alert=${issueAlert} message=${message}`,
        retention: term,
      },
    };
  },
});
