/** How this KMA stands by its state: pool, agents, last backup. It knows nothing of the running processes. */
import type { IncarnationId } from '../core/ids.ts';
import { lifeOfNow } from '../core/life.ts';
import { isLive } from '../core/live.ts';
import { backedUpKeys, poolStanding } from '../core/readiness.ts';
import { readSetting } from '../core/settings.ts';
import type { StateView } from '../core/state.ts';
import { ENTITIES_MAX, visitRows } from './entities.ts';

const CERTIFICATES_EXAMINED_MAX = 200_000;

export function poolStatus(state: StateView, incarnationId: IncarnationId) {
  const keyPoolSize = readSetting(state, 'keyPoolSize');
  const { ready, unissued } = poolStanding(state, incarnationId);
  return {
    keyPoolSize,
    keysReady: ready,
    keysUnissued: unissued,
    readyPercent: Math.round((ready / keyPoolSize) * 100),
  };
}

/** Of the pool of any KMA, as far as its log is here; 0 before its life has begun. */
export function poolBackupPercent(state: StateView, kmaId: string): number {
  const life = lifeOfNow(state, kmaId)?.id as IncarnationId | undefined;
  const size = readSetting(state, 'keyPoolSize');
  return life === undefined ? 0 : Math.round((backedUpKeys(state, life) / size) * 100);
}

/** Legacy: agents whose certificate in force was got with the SHA-1 proof of the legacy protocol. */
export function agentStatus(state: StateView) {
  const legacy = new Set<string | null>();
  visitRows(state, 'agent_certificate', CERTIFICATES_EXAMINED_MAX, (row) => {
    if (row.proof === 'legacy' && row.revokedStamp === null) legacy.add(row.agentId);
  });
  const counts = { agents: 0, agentsEnrolled: 0, agentsWithLegacyProof: 0 };
  visitRows(state, 'agent', ENTITIES_MAX, (row) => {
    if (!isLive(row)) return;
    counts.agents += 1;
    if (row.enrolled === 1) counts.agentsEnrolled += 1;
    if (legacy.has(row.id)) counts.agentsWithLegacyProof += 1;
  });
  return counts;
}
