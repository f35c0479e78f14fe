/** Tells the files of a backup apart by what they hold, so that nobody has to say which is which. It trusts none: they are checked later. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { BACKUP_KEY_FORMAT } from '../backup-key-file.ts';
import { CORE_SECURITY_FORMAT } from '../core-security-file.ts';
import type { BackupFiles } from '../opened-backup.ts';

const HEAD_BYTES = 256;
type Kind = keyof BackupFiles;

/** How each begins, and what it is called. */
const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['coreSecurityBackup', CORE_SECURITY_FORMAT, 'core security backup'],
  ['backupKeyFile', BACKUP_KEY_FORMAT, 'backup key file'],
  ['backupFile', 'age-encryption.org/v1', 'backup file'],
];

/** One of each kind has to be there. */
export function sortFiles(paths: readonly string[]): BackupFiles | Refusal {
  const found = new Map<Kind, string>();
  for (const path of paths) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      return refuse('BACKUP_FILE_INVALID', `there is no file ${path}`);
    const head = headOf(path);
    const [kind, , name] = KINDS.find(([, begin]) => head.includes(begin)) ?? [];
    if (kind === undefined) return refuse('BACKUP_FILE_INVALID', `${path} is no file of a backup`);
    if (found.has(kind)) return refuse('BACKUP_FILE_INVALID', `${path} is a second ${name}`);
    found.set(kind, path);
  }
  const of = (kind: Kind) => found.get(kind) ?? '';
  const missing = KINDS.find(([kind]) => !found.has(kind))?.[2];
  if (missing !== undefined) return refuse('BACKUP_FILE_INVALID', `no ${missing} was given`);
  return {
    coreSecurityBackup: of('coreSecurityBackup'),
    backupFile: of('backupFile'),
    backupKeyFile: of('backupKeyFile'),
  };
}

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('latin1', 0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
