/** Whether this KMA gives agents keys now, old and new ones, and every reason why not. It changes nothing. */
import type { ClusterState } from '../../core/membership.ts';
import { ABSENCE_TEXT } from '../../operations/outside-cluster.ts';
import type { Obstacle } from '../messages.ts';
import type { CoreParts } from './core-parts.ts';

export interface ServingParts
  extends Pick<CoreParts, 'cluster' | 'clock'>,
    Pick<CoreParts['memory'], 'unlocked'> {
  readonly firstWrites: Pick<CoreParts['firstWrites'], 'held'>;
  readonly errorState: string;
  /** What of the store stops changes. */
  readonly storeTrouble: string;
  readonly keysReady: () => number;
}

/** None where agents are served. */
export function obstaclesToServing(parts: ServingParts): Obstacle[] {
  const { errorState, storeTrouble, unlocked } = parts;
  // In the error state nothing else is asked: what would answer cannot be trusted.
  if (errorState !== '') return [{ reason: 'error-state', detail: errorState }];
  const odd = parts.clock.odd();
  const found: [boolean, Obstacle][] = [
    [!unlocked, { reason: 'locked', detail: 'agents get no keys until a quorum unlocks it' }],
    [
      parts.firstWrites.held !== null,
      { reason: 'starting', detail: 'it asks the other KMAs how much of its log they have' },
    ],
    [storeTrouble !== '', { reason: 'store', detail: storeTrouble }],
    [odd !== null, { reason: 'clock', detail: odd ?? '' }],
    [
      unlocked && storeTrouble === '' && parts.keysReady() === 0,
      { reason: 'no-keys-ready', detail: 'no key of the pool is Ready' },
    ],
  ];
  const own = found.flatMap(([applies, obstacle]) => (applies ? [obstacle] : []));
  return [...own, ...obstaclesOf(parts.cluster())];
}

function obstaclesOf(cluster: ClusterState): Obstacle[] {
  if (cluster === 'member') return [];
  if (cluster !== 'catching-up') return [{ reason: 'no-member', detail: ABSENCE_TEXT[cluster] }];
  return [{ reason: 'catching-up', detail: 'it does not know yet what the other KMAs have handed out' }];
}
