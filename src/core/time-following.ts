/** How well a KMA follows its time server, judged from what chronyd measured. It asks nobody and sets no clock. */

/** Clocks that are further apart than this are not brought together by themselves: somebody has to look (D2). */
export const SERVER_AWAY_SECONDS_MAX = 300;
/** Far more than a clock that is followed is ever off; small enough that no certificate and no proof fails yet. */
export const LARGE_OFFSET_SECONDS = 10;
/** The last polls, of which one has to be answered. */
const RECENT_POLLS = 0b111;

/** One source of time. */
export interface TimeSource {
  readonly address: string;
  readonly kind: 'server' | 'peer';
  /** The clock follows it now. */
  readonly selected: boolean;
  readonly stratum: number;
  /** A bit for each of the last eight polls, the newest lowest: 1 where it was answered. */
  readonly reach: number;
  /** By how much the machine's clock is ahead of it; null before the first answer. */
  readonly aheadSeconds: number | null;
}

export interface TimeMeasured {
  /** The daemon has just begun with these sources, and nothing is said yet of those that do not answer. */
  readonly settling: boolean;
  /** By what the daemon says of itself. */
  readonly synchronised: boolean;
  readonly sources: readonly TimeSource[];
}

export const TIME_STANDINGS = [
  'starting',
  'follows the server',
  'follows other KMAs',
  'unreachable',
  'too far off',
  'not synchronised',
] as const;
export type TimeStanding = (typeof TIME_STANDINGS)[number];

export interface TimeJudgement {
  readonly standing: TimeStanding;
  readonly serverReachable: boolean;
  /** By how much the machine's clock is ahead; null where nobody tells. */
  readonly aheadSeconds: number | null;
}

export function isReached({ reach }: Pick<TimeSource, 'reach'>): boolean {
  return (reach & RECENT_POLLS) !== 0;
}

export function isTooFar(aheadSeconds: number): boolean {
  return Math.abs(aheadSeconds) > SERVER_AWAY_SECONDS_MAX;
}

/** What the server says counts before what other KMAs say, and nothing counts of who does not answer any more. */
export function judgeTime(measured: TimeMeasured): TimeJudgement {
  const reached = measured.sources.filter((source) => isReached(source) && source.aheadSeconds !== null);
  const servers = reached.filter(({ kind }) => kind === 'server');
  const serverReachable = servers.length > 0;
  const followed = reached.find(({ selected }) => selected);
  // A selected source that is too far away is none that is followed: what it says is ignored.
  const far = [followed, ...servers].find((source) => isTooFar(source?.aheadSeconds ?? 0));
  if (far !== undefined) return { standing: 'too far off', serverReachable, aheadSeconds: far.aheadSeconds };
  if (followed !== undefined && measured.synchronised) {
    const standing = followed.kind === 'server' ? 'follows the server' : 'follows other KMAs';
    return { standing, serverReachable, aheadSeconds: followed.aheadSeconds };
  }
  const aheadSeconds = servers[0]?.aheadSeconds ?? null;
  if (measured.settling) return { standing: 'starting', serverReachable, aheadSeconds };
  return { standing: serverReachable ? 'not synchronised' : 'unreachable', serverReachable, aheadSeconds };
}

export function isFollowing(standing: TimeStanding): boolean {
  return standing === 'follows the server' || standing === 'follows other KMAs';
}
