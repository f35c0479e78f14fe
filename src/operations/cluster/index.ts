/** Operations that change who is a member of the cluster. */
import { admitIncarnation } from './admit-incarnation.ts';
import { closeLogs } from './close-logs.ts';
import { createKma } from './create-kma.ts';
import { deleteKma } from './delete-kma.ts';
import { endUnfinishedJoins } from './end-unfinished-joins.ts';
import { keepRoot, replaceExposedRoot } from './keep-root.ts';
import { listLostKmas } from './lost-kmas.ts';
import { noteReplicationVersion } from './note-replication-version.ts';
import { showState } from './show-state.ts';
import { voidAfterLoss } from './void-after-loss.ts';

export const clusterOperations = [
  createKma,
  deleteKma,
  endUnfinishedJoins,
  listLostKmas,
  showState,
  admitIncarnation,
  closeLogs,
  noteReplicationVersion,
  keepRoot,
  replaceExposedRoot,
  voidAfterLoss,
];
