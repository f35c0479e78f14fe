/** Whether a backup may hold a key: by dates, with a margin for clocks that differ (product reference 6.4), by the order of their records, and by what the KMA that made it had erased by then. It opens no file. */
import { incarnationOf } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Clocks of KMAs mostly differ by less; within it the answer is that the backup may hold the key. */
export const BACKUP_MARGIN_MS = 300_000;

type MakingOfBackup = Pick<Row<'backup'>, 'createdAt' | 'createdStamp'>;
type DatesOfKey = Pick<Row<'key'>, 'createdAt' | 'createdStamp' | 'destroyedAt' | 'destroyedStamp'>;

/** `erasedBefore`: the KMA that made the backup had confirmed before that the key's sealed object was gone. One that was cut off knew of no destruction, whatever the dates. */
export function mayHold(backup: MakingOfBackup, key: DatesOfKey, erasedBefore: boolean): boolean {
  const backupAt = backup.createdAt ?? 0;
  const destroyedAfter =
    key.destroyedStamp === null ||
    backupAt - BACKUP_MARGIN_MS <= (key.destroyedAt ?? Number.MAX_SAFE_INTEGER);
  return isMadeBefore(backup, key) && (destroyedAfter || !erasedBefore);
}

/** A KMA writes after all that it has, so that the stamp of a backup is later than those of its keys, however far off a clock was. */
function isMadeBefore(backup: MakingOfBackup, key: DatesOfKey): boolean {
  if ((backup.createdAt ?? 0) + BACKUP_MARGIN_MS >= (key.createdAt ?? 0)) return true;
  return backup.createdStamp === null || backup.createdStamp > (key.createdStamp ?? '');
}

/** Beyond this many that are kept the answer is "maybe". */
const KEPT_MAX = 10_000;
const PAGE_ROWS = 500;

/** Backups whose destruction nobody has confirmed, oldest first; looked up once for questions about many keys. */
export function keptBackups(state: StateView): readonly Row<'backup'>[] {
  const kept: Row<'backup'>[] = [];
  for (let after: string | undefined = ''; after !== undefined && kept.length < KEPT_MAX; ) {
    const page: readonly Row<'backup'>[] = state.page('backup', after, PAGE_ROWS);
    kept.push(...page.filter(({ destroyedStamp }) => destroyedStamp === null));
    after = page.length < PAGE_ROWS ? undefined : page.at(-1)?.id;
  }
  return kept.sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
}

/** Those that may hold the key, oldest first. */
export function backupsHolding(
  state: StateView,
  key: Row<'key'>,
  kept = keptBackups(state),
): readonly Row<'backup'>[] {
  return kept.filter((backup) => isHolding(state, backup, key));
}

export function mayBeInBackup(state: StateView, key: Row<'key'>, kept = keptBackups(state)): boolean {
  return kept.length >= KEPT_MAX || kept.some((backup) => isHolding(state, backup, key));
}

/** Of few the erasure has to be looked up, since the dates say enough. */
function isHolding(state: StateView, backup: Row<'backup'>, key: Row<'key'>): boolean {
  if (mayHold(backup, key, true)) return true;
  return mayHold(backup, key, false) && !wasErasedBefore(state, backup, key);
}

/** Both entries are of one log, so that their stamps are in the order of what happened there. */
function wasErasedBefore(state: StateView, { createdStamp }: Row<'backup'>, key: Row<'key'>): boolean {
  if (createdStamp === null) return false;
  const erasure = state.get('object_erasure', `${key.objectId}:${incarnationOf(createdStamp)}`);
  return erasure?.createdStamp != null && erasure.createdStamp < createdStamp;
}
