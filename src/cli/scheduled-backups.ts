/** "kma serve --backup-directory": makes the database backups that are due into a directory, beside the running KMA. Which are due the KMA says. */
import { accessSync, constants, statSync } from 'node:fs';
import { askOrThrow } from './admin-client.ts';
import { fetchBackup } from './backup-commands.ts';
import type { Status } from './status-text.ts';

const MINUTE_MS = 60_000;
/** After one that failed: each makes a copy of the whole database at the KMA. */
const WAIT_MINUTES_MAX = 60;

interface Keeping {
  readonly dataDirectory: string;
  readonly to: string;
  readonly log: (line: string) => void;
}

/** Looks each minute, and after failures ever less often, until it is stopped. */
export function keepBackupSchedule(keeping: Keeping): { stop(): void } {
  const { to, log } = keeping;
  const medium = mediumOf(to);
  let timer: NodeJS.Timeout;
  let stopped = false;
  const look = async (waitMinutes: number) => {
    let next = 1;
    try {
      await backUpWhereDue(keeping, medium);
    } catch (error) {
      next = Math.min(waitMinutes * 2, WAIT_MINUTES_MAX);
      log(`no scheduled backup: ${error instanceof Error ? error.message : String(error)}`);
    }
    // It may have been stopped while a backup was made.
    if (!stopped) timer = setTimeout(() => void look(next), next * MINUTE_MS);
  };
  timer = setTimeout(() => void look(1), 0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What is mounted there: without its medium the same path leads to the disk of the KMA. */
function mediumOf(to: string): string {
  const { dev, ino } = statSync(to);
  return `${dev}:${ino}`;
}

async function backUpWhereDue({ dataDirectory, to, log }: Keeping, medium: string): Promise<void> {
  const status = (await askOrThrow(dataDirectory, { operation: 'ShowStatus', input: {} })) as Status;
  // A locked KMA makes no backup, and says so itself.
  if (!status.backupDue || status.locked) return;
  if (mediumOf(to) !== medium) throw new Error(`${to} is another directory than when the KMA was started`);
  // Before the KMA makes files for nothing.
  accessSync(to, constants.W_OK);
  const { files } = await fetchBackup({ dataDirectory, user: null, to, scheduled: true }, () => undefined);
  log(`scheduled backup: ${files.join(' and ')}`);
}
