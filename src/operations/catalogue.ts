/** The one catalogue (D9): every operation there is, by name. It is the only list; nothing else enumerates operations. */
import { agentOperations } from './agent/index.ts';
import { listAgentPerformance } from './agent-performance.ts';
import { agentManagementOperations } from './agents.ts';
import { applianceUpkeepOperations } from './appliance-upkeep.ts';
import { auditOperations } from './audit-operations.ts';
import { auditUpkeepOperations } from './audit-upkeep.ts';
import { backupScheduleOperations } from './backup-schedule.ts';
import { backupOperations } from './backups.ts';
import { certificateOperations } from './certificates/index.ts';
import { clusterOperations } from './cluster/index.ts';
import { compromiseKeys } from './compromise-keys.ts';
import { conflictOperations } from './conflicts/index.ts';
import { coreSecurityOperations } from './core-security.ts';
import { listBackupsWithKeys } from './data-unit-backups.ts';
import { dataUnitOperations } from './data-units.ts';
import { incarnationOperations } from './incarnations.ts';
import { jobOperations } from './jobs.ts';
import { keyGroupOperations } from './key-groups.ts';
import { setKeyInUse } from './key-in-use.ts';
import { keyPolicyOperations } from './key-policies.ts';
import { keyPoolOperations } from './key-pool.ts';
import { keyOperations } from './keys.ts';
import { kmaOperations } from './kmas.ts';
import { showMetrics } from './metrics/show-metrics.ts';
import type { Operation } from './operation.ts';
import { pendingOperations } from './pending/index.ts';
import { platformOperations } from './platform/index.ts';
import { pageProofOperations, proofOperations } from './proof/index.ts';
import { quickStart } from './quickstart.ts';
import { readBackupPiece } from './read-backup-piece.ts';
import { restoreOperations } from './restore.ts';
import { rootCaOperations } from './root-ca.ts';
import { sessionOperations } from './sessions/index.ts';
import { settingsOperations } from './settings-operations.ts';
import { showAuditEvent } from './show-audit-event.ts';
import { siteOperations } from './sites.ts';
import { statusOperations } from './status.ts';
import { systemOperations } from './system/index.ts';
import { userOperations } from './users.ts';

export const operations: readonly Operation[] = [
  quickStart,
  ...incarnationOperations,
  ...userOperations,
  ...sessionOperations,
  ...certificateOperations,
  ...siteOperations,
  ...keyPolicyOperations,
  ...keyGroupOperations,
  ...agentManagementOperations,
  listAgentPerformance,
  ...dataUnitOperations,
  listBackupsWithKeys,
  ...keyOperations,
  compromiseKeys,
  setKeyInUse,
  ...kmaOperations,
  ...clusterOperations,
  ...conflictOperations,
  ...rootCaOperations,
  ...statusOperations,
  showMetrics,
  ...systemOperations,
  ...platformOperations,
  ...coreSecurityOperations,
  ...pendingOperations,
  ...settingsOperations,
  ...keyPoolOperations,
  ...backupOperations,
  ...backupScheduleOperations,
  readBackupPiece,
  ...restoreOperations,
  ...jobOperations,
  ...auditOperations,
  showAuditEvent,
  ...agentOperations,
  ...proofOperations,
  ...pageProofOperations,
  ...auditUpkeepOperations,
  ...applianceUpkeepOperations,
];

const BY_NAME: ReadonlyMap<string, Operation> = new Map(operations.map((entry) => [entry.name, entry]));

export function findOperation(name: string): Operation | undefined {
  return BY_NAME.get(name);
}
