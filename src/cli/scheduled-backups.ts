/** "kma serve --backup-directory": makes the database backups that are due into a directory, beside the running KMA. Which are due the KMA says. */
import { askOrThrow } from './admin-client.ts';
import { fetchBackup } from './backup-commands.ts';
import type { Status } from './status-text.ts';

const LOOK_EVERY_MS = 60_000;

interface Keeping {
  readonly dataDirectory: string;
  readonly to: string;
  readonly log: (line: string) => void;
}

/** Looks each minute, until it is stopped. */
export function keepBackupSchedule(keeping: Keeping, everyMs = LOOK_EVERY_MS): { stop(): void } {
  const { log } = keeping;
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    try {
      await backUpWhereDue(keeping);
    } catch (error) {
      log(`no scheduled backup: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      busy = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return { stop: () => clearInterval(timer) };
}

async function backUpWhereDue({ dataDirectory, to, log }: Keeping): Promise<void> {
  const status = (await askOrThrow(dataDirectory, { operation: 'ShowStatus', input: {} })) as Status;
  // A locked KMA makes no backup, and says so itself.
  if (!status.backupDue || status.locked) return;
  const { files } = await fetchBackup({ dataDirectory, user: null, to, scheduled: true }, () => undefined);
  log(`scheduled backup: ${files.join(' and ')}`);
}
