/** From schema version 6 to 7: what a member says again of the end of a log. A store that has it never runs it again. */
import type { Migration } from './migration.ts';

export const VERSION_7: Migration = ['ALTER TABLE log_end ADD COLUMN laterLength INTEGER'];
