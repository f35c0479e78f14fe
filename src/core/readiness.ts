/** Which keys may be handed out: Ready is computed from backups at the moment of hand-out (D4), never stored. */
import type { IncarnationId } from './ids.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Newest first; one page nearly always has a usable backup in it. */
const PAGE_BACKUPS = 4;
const BACKUPS_EXAMINED_MAX = 64;
const CORE_SECURITY_BACKUPS_MAX = 256;

/**
 * Keys of this incarnation made at or before this log position are in a usable backup; 0 if there is none. Looks from
 * the newest backup back: what an older one would add to the newest usable one at most is a key made by another clock.
 */
export function readyThroughSeq(state: StateView, incarnationId: IncarnationId): number {
  let atMost = Number.MAX_SAFE_INTEGER;
  const examined = new Set<string>();
  while (examined.size < BACKUPS_EXAMINED_MAX) {
    const page = state
      .scan('backup', 'created', { equals: [], atMost, reverse: true, limit: PAGE_BACKUPS + examined.size })
      .filter((backup) => !examined.has(backup.id));
    if (page.length === 0) return 0;
    const ready = Math.max(...page.map((backup) => heldThrough(state, backup, incarnationId)));
    if (ready > 0) return ready;
    for (const backup of page) examined.add(backup.id);
    atMost = page.at(-1)?.createdAt ?? 0;
  }
  return 0;
}

/** Complete, fetched and read back, not destroyed, and openable with a core security backup that was fetched too. */
export function isUsableBackup(state: StateView, backup: Row<'backup'>): boolean {
  return (
    backup.completedStamp !== null &&
    backup.downloadedStamp !== null &&
    backup.destroyedStamp === null &&
    backup.removedStamp === null &&
    hasCoreSecurityBackup(state, backup.rootEpochId)
  );
}

/** True where a fetched core security backup opens what this root key material protects. */
export function hasCoreSecurityBackup(state: StateView, rootEpochId: string | null): boolean {
  if (rootEpochId === null) return false;
  return state
    .scan('core_security_backup', 'created', { equals: [], reverse: true, limit: CORE_SECURITY_BACKUPS_MAX })
    .some(
      (backup) =>
        backup.rootEpochId === rootEpochId && backup.downloadedStamp !== null && backup.removedStamp === null,
    );
}

/** The ready key that was made first, or nothing: then the pool is empty for agents. */
export function nextReadyKey(state: StateView, incarnationId: IncarnationId): Row<'key'> | undefined {
  const atMost = readyThroughSeq(state, incarnationId);
  return state.scan('key', 'pool', { equals: unissued(incarnationId), atMost, limit: 1 })[0];
}

export interface PoolStanding {
  /** May be handed out now. */
  readonly ready: number;
  /** Made and not handed out, ready or not. */
  readonly unissued: number;
}

export function poolStanding(state: StateView, incarnationId: IncarnationId): PoolStanding {
  const equals = unissued(incarnationId);
  return {
    ready: state.count('key', 'pool', { equals, atMost: readyThroughSeq(state, incarnationId) }),
    unissued: state.count('key', 'pool', { equals }),
  };
}

/** Leading columns of the index `pool`: neither handed out nor compromised nor destroyed. */
function unissued(incarnationId: IncarnationId): readonly (string | null)[] {
  return [incarnationId, null, null, null];
}

function heldThrough(state: StateView, backup: Row<'backup'>, incarnationId: IncarnationId): number {
  if (backup.heldVectorJson === null || !isUsableBackup(state, backup)) return 0;
  const vector = JSON.parse(backup.heldVectorJson) as Readonly<Record<string, number>>;
  return vector[incarnationId] ?? 0;
}
