/** ShowAuditEvent: one audit record with the error it tells of and what to do about it, as the register says today. It changes nothing. */
import { z } from 'zod';
import { refuse } from '../core/refusal.ts';
import { ERRORS, errorOfNumber } from '../errors.ts';
import { auditEvent, readingAudit, shownEvent } from './audit-operations.ts';
import type { AuditRecord } from './audit-record.ts';
import { internalId } from './fields.ts';
import { operation, ROLES } from './operation.ts';

const details = auditEvent.extend({
  kmaId: z.string(),
  /** Null, and "", where the record tells of no refusal. */
  errorNumber: z.number().nullable(),
  errorCode: z.string(),
  errorText: z.string(),
});

export const showAuditEvent = operation({
  ...readingAudit,
  callers: ROLES,
  name: 'ShowAuditEvent',
  http: { method: 'GET', path: '/v1/audit-events/{id}' },
  summary: 'Shows an audit event with its error and what to do about it.',
  input: z.strictObject({ id: internalId('audit log ID, 32 hex digits') }),
  output: details,
  command: {
    words: ['audit', 'show'],
    arguments: ['id'],
    example: 'kma audit show 000102030405060708090A0B0C0D0E0F --user auditor',
  },
  view({ id }, { audit }) {
    const record = audit.find(id);
    return record === null ? refuse('AUDIT_EVENT_DOES_NOT_EXIST') : detailsOf(record);
  },
});

/** A refusal's record begins with its number (processes/core/audit-note.ts). */
const REFUSED = /^code=(\d+)/;

function detailsOf(record: AuditRecord): z.infer<typeof details> {
  const { row, id, ...rest } = shownEvent(record);
  const number = record.severity === 'error' ? REFUSED.exec(record.message)?.[1] : undefined;
  const code = number === undefined ? undefined : errorOfNumber(Number(number));
  return {
    id,
    row,
    ...rest,
    kmaId: record.kmaId,
    errorNumber: number === undefined ? null : Number(number),
    errorCode: code ?? '',
    errorText: code === undefined ? '' : ERRORS[code].text,
    solution: code === undefined ? record.solution : ERRORS[code].advice,
  };
}
