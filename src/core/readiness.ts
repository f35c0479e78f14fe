/** Which keys may be handed out: Ready is computed from backups and from what other members hold, at the moment of hand-out (D4), never stored. */
import type { IncarnationId } from './ids.ts';
import { repeatedThrough } from './repeated-tail.ts';
import { readSetting } from './settings.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** How many of the newest are looked at: nearly always a few are enough, and when none of so many is usable, none is. */
const NEWEST_BACKUPS = [4, 64] as const;
const NEWEST_CORE_SECURITY_BACKUPS = [4, 256] as const;

/** Keys of this incarnation made at or before this log position are in a usable backup or at another member; 0 if there are none. */
export function readyThroughSeq(state: StateView, incarnationId: IncarnationId): number {
  return Math.max(state.heldByPeers(incarnationId), inBackupThroughSeq(state, incarnationId));
}

function inBackupThroughSeq(state: StateView, incarnationId: IncarnationId): number {
  for (const limit of NEWEST_BACKUPS) {
    let through = 0;
    for (const backup of state.scan('backup', 'created', { equals: [], reverse: true, limit })) {
      const held = heldThrough(backup, incarnationId);
      if (held > through && isUsableBackup(state, backup)) through = held;
    }
    if (through > 0) return through;
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
  return rootEpochId !== null && isFetched(state, (backup) => backup.rootEpochId === rootEpochId);
}

/** True where a fetched core security backup opens with the credentials of this key split, and not only with older ones. */
export function isKeySplitBackedUp(state: StateView, keySplitId: string | null): boolean {
  return keySplitId !== null && isFetched(state, (backup) => backup.keySplitId === keySplitId);
}

function isFetched(state: StateView, fits: (backup: Row<'core_security_backup'>) => boolean): boolean {
  return NEWEST_CORE_SECURITY_BACKUPS.some((limit) =>
    state
      .scan('core_security_backup', 'created', { equals: [], reverse: true, limit })
      .some((backup) => fits(backup) && backup.downloadedStamp !== null && backup.removedStamp === null),
  );
}

/** The ready key that was made first, or nothing: then the pool is empty for agents. */
export function nextReadyKey(state: StateView, incarnationId: IncarnationId): Row<'key'> | undefined {
  const atMost = readyThroughSeq(state, incarnationId);
  const [first] = state.scan('key', 'pool', { ...poolOf(state, incarnationId), atMost, limit: 1 });
  return first !== undefined && isOfToday(state, first) ? first : undefined;
}

/** Of this life, without what its log repeats of another. */
function poolOf(state: StateView, incarnationId: IncarnationId) {
  return { equals: [incarnationId], atLeast: repeatedThrough(state.get('incarnation', incarnationId)) + 1 };
}

/** A KMA that was lost knows the keys that were ready then; they leave the pool (operations/cluster/void-after-loss.ts), and until they have nothing is handed out. */
function isOfToday(state: StateView, { createdStamp }: Row<'key'>): boolean {
  const epoch = state.get('master_epoch', readSetting(state, 'currentMasterEpochId') ?? '');
  return epoch?.createdStamp == null || (createdStamp ?? '') >= epoch.createdStamp;
}

export interface PoolStanding {
  /** May be handed out now. */
  readonly ready: number;
  /** Made and not handed out, ready or not. */
  readonly unissued: number;
}

export function poolStanding(state: StateView, incarnationId: IncarnationId): PoolStanding {
  const pool = poolOf(state, incarnationId);
  return {
    ready: state.count('key', 'pool', { ...pool, atMost: readyThroughSeq(state, incarnationId) }),
    unissued: unissuedKeys(state, incarnationId),
  };
}

export function unissuedKeys(state: StateView, incarnationId: IncarnationId): number {
  return state.count('key', 'pool', poolOf(state, incarnationId));
}

/** Those of them that are in a usable backup, whoever else holds them. */
export function backedUpKeys(state: StateView, incarnationId: IncarnationId): number {
  const atMost = inBackupThroughSeq(state, incarnationId);
  return state.count('key', 'pool', { ...poolOf(state, incarnationId), atMost });
}

/** Those of them that are in no backup and at no other member yet. */
export function waitingKeys(state: StateView, incarnationId: IncarnationId): number {
  const pool = poolOf(state, incarnationId);
  const atLeast = Math.max(pool.atLeast, readyThroughSeq(state, incarnationId) + 1);
  return state.count('key', 'pool', { ...pool, atLeast });
}

function heldThrough(backup: Row<'backup'>, incarnationId: IncarnationId): number {
  if (backup.heldVectorJson === null) return 0;
  const vector = JSON.parse(backup.heldVectorJson) as Readonly<Record<string, number>>;
  return vector[incarnationId] ?? 0;
}
