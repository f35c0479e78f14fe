/** What the audit in an opened backup says of it. The chains of the life that made the backup must be whole; what is wrong with others is told, since one member must not make the backups of all others unsound. It mends nothing. */
import { type Refusal, refuse } from '../../core/refusal.ts';
import { isIntact, verifyAudit } from '../../store/audit-verification.ts';
import type { Store } from '../../store/store.ts';
import { makerOf } from './maker.ts';

const FINDINGS_MAX = 20;

export interface AuditStanding {
  readonly auditRecords: number;
  /** Chains of others, or of earlier lives, that are not as they were written. */
  readonly auditChainsNotIntact: number;
  /** What is wrong with the first of them. */
  readonly auditFindings: readonly string[];
}

export function auditStanding(store: Store, kmaName: string): AuditStanding | Refusal {
  const chains = verifyAudit(store, makerOf(store, kmaName));
  const broken = chains.filter((chain) => !isIntact(chain));
  const maker = store.audit.newestWriter();
  // Where nobody knows which life made it, it may be any.
  const own = broken.find(({ incarnationId }) => maker === undefined || incarnationId === maker);
  if (own !== undefined) return refuse('BACKUP_UNSOUND', `audit of the ${own.term} term: ${own.verdict}`);
  return {
    auditRecords: chains.reduce((sum, { records }) => sum + records, 0),
    auditChainsNotIntact: broken.length,
    auditFindings: broken
      .slice(0, FINDINGS_MAX)
      .map((one) => `${one.kmaName}, life ${one.incarnationId}, ${one.term} term: ${one.verdict}`),
  };
}
