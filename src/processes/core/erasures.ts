/** Follows erased objects until no file of this KMA can hold them any more (D14), and only then lets it be recorded. It erases nothing itself. */
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';

/** Objects confirmed by one operation. */
const CONFIRMED_AT_ONCE_MAX = 1000;

/**
 * Objects that are gone from the database (its pages are overwritten, secure_delete), from the write-ahead log (truncated
 * here) and from staged copies. Empty while a reader or a staged file may still hold them: then a later call tries again.
 */
export function completedErasures(store: Store, directory: DataDirectory): readonly string[] {
  const pending = store.erasures.first(CONFIRMED_AT_ONCE_MAX);
  if (pending.length === 0 || directory.listStaging().length > 0 || !store.checkpointTruncate()) return [];
  return pending;
}

export function erasuresPending(store: Store): boolean {
  return store.erasures.first(1).length > 0;
}

/** After they were recorded. */
export function forgetErasures(store: Store, confirmed: readonly string[]): void {
  store.transaction(() => store.erasures.remove(confirmed));
}
