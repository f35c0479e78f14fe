/** Follows erased objects until no file of this KMA can hold them any more (D14), and only then lets it be recorded. It erases nothing itself. */
import { z } from 'zod';
import type { ObjectId } from '../../core/ids.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';

/** A local row, written in the transaction that deletes the objects, so that a crash only delays the confirmation. */
const PENDING = 'erasuresPending';
const pendingSchema = z.array(z.string());
/** Objects confirmed by one operation. */
const CONFIRMED_AT_ONCE_MAX = 1000;

export function noteErasures(store: Store, ids: readonly ObjectId[]): void {
  store.setLocal(PENDING, JSON.stringify([...readPending(store), ...ids]));
}

/**
 * Objects that are gone from the database (its pages are overwritten, secure_delete), from the write-ahead log (truncated
 * here) and from staged copies. Empty while a reader or a staged file may still hold them: then a later call tries again.
 */
export function completedErasures(store: Store, directory: DataDirectory): readonly string[] {
  const pending = readPending(store);
  if (pending.length === 0 || directory.listStaging().length > 0 || !store.checkpointTruncate()) return [];
  return pending.slice(0, CONFIRMED_AT_ONCE_MAX);
}

export function erasuresPending(store: Store): boolean {
  return readPending(store).length > 0;
}

/** After they were recorded. */
export function forgetErasures(store: Store, confirmed: readonly string[]): void {
  const done = new Set(confirmed);
  store.transaction(() =>
    store.setLocal(PENDING, JSON.stringify(readPending(store).filter((id) => !done.has(id)))),
  );
}

function readPending(store: Store): readonly string[] {
  return pendingSchema.parse(JSON.parse(store.getLocal(PENDING) ?? '[]'));
}
