/** ShowAuditEvent: one audit record with the error it tells of and what to do about it, as the register says today. It changes nothing. */
import { z } from 'zod';
import { refuse } from '../core/refusal.ts';
import { ERRORS, errorOfNumber } from '../errors.ts';
import { auditEvent, readingAudit, shownEvent } from './audit-operations.ts';
import type { AuditRecord } from './audit-record.ts';
import { operation, ROLES } from './operation.ts';

const details = auditEvent.extend({
  kmaId: z.string(),
  /** Null, and "", where the record tells of no refusal. */
  errorNumber: z.number().nullable(),
  errorCode: z.string(),
  errorText: z.string(),
});

/** The table of events has no room for the ID, and names a row by its number. */
const ROW = /^-?\d{1,15}$/;
const ID_OR_ROW = /^(?:[0-9A-Fa-f]{32}|-?\d{1,15})$/;

export const showAuditEvent = operation({
  ...readingAudit,
  callers: ROLES,
  name: 'ShowAuditEvent',
  http: { method: 'GET', path: '/v1/audit-events/{id}' },
  summary: 'Shows an audit event with its error and what to do about it.',
  input: z.strictObject({
    id: z.string().regex(ID_OR_ROW, '32 hex digits, or the number of a row').meta({
      description:
        'audit log ID, 32 hex digits, or the number of its row at this KMA; that of a record of another KMA is negative',
    }),
  }),
  output: details,
  command: {
    words: ['audit', 'show'],
    arguments: ['id'],
    example: 'kma audit show 76 --user auditor',
  },
  view({ id }, { audit }) {
    const record = audit.find(ROW.test(id) ? Number(id) : id.toUpperCase());
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
