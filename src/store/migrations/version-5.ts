/** From schema version 4 to 5: what a cluster needs beyond replication itself, a part for each thing. A store that has it never runs it again. */
import { KEY_EPOCHS, MISSING_OBJECTS as LOCAL } from '../local-tables.ts';
import { CONFLICTS } from './conflicts.ts';
import type { Migration } from './migration.ts';

/** Which row names an object that is missing, and under which master keys keys are; the next start finds both anew. */
const MISSING_OBJECTS: Migration = [
  'DROP TABLE missing_object',
  ...LOCAL,
  ...KEY_EPOCHS,
  `DELETE FROM local WHERE name = 'lifeSettled'`,
];

const ROOT_KEY_MATERIAL: Migration = [
  `CREATE TABLE member_key (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     objectId TEXT, objectSha256 TEXT, rootEpochId TEXT)
     STRICT, WITHOUT ROWID`,
  `CREATE TABLE root_copy (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     incarnationId TEXT, rootEpochId TEXT, objectId TEXT, objectSha256 TEXT)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX root_copy_by_life ON root_copy (incarnationId, rootEpochId, id)',
];

export const VERSION_5: Migration = [...MISSING_OBJECTS, ...CONFLICTS, ...ROOT_KEY_MATERIAL];
