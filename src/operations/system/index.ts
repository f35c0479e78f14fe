/** Operations that look at the KMA as a machine, in the order of the catalogue. */
import { createSystemDump } from './create-system-dump.ts';
import { endingOperations } from './end-kma.ts';
import { listKmaPerformance } from './list-kma-performance.ts';
import { listSoftwareVersions } from './list-software-versions.ts';
import { listSystemMessages } from './list-system-messages.ts';
import { noteServedHours } from './note-served-hours.ts';
import { showCurrentLoad } from './show-current-load.ts';
import { adjustTime, showTime } from './time.ts';

export const systemOperations = [
  showCurrentLoad,
  listKmaPerformance,
  noteServedHours,
  listSystemMessages,
  listSoftwareVersions,
  createSystemDump,
  showTime,
  adjustTime,
  ...endingOperations,
];
