/** From schema version 1 to 2: lean indexes, clustered tables, the modern proof. A store that has it never runs it again. */
import { USER_SESSIONS } from '../local-tables.ts';
import type { Migration } from './migration.ts';

/** What the modern proof needs that version 1 did not have. */
const PROOF_COLUMNS: Migration = [
  'ALTER TABLE "kma" ADD COLUMN "verifierObjectId" TEXT',
  'ALTER TABLE "kma" ADD COLUMN "verifierSha256" TEXT',
  'ALTER TABLE "kma" ADD COLUMN "enrolled" INTEGER',
  'ALTER TABLE "kma" ADD COLUMN "proofDisabled" INTEGER',
  ...USER_SESSIONS,
];

/** Written out, not computed from core/tables.ts: a migration leads to the tables of its own version for ever. */
const PARTIAL_INDEXES: Migration = [
  'DROP INDEX key_by_pool',
  'DROP INDEX key_by_activatedGroup',
  'DROP INDEX key_by_changedGroup',
  'DROP INDEX data_unit_by_external',
  `CREATE INDEX key_by_pool ON key (incarnationId, madeSeq, id, activatedStamp, compromisedStamp, destroyedStamp)
     WHERE activatedStamp IS NULL AND compromisedStamp IS NULL AND destroyedStamp IS NULL`,
  `CREATE INDEX key_by_activatedGroup ON key (activatedKeyGroupId, activatedStamp, id) WHERE activatedKeyGroupId <> ''`,
  `CREATE INDEX key_by_changedGroup ON key (changedKeyGroupId, id) WHERE changedKeyGroupId <> ''`,
  `CREATE INDEX data_unit_by_external ON data_unit (externalUniqueId, id) WHERE externalUniqueId <> ''`,
];
const CLUSTERED_LOG_AND_OBJECTS: Migration = [
  'ALTER TABLE log RENAME TO log_1',
  `CREATE TABLE log (incarnation TEXT NOT NULL, seq INTEGER NOT NULL, stamp TEXT NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (incarnation, seq)) STRICT, WITHOUT ROWID`,
  'INSERT INTO log SELECT incarnation, seq, stamp, bytes FROM log_1 ORDER BY incarnation, seq',
  'DROP TABLE log_1',
  'ALTER TABLE object RENAME TO object_1',
  `CREATE TABLE object (id TEXT PRIMARY KEY, class TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
     epoch TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID`,
  'INSERT INTO object SELECT id, class, kind, owner, epoch, sha256, bytes FROM object_1 ORDER BY id',
  'DROP TABLE object_1',
];

export const VERSION_2: Migration = [...PARTIAL_INDEXES, ...CLUSTERED_LOG_AND_OBJECTS, ...PROOF_COLUMNS];
