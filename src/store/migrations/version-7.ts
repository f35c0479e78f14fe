/** From schema version 6 to 7: what a member says again of the end of a log, and what each KMA has served, for the whole cluster, and copies of the audit chains of other KMAs. A store that has it never runs it again. */
import { AUDIT_COPIES, KMA_PERFORMANCE } from '../local-tables.ts';
import type { Migration } from './migration.ts';

export const VERSION_7: Migration = [
  'ALTER TABLE log_end ADD COLUMN laterLength INTEGER',
  `CREATE TABLE kma_hour (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     hour INTEGER, countedUntil INTEGER, agents INTEGER, createKey INTEGER, retrieveKey INTEGER, registerKwk INTEGER,
     other INTEGER, refused INTEGER, totalUs INTEGER, busy INTEGER, management INTEGER, replication INTEGER)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX kma_hour_by_hour ON kma_hour (hour, id)',
  ...KMA_PERFORMANCE,
  ...AUDIT_COPIES,
  // What was counted by agent alone is kept; the rest nobody counted.
  `INSERT INTO kma_performance SELECT hour, count(*), sum(create_key), sum(retrieve_key), sum(register_kwk), sum(other),
     sum(refused), sum(total_ms), 0, 0, 0 FROM agent_performance GROUP BY hour`,
];
