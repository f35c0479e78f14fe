/** What the core needs around it, part by part. It makes none of them. */
import type { Fact } from '../../core/facts.ts';
import type { LivesLacking } from '../../core/missing-split.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { DecideContext, MadeBackup, PrepareContext } from '../../operations/contexts.ts';
import type { Effect } from '../../operations/effects.ts';
import type { Self } from '../../operations/operation.ts';
import type { MakeRoom, Store } from '../../store/store.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { CoreCall } from './core-call.ts';
import type { FirstWrites } from './first-writes.ts';
import type { Health } from './health.ts';
import type { KmaClock } from './kma-clock.ts';
import type { KnownKeys } from './known-keys.ts';
import type { CoreMemory } from './memory.ts';
import type { PlatformLink } from './platform-link.ts';
import type { RestoreJob } from './restore-job.ts';
import type { UserSessions } from './user-sessions.ts';

/** What the core needs around it; each part has one job and one file. */
export interface CoreParts {
  readonly store: Store;
  /** For commits on a full disk. */
  readonly makeRoom: MakeRoom;
  readonly self: Self;
  readonly memory: CoreMemory;
  /** What time it is. */
  readonly time: KmaClock;
  /** Whether that can be trusted. */
  readonly clock: ClockWatch;
  readonly sessions: UserSessions;
  /** Who calls from elsewhere. */
  readonly keys: KnownKeys;
  readonly health: Health;
  /** What waits after a start until members were asked for the own log. */
  readonly firstWrites: Pick<FirstWrites, 'held' | 'told' | 'onUnproven'>;
  /** Runs an operation's `view` in the reader process. */
  readonly view: (operation: string, input: unknown) => Promise<unknown>;
  /** The same of its `inspect`. */
  readonly inspect: (
    operation: string,
    input: unknown,
    progress: (done: number, total: number) => void,
  ) => Promise<unknown>;
  readonly autonomousUnlock: NonNullable<DecideContext['autonomousUnlock']>;
  /** Makes the files of a database backup. */
  readonly makeBackup: (
    progress: NonNullable<CoreCall['progress']>,
    scheduled: boolean,
  ) => Promise<MadeBackup | Refusal>;
  readonly isScheduledBackup: PrepareContext['isScheduledBackup'];
  readonly readBackupPiece: PrepareContext['readBackupPiece'];
  readonly discardBackup: (backupId: string) => Promise<void>;
  readonly restore: RestoreJob;
  readonly jobs: NonNullable<DecideContext['jobs']>;
  /** How this KMA stands in its cluster. */
  readonly cluster: NonNullable<DecideContext['cluster']>;
  readonly keysTakenPerHour: () => number;
  readonly members: NonNullable<DecideContext['members']>;
  readonly lacking: LivesLacking;
  readonly leftAlone: NonNullable<DecideContext['leftAlone']>;
  /** For one call, from now on; undefined where nobody responds. */
  readonly others: () => PrepareContext['others'];
  /** The process for time, names, support access and monitoring. */
  readonly platform: Pick<PlatformLink, 'ask' | 'states'>;
  /** Objects were erased, which is to be confirmed soon. */
  readonly erased: () => void;
  /** After the commit of an operation's facts. */
  readonly wrote: (facts: readonly Fact[]) => void;
  /** Carries out effects after the commit. */
  readonly effect: (effect: Effect) => void;
  /** Callers who have proven nothing are counted together, not recorded one by one (D15). */
  readonly countServed: (service: string, operation: string, address: string) => void;
  readonly countRefused: (service: string, refusal: Refusal, address: string) => void;
}
