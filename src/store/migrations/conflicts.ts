/** The part of version 5 for what was changed on both sides of a partition, written out: it leads to the tables of that version for ever. */
import { FOUND_CONFLICTS } from '../local-tables.ts';
import type { Migration } from './migration.ts';

export const CONFLICTS: Migration = [
  `CREATE TABLE conflict (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     kind TEXT, inTable TEXT, rowId TEXT, inColumn TEXT, keptStamp TEXT, keptValueJson TEXT, lostStamp TEXT,
     lostValueJson TEXT, lostOperation TEXT, sure INTEGER, foundAt INTEGER, foundByKmaId TEXT)
     STRICT, WITHOUT ROWID`,
  `CREATE INDEX conflict_by_open ON conflict (foundAt, id, removedStamp) WHERE removedStamp IS NULL`,
  ...FOUND_CONFLICTS,
];
