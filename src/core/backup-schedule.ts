/** When the next database backup is due, by the schedule of the cluster and the backups there are. It makes none. */
import { isLive } from './live.ts';
import { readSetting } from './settings.ts';
import type { StateView } from './state.ts';

const BACKUPS_EXAMINED_MAX = 100;
const HOUR_MS = 60 * 60_000;
/** A backup takes its time, and whoever makes it may have to try again. */
const LATE_MS = HOUR_MS;

export interface BackupSchedule {
  /** 0: there is none. */
  readonly everyHours: number;
  /** Null while nothing is scheduled. */
  readonly dueAtMs: number | null;
}

/** When the newest backup was made that was fetched and not destroyed. */
export function lastBackupAtMs(state: StateView): number | null {
  const backups = state.scan('backup', 'created', { equals: [], reverse: true, limit: BACKUPS_EXAMINED_MAX });
  const last = backups.find(
    (row) => isLive(row) && row.downloadedStamp !== null && row.destroyedStamp === null,
  );
  return last?.createdAt ?? null;
}

/** Without any backup one is due at once. */
export function backupSchedule(state: StateView): BackupSchedule {
  const everyHours = readSetting(state, 'backupEveryHours');
  if (everyHours === 0) return { everyHours, dueAtMs: null };
  const last = lastBackupAtMs(state);
  return { everyHours, dueAtMs: last === null ? 0 : last + everyHours * HOUR_MS };
}

export function isBackupDue({ dueAtMs }: BackupSchedule, nowMs: number): boolean {
  return dueAtMs !== null && nowMs >= dueAtMs;
}

/** Long enough after it was due that somebody has to look. */
export function isBackupOverdue({ dueAtMs }: BackupSchedule, nowMs: number): boolean {
  return dueAtMs !== null && nowMs >= dueAtMs + LATE_MS;
}
