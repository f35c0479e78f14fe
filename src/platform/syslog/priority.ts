/** The number that a syslog message begins with: facility and severity (RFC 5424, 6.2.1). */
import type { Severity } from '../../operations/audit-record.ts';

/** "log audit", of RFC 5424's table; receivers sort by it. */
const FACILITY = 13;
/** Error, warning, informational. */
const SEVERITIES: Readonly<Record<Severity, number>> = { error: 3, warning: 4, success: 6 };

export function priorityOf(severity: Severity): number {
  return FACILITY * 8 + SEVERITIES[severity];
}
