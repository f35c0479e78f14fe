/** What a KMA does that is no member of its cluster any more, or not as far as the others yet: it hands out nothing, and changes nothing that the others would not hear of. It knows no member. */
import type { Absence, ClusterState } from '../core/membership.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Operation } from './operation.ts';

/** What saves its data, for where there is no other member any more, and what only this machine is concerned with. */
const STILL_DONE: ReadonlySet<string> = new Set([
  'CreateDatabaseBackup',
  'ConfirmBackupDownloaded',
  'CreateCoreSecurityBackup',
  'ConfirmCoreSecurityBackupDownloaded',
  'RestoreFromFiles',
  'AdjustTime',
]);

/** Who set the passphrase of a KMA may be logged out by a third one: nobody else could let it in, and three that log each other out in a ring would never come back. It counts where that passphrase counts, and nowhere else. */
const LETS_IN = 'EnrolKma';

const CATCHES_UP_TEXT = 'it has joined, and has not caught up with the cluster yet';
export const ABSENCE_TEXT = {
  retired: 'it was removed from the cluster as retired',
  lost: 'it was removed from the cluster as lost',
  'logged-out': 'it was logged out of the cluster',
} as const satisfies Record<Absence, string>;

/** Null where it is done. Agents go to another KMA, as from a locked one: here nobody hears of what is revoked or destroyed. */
export function outsideCluster(
  {
    name,
    callers,
    changes,
    needsUnlocked,
  }: Pick<Operation, 'name' | 'callers' | 'changes' | 'needsUnlocked'>,
  fromNetwork: boolean,
  cluster: ClusterState,
): Refusal | null {
  if (cluster === 'member' || callers === 'local') return null;
  if (cluster === 'logged-out' && name === LETS_IN) return null;
  const isBehind = cluster === 'catching-up';
  const why = isBehind ? CATCHES_UP_TEXT : ABSENCE_TEXT[cluster];
  if (fromNetwork) return needsUnlocked ? refuse('AGENT_APPLIANCE_LOCKED', why) : null;
  if (isBehind) return null;
  const forAgents = callers === 'agent' && needsUnlocked;
  return forAgents || (changes && !STILL_DONE.has(name)) ? refuse('NOT_A_MEMBER', why) : null;
}
