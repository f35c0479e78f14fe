/** The tables of users and their roles. They hold no passphrase. */
import type { ObjectId, UserId } from '../ids.ts';
import { lww, on, table } from '../table.ts';
import { named } from './named.ts';

export const PEOPLE_TABLES = {
  user: table(
    {
      ...named,
      enabled: lww.integer(),
      /** Object (class open) with the Argon2id verifier of the passphrase. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 after too many failed attempts: the passphrase proof is refused until a new passphrase is set (D15). */
      proofDisabled: lww.integer(),
    },
    { name: { columns: ['name', 'removedStamp'] } },
  ),
  /** id = userId:ROLE. */
  user_role: table(
    { userId: on('created').text<UserId>(), role: on('created').text(), present: lww.integer() },
    { user: { columns: ['userId', 'present'] }, role: { columns: ['role', 'present'] } },
  ),
} as const;
