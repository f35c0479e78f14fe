/** From schema version 4 to 5: which row names an object that is missing. */
import { MISSING_OBJECTS as LOCAL } from '../local-tables.ts';
import type { Migration } from './migration.ts';

/** The next start finds anew what is missing. */
const MISSING_OBJECTS: Migration = [
  'DROP TABLE missing_object',
  ...LOCAL,
  `DELETE FROM local WHERE name = 'lifeSettled'`,
];

export const VERSION_5: Migration = [...MISSING_OBJECTS];
