/** The part of version 3 for pending quorum operations, written out: it leads to the tables of that version for ever. */
import type { Migration } from './migration.ts';

export const PENDING: Migration = [
  `CREATE TABLE pending_operation (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT,
     removedStamp TEXT, finishedStamp TEXT, operation TEXT, inputJson TEXT, objectId TEXT, objectSha256 TEXT,
     submittedBy TEXT, homeKmaId TEXT, submittedAt INTEGER, finishedAt INTEGER, outcome TEXT, finishedBy TEXT)
     STRICT, WITHOUT ROWID`,
  `CREATE INDEX pending_operation_by_submitted ON pending_operation (submittedAt, id, removedStamp)
     WHERE removedStamp IS NULL`,
  `CREATE TABLE pending_approval (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT,
     removedStamp TEXT, pendingId TEXT, credentialName TEXT, textSha256 TEXT, approvedAt INTEGER, byUserId TEXT,
     expiresAt INTEGER)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX pending_approval_by_pending ON pending_approval (pendingId, removedStamp, id)',
];
