/** Whether a backup may hold a key: by dates, with a margin for clocks that differ (product reference 6.4), and by what the KMA that made it had erased by then. It opens no file. */
import { incarnationOf } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Clocks of KMAs differ by less; within it the answer is that the backup may hold the key. */
export const BACKUP_MARGIN_MS = 300_000;

type DatesOfBackup = Pick<Row<'backup'>, 'createdAt'>;
type DatesOfKey = Pick<Row<'key'>, 'createdAt' | 'destroyedAt' | 'destroyedStamp'>;

/** `erasedBefore`: the KMA that made the backup had confirmed before that the key's sealed object was gone. One that was cut off knew of no destruction, whatever the dates. */
export function mayHold(backup: DatesOfBackup, key: DatesOfKey, erasedBefore: boolean): boolean {
  const backupAt = backup.createdAt ?? 0;
  const madeBefore = backupAt + BACKUP_MARGIN_MS >= (key.createdAt ?? 0);
  const destroyedAfter =
    key.destroyedStamp === null ||
    backupAt - BACKUP_MARGIN_MS <= (key.destroyedAt ?? Number.MAX_SAFE_INTEGER);
  return madeBefore && (destroyedAfter || !erasedBefore);
}

/** Beyond this many in a key's time the answer is "maybe". */
const BACKUPS_MAX = 10_000;

/** Backups whose destruction nobody has confirmed and which may hold the key, oldest first. */
export function backupsHolding(state: StateView, key: Row<'key'>): readonly Row<'backup'>[] {
  return backupsSince(state, key).filter((backup) => isHolding(state, backup, key));
}

export function mayBeInBackup(state: StateView, key: Row<'key'>): boolean {
  const backups = backupsSince(state, key);
  return backups.length >= BACKUPS_MAX || backups.some((backup) => isHolding(state, backup, key));
}

function isHolding(state: StateView, backup: Row<'backup'>, key: Row<'key'>): boolean {
  return backup.destroyedStamp === null && mayHold(backup, key, wasErasedBefore(state, backup, key));
}

/** Both entries are of one log, so that their stamps are in the order of what happened there. */
function wasErasedBefore(state: StateView, { createdStamp }: Row<'backup'>, key: Row<'key'>): boolean {
  if (createdStamp === null) return false;
  const erasure = state.get('object_erasure', `${key.objectId}:${incarnationOf(createdStamp)}`);
  return erasure?.createdStamp != null && erasure.createdStamp < createdStamp;
}

function backupsSince(state: StateView, key: DatesOfKey): readonly Row<'backup'>[] {
  return state.scan('backup', 'created', {
    equals: [],
    atLeast: (key.createdAt ?? 0) - BACKUP_MARGIN_MS,
    limit: BACKUPS_MAX,
  });
}
