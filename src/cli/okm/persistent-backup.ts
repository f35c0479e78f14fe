/** A database backup for scripts: what is only in the way at the moment is tried again, and a backup that was begun is gone on with. It gives up on nothing else but what will not pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, OpenKmaError } from '../../errors.ts';
import type { Named } from '../dialect.ts';
import { say } from '../output.ts';
import { backedUp, type FetchedBackup } from './backup-run.ts';
import type { Connection } from './connection.ts';

export interface PersistentRun {
  readonly directory: string;
  readonly showProgress: boolean;
  /** Further attempts, and the wait before each. */
  readonly retries: number;
  readonly waitMs: number;
}

const PASSES: ReadonlySet<ErrorCode> = new Set([
  'BACKUP_IN_PROGRESS',
  'SERVER_BUSY',
  'TOO_MANY_CONNECTIONS',
  'TOO_MANY_OWN_CONNECTIONS',
  'KMA_UNREACHABLE',
]);
/** What was begun is gone, and another is to be made. */
const GONE: ReadonlySet<ErrorCode> = new Set(['JOB_DOES_NOT_EXIST', 'BACKUP_NOT_STAGED']);

export async function persistentBackup(
  connection: Connection,
  user: Named | null,
  { directory, showProgress, retries, waitMs }: PersistentRun,
): Promise<FetchedBackup> {
  let job: string | undefined;
  const run = () => ({
    directory,
    showProgress,
    ...(job === undefined ? {} : { job }),
    begun(id: string) {
      job = id;
    },
  });
  for (let attempt = 0; ; attempt++) {
    try {
      return await connection.use(user, (manager) => backedUp(manager, run()));
    } catch (error) {
      if (!(error instanceof OpenKmaError)) throw error;
      const gone = GONE.has(error.code);
      if (attempt >= retries || !(gone || PASSES.has(error.code))) throw error;
      if (gone) job = undefined;
      say(`${error.message}; again in ${waitMs / 1000} s`);
      await sleep(waitMs);
    }
  }
}
