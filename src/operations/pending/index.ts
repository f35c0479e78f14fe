/** The operations on pending quorum operations. The form that is submitted (submit.ts) is none of them: it stands in for the operation that waits. */
import { approvePendingOperation } from './approve.ts';
import { deletePendingOperation } from './delete.ts';
import { tidyPendingOperations } from './tidy.ts';
import { listPendingOperations, showPendingOperation } from './view.ts';

export const pendingOperations = [
  listPendingOperations,
  showPendingOperation,
  approvePendingOperation,
  deletePendingOperation,
  tidyPendingOperations,
];
