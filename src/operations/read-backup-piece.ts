/** ReadBackupPiece: the files of a backup, fetched over the network piece by piece. It hands out what is encrypted, and confirms nothing. */
import { z } from 'zod';
import type { BackupPiece } from './contexts.ts';
import { internalId } from './fields.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

const PARTS = ['backup', 'key'] as const;

export const readBackupPiece = operation({
  callers: ['BACKUP_OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Backup', retention: 'medium' },
  // One file is thousands of them.
  recordedOnceAMinute: true,
  name: 'ReadBackupPiece',
  http: { method: 'GET', path: '/v1/backups/{backupId}/pieces' },
  summary: 'Reads a piece of one of the files of a backup that was made and not yet confirmed downloaded.',
  input: z.strictObject({
    backupId: internalId('backup ID'),
    part: z.enum(PARTS).meta({ description: 'which of the two files' }),
    offset: z.int().min(0).default(0).meta({ description: 'first byte' }),
  }),
  output: z.strictObject({
    /** Base64; empty at the end of the file. */
    bytes: z.string(),
    /** Of the whole file, as its SHA-256. */
    totalBytes: z.int(),
    sha256: z.string(),
  }),
  command: {
    words: ['backup-read'],
    arguments: ['backupId'],
    example: 'kma backup-read ID --part key --user backup-operator',
  },
  prepare: ({ backupId, part, offset }, context) => context.readBackupPiece(backupId, part, offset),
  decide({ backupId, part }, _context, { bytes, totalBytes, sha256 }: BackupPiece) {
    return {
      facts: [],
      output: { bytes: Buffer.from(bytes).toString('base64'), totalBytes, sha256 },
      audit: success(`backup=${backupId} part=${part}`),
    };
  },
});
