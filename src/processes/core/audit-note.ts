/** Turns an operation's outcome into its audit record (fields of section 9.1 of the product reference); it stores nothing. */

import type { Refusal } from '../../core/refusal.ts';
import { ERRORS } from '../../errors.ts';
import type { AuditNote, AuditRecord } from '../../operations/audit-record.ts';
import type { Caller, Operation, Origin, Self } from '../../operations/operation.ts';

export type NewAuditRecord = Omit<AuditRecord, 'row'>;

interface Outcome {
  readonly id: string;
  readonly nowMs: number;
  readonly operation: Pick<Operation, 'name' | 'audit'>;
  readonly self: Self;
  readonly origin: Origin;
  /** Null when the caller could not be proven. */
  readonly caller: Caller | null;
  /** The name a caller without proof gave himself, if any. */
  readonly claimedName: string;
  readonly result: Refusal | { readonly audit?: AuditNote };
}

export function auditRecord(outcome: Outcome): NewAuditRecord {
  const { operation, result, self } = outcome;
  const refused = 'refused' in result;
  const note = refused ? noteOfRefusal(result) : (result.audit ?? SUCCESS);
  return {
    id: outcome.id,
    createdAt: outcome.nowMs,
    operation: operation.name,
    severity: note.severity,
    condition: note.condition,
    message: note.message,
    entityId:
      outcome.caller === null ? outcome.claimedName : entityName(outcome.caller) || outcome.claimedName,
    entityAddress: outcome.origin.address,
    kmaId: self.kmaId,
    kmaName: self.kmaName,
    class: note.class ?? operation.audit.class,
    term: note.retention ?? operation.audit.retention,
    solution: refused ? ERRORS[result.refused].advice : '',
  };
}

const SUCCESS: AuditNote = { severity: 'success', condition: 'Success', message: '' };

/** Refused access is a security event of its own class; retention stays the operation's. */
function noteOfRefusal(refusal: Refusal): AuditNote {
  const security =
    refusal.refused === 'ACCESS_DENIED' ||
    refusal.refused === 'AUTHENTICATION_FAILED' ||
    refusal.refused === 'QUORUM_NOT_MET';
  const note: AuditNote = {
    severity: 'error',
    condition: ERRORS[refusal.refused].text,
    message: `code=${ERRORS[refusal.refused].number}${refusal.detail === undefined ? '' : ` detail=${refusal.detail}`}`,
  };
  return security ? { ...note, class: 'Security Violation' } : note;
}

function entityName(caller: Caller): string {
  if (caller.kind === 'agent') return caller.agent.name ?? '';
  return caller.kind === 'user' ? caller.name : '';
}
