/** A database backup for scripts: what is only in the way at the moment is tried again, and a backup that was begun is gone on with. It gives up on nothing else but what will not pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { JobFailed } from '../../client/job.ts';
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
/** What was begun is gone, and another is to be made. A job ends so too when the log-in that began it has ended. */
const GONE: ReadonlySet<ErrorCode> = new Set(['JOB_DOES_NOT_EXIST', 'BACKUP_NOT_STAGED']);

function maySucceed(error: OpenKmaError): boolean {
  const { code } = error;
  return PASSES.has(code) || GONE.has(code) || (error instanceof JobFailed && code === 'SESSION_UNKNOWN');
}

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
      if (attempt >= retries || !maySucceed(error)) throw error;
      if (error instanceof JobFailed || GONE.has(error.code)) job = undefined;
      say(`${error.message}; again in ${waitMs / 1000} s`);
      await sleep(waitMs);
    }
  }
}
