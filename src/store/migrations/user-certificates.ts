/** The part of version 3 for saved certificates of users, written out: it leads to the table of that version for ever. */
import type { Migration } from './migration.ts';

export const USER_CERTIFICATES: Migration = [
  `CREATE TABLE user_certificate (id TEXT NOT NULL PRIMARY KEY, stamps TEXT NOT NULL, createdStamp TEXT,
     removedStamp TEXT, revokedStamp TEXT, userId TEXT, purpose TEXT, description TEXT, serial TEXT,
     createdAt INTEGER, notAfter INTEGER, revokedAt INTEGER, revokedBy TEXT)
     STRICT, WITHOUT ROWID`,
  'CREATE INDEX user_certificate_by_user ON user_certificate (userId, revokedStamp, id)',
];
