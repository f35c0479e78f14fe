/** From schema version 5 to 6: the SNMP managers of the cluster. A store that has it never runs it again. */
import type { Migration } from './migration.ts';

export const VERSION_6: Migration = [
  `CREATE TABLE snmp_manager (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     name TEXT, description TEXT, createdAt INTEGER, address TEXT, port INTEGER, enabled INTEGER, protocol TEXT,
     userName TEXT, authentication TEXT, privacy TEXT, secretObjectId TEXT, secretSha256 TEXT)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX snmp_manager_by_name ON snmp_manager (name, removedStamp, id)',
];
