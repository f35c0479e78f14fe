/** From schema version 3 to 4, for replication: what members and lives have to say, closed logs, and what this KMA lacks, others hold and is to be erased. */
import { REPLICATION as LOCAL } from '../local-tables.ts';
import type { Migration } from './migration.ts';

const LIVES: Migration = [
  'DROP INDEX incarnation_by_kma',
  'ALTER TABLE incarnation RENAME TO incarnation_2',
  `CREATE TABLE incarnation (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     endedStamp TEXT, admittedStamp TEXT, kmaId TEXT, logPublicKey TEXT, createdAt INTEGER, reason TEXT,
     clusterEpochId TEXT, baseVectorJson TEXT, endedAt INTEGER, replicationPublicKey TEXT, admittedKmaId TEXT,
     admittedLogPublicKey TEXT, admittedReplicationKey TEXT, replicationVersion INTEGER)
     STRICT, WITHOUT ROWID`,
  `INSERT INTO incarnation (id, stamps, createdStamp, removedStamp, endedStamp, kmaId, logPublicKey, createdAt, reason,
     clusterEpochId, baseVectorJson, endedAt)
   SELECT id, stamps, createdStamp, removedStamp, endedStamp, kmaId, logPublicKey, createdAt, reason,
     clusterEpochId, baseVectorJson, endedAt FROM incarnation_2`,
  'DROP TABLE incarnation_2',
  'CREATE INDEX incarnation_by_kma ON incarnation (kmaId, id)',
];
const KEY_SPLITS: Migration = [
  'ALTER TABLE key_split RENAME TO key_split_2',
  `CREATE TABLE key_split (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     retiredStamp TEXT, rootEpochId TEXT, threshold INTEGER, size INTEGER, namesJson TEXT, objectId TEXT,
     objectSha256 TEXT, createdAt INTEGER, retiredAt INTEGER)
     STRICT, WITHOUT ROWID`,
  `INSERT INTO key_split (id, stamps, createdStamp, removedStamp, rootEpochId, threshold, size, namesJson, objectId,
     objectSha256, createdAt)
   SELECT id, stamps, createdStamp, removedStamp, rootEpochId, threshold, size, namesJson, objectId,
     objectSha256, createdAt FROM key_split_2`,
  'DROP TABLE key_split_2',
];

/** As that version had it. */
const MISSING_OBJECTS_4: Migration = [
  `CREATE TABLE missing_object (id TEXT PRIMARY KEY, since INTEGER NOT NULL, sha256 TEXT NOT NULL, incarnation TEXT,
     seq INTEGER) STRICT, WITHOUT ROWID`,
  'CREATE INDEX missing_object_by_made ON missing_object (incarnation, seq) WHERE incarnation IS NOT NULL',
  'CREATE INDEX missing_object_by_since ON missing_object (since)',
];

export const VERSION_4: Migration = [
  ...LIVES,
  ...KEY_SPLITS,
  'ALTER TABLE kma ADD COLUMN certificateVerifierObjectId TEXT',
  'ALTER TABLE kma ADD COLUMN removedHow TEXT',
  `CREATE TABLE log_end (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT, removedStamp TEXT,
     incarnationId TEXT, byIncarnationId TEXT, length INTEGER)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX log_end_by_log ON log_end (incarnationId, id)',
  ...LOCAL,
  ...MISSING_OBJECTS_4,
  `INSERT INTO erasure_pending SELECT DISTINCT pending.value FROM local, json_each(local.value) AS pending
     WHERE local.name = 'erasuresPending'`,
  `DELETE FROM local WHERE name = 'erasuresPending'`,
];
