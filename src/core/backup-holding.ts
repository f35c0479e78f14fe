/** Whether a backup may hold a key, by dates and with a margin for clocks that differ (product reference 6.4). It opens no file. */
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Clocks of KMAs differ by less; within it the answer is that the backup may hold the key. */
export const BACKUP_MARGIN_MS = 300_000;

type DatesOfBackup = Pick<Row<'backup'>, 'createdAt'>;
type DatesOfKey = Pick<Row<'key'>, 'createdAt' | 'destroyedAt' | 'destroyedStamp'>;

export function mayHold(backup: DatesOfBackup, key: DatesOfKey): boolean {
  const backupAt = backup.createdAt ?? 0;
  const madeBefore = backupAt + BACKUP_MARGIN_MS >= (key.createdAt ?? 0);
  const destroyedAfter =
    key.destroyedStamp === null ||
    backupAt - BACKUP_MARGIN_MS <= (key.destroyedAt ?? Number.MAX_SAFE_INTEGER);
  return madeBefore && destroyedAfter;
}

/** Beyond this many in a key's time the answer is "maybe". */
const BACKUPS_MAX = 10_000;

/** Backups whose destruction nobody has confirmed and which may hold the key, oldest first. */
export function backupsHolding(state: StateView, key: DatesOfKey): readonly Row<'backup'>[] {
  return backupsOfItsTime(state, key).filter(
    (backup) => backup.destroyedStamp === null && mayHold(backup, key),
  );
}

export function mayBeInBackup(state: StateView, key: DatesOfKey): boolean {
  const backups = backupsOfItsTime(state, key);
  return (
    backups.length >= BACKUPS_MAX ||
    backups.some((backup) => backup.destroyedStamp === null && mayHold(backup, key))
  );
}

function backupsOfItsTime(state: StateView, key: DatesOfKey): readonly Row<'backup'>[] {
  return state.scan('backup', 'created', {
    equals: [],
    atLeast: (key.createdAt ?? 0) - BACKUP_MARGIN_MS,
    ...(key.destroyedAt === null ? {} : { atMost: key.destroyedAt + BACKUP_MARGIN_MS }),
    limit: BACKUPS_MAX,
  });
}
