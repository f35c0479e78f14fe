/** From schema version 4 to 5: what a cluster needs beyond replication itself, a part for each thing. A store that has it never runs it again. */
import { CONFLICTS } from './conflicts.ts';
import type { Migration } from './migration.ts';

export const VERSION_5: Migration = [...CONFLICTS];
