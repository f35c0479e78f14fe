/** Operations on what was changed on both sides of a partition. */
import { listConflicts } from './list-conflicts.ts';
import { noteConflicts } from './note-conflicts.ts';
import { settleConflict } from './settle-conflict.ts';

export const conflictOperations = [listConflicts, settleConflict, noteConflicts];
