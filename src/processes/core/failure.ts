/** Turns an unexpected failure into an answer and a log line; it never logs values, which could be secrets. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';

/** SQLite's primary result codes for a store that cannot be written: READONLY 8, IOERR 10, CORRUPT 11, FULL 13, CANTOPEN 14. */
const UNWRITABLE = new Set([8, 10, 11, 13, 14]);

export function asRefusal(error: unknown, where: string): Refusal {
  if (isRefusal(error)) return error;
  logFailure(error, where);
  const code =
    typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return refuse(UNWRITABLE.has(code) ? 'STORE_UNWRITABLE' : 'SERVER_ERROR');
}

export function logFailure(error: unknown, where: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} core ${where}: ${text}\n`);
}
