/** The audit note of an operation that did what was asked; it holds name=value details and never a secret. */
import type { AuditNote } from './audit-record.ts';

export function success(message: string): AuditNote {
  return { severity: 'success', condition: 'Success', message };
}

/** Something that worked and is worth a look. */
export function warning(condition: string, message: string): AuditNote {
  return { severity: 'warning', condition, message };
}
