/** Which audit records are events that people are told of at once, by SNMP and syslog (product reference 11.1): one rule for both. It sends nothing. */
import type { AuditRecord } from '../operations/audit-record.ts';

/** What succeeded, and has to be known all the same: by operation. */
export const ALARMING_OPERATIONS: ReadonlySet<string> = new Set([
  'LockKma',
  'UnlockKma',
  'SetAutonomousUnlock',
  'ModifyKeySplit',
  'QuickStart',
  'BeginIncarnation',
  'JoinCluster',
  'RestoreBackup',
  'RestoreFromFiles',
  'CreateKma',
  'DeleteKma',
  'RenewRootCa',
  'NoteMemberBack',
]);
/** Agents get these for keys that are old or compromised, over and over where many tapes are read again. */
const OF_AGENTS: ReadonlySet<string> = new Set(['Agent Access', 'Agent Client']);

export type JudgedRecord = Pick<AuditRecord, 'operation' | 'class' | 'severity' | 'condition'>;

/** Errors, security violations, what the KMA warns of, and what changes who gets keys. A warning that belongs to one agent's call is none. */
export function isAlarmEvent({ operation, class: kind, severity }: JudgedRecord): boolean {
  if (severity === 'error' || kind === 'Security Violation') return true;
  if (severity === 'warning') return !OF_AGENTS.has(kind);
  return ALARMING_OPERATIONS.has(operation);
}
