/** The part of version 3 for replication: closed logs, written out, and what this KMA lacks and others hold. */
import { REPLICATION as LOCAL } from '../local-tables.ts';
import type { Migration } from './migration.ts';

export const REPLICATION: Migration = [
  `CREATE TABLE log_end (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     incarnationId TEXT, byIncarnationId TEXT, length INTEGER)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX log_end_by_log ON log_end (incarnationId, id)',
  ...LOCAL,
];
