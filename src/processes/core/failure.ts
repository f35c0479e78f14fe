/** Turns an unexpected failure into an answer and a log line; it never logs values, which could be secrets. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import { logEvent } from '../../log-line.ts';
import { asStoreError } from '../../store/database.ts';

/** Trouble of the store has its line from Health, once: a line for each refused call would fill the disk that is full. */
export function asRefusal(error: unknown, where: string): Refusal {
  if (isRefusal(error)) return error;
  if (isObjectAwaited(error)) return refuse(error.code, error.detail);
  const store = asStoreError(error);
  if (store instanceof OpenKmaError && (store.code.startsWith('STORE_') || isRootReplaced(store)))
    return refuse(store.code, store.detail);
  logFailure(error, where);
  return refuse('SERVER_ERROR');
}

/** The KMA is in order, and goes on once a quorum has unlocked it. */
export function isRootReplaced(error: unknown): boolean {
  return error instanceof OpenKmaError && error.code === 'ROOT_KEY_MATERIAL_REPLACED';
}

/** Whoever asked goes on to a KMA that has it; nothing is damaged here. */
export function objectAwaited(objectId: string): OpenKmaError {
  return new OpenKmaError('SERVER_BUSY', `object ${objectId} has not come from the other KMAs yet`);
}
export function isObjectAwaited(error: unknown): error is OpenKmaError {
  return error instanceof OpenKmaError && error.code === 'SERVER_BUSY';
}

export function logFailure(error: unknown, where: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logEvent(`core ${where}`, text);
}
