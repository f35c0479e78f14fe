/** What backups that are fetched over the network, and other long work, are refused with. It holds no logic. */
import { type ErrorRow, row } from './row.ts';

export const BACKUP_ERRORS = {
  BACKUP_NOT_STAGED: row(
    2080,
    410,
    'The files of the backup wait no more',
    'Make another backup: its files are kept until they are confirmed, an hour after they were last read, and not over a restart of the KMA.',
  ),
  JOB_DOES_NOT_EXIST: row(
    2081,
    404,
    'There is no such job of yours at this KMA',
    'List them with "okm job list": they end with a restart of the KMA, and are forgotten a day after they ended.',
  ),
  RESTORE_IN_PROGRESS: row(
    2083,
    409,
    'A restore is running',
    'Wait until it has ended; then the KMA starts anew as the restored one.',
  ),
  BACKUP_NOT_DUE: row(
    2082,
    409,
    'No backup is due',
    'Set a schedule: "kma backup-schedule modify --every-hours 24"; or make one by "kma backup --to DIR".',
  ),
  BACKUP_UNSOUND: row(
    2088,
    500,
    'The backup opens, and what is in it is not sound',
    'The detail names what is wrong. Make another backup at once and verify it; keep these files until one is sound.',
  ),
  SCRATCH_UNUSABLE: row(
    2089,
    400,
    'The scratch directory cannot be used',
    'Name one with --scratch that may be written and has space for the decrypted backup.',
  ),
} as const satisfies Record<string, ErrorRow>;
