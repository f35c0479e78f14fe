/** Carries out what an operation changes in memory, after its commit; one line for each effect. It writes no rows. */
import { hlcMs } from '../../core/stamp.ts';
import type { Effect } from '../../operations/effects.ts';
import { disableAutonomousUnlock, enableAutonomousUnlock } from '../../setup/autonomous-unlock-files.ts';
import { wantRestored } from '../../setup/replaced-data-directory.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Store } from '../../store/store.ts';
import type { BackupJob } from './backup-job.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { CoreEvents } from './core-events.ts';
import type { EnrolmentReplies } from './enrolment-replies.ts';
import type { ErasureConfirmation } from './erasure-confirmation.ts';
import { logFailure } from './failure.ts';
import type { KmaClock } from './kma-clock.ts';
import type { CoreMemory } from './memory.ts';
import type { PlatformLink } from './platform-link.ts';
import type { PoolMaintainer } from './pool-maintainer.ts';
import type { ProofAttempts } from './proof-attempts.ts';
import type { RootKeys } from './root-keys.ts';
import { newestRoot } from './root-tools.ts';

/** What effects change. */
export interface EffectParts {
  readonly memory: CoreMemory;
  readonly pool: PoolMaintainer;
  readonly time: KmaClock;
  readonly clock: ClockWatch;
  readonly backups: BackupJob;
  readonly erasures: ErasureConfirmation;
  readonly replies: EnrolmentReplies;
  readonly attempts: ProofAttempts;
  readonly directory: DataDirectory;
  readonly store: Store;
  readonly events: CoreEvents;
  readonly rootKeys: RootKeys;
  readonly platform: Pick<PlatformLink, 'ask' | 'sendChanged'>;
}

type Name = Effect['effect'];
type EffectNamed<N extends Name> = Extract<Effect, { readonly effect: N }>;
type Handlers = { readonly [N in Name]: (effect: EffectNamed<N>, parts: EffectParts) => void };

const HANDLERS: Handlers = {
  'remember-kwk': ({ kwkId, agentId, kwk }, { memory }) => memory.kwks.remember(kwkId, agentId, kwk),
  'remember-sealing-key': ({ fingerprint, privateKey }, { memory }) =>
    memory.sealingKeys.remember(fingerprint, privateKey),
  unlock: (root, { memory, pool, rootKeys }) => {
    memory.unlock(root);
    rootKeys.lookSoon();
    pool.wakeSoon();
  },
  'root-replaced': (root, { memory, pool, rootKeys }) => {
    // Whoever locked it meanwhile finds it locked.
    if (memory.unlocked) memory.unlock(root);
    root.rootKeyMaterial.wipe();
    rootKeys.lookSoon();
    pool.changed();
  },
  lock: (_, { memory, events }) => {
    memory.lock();
    events.locked();
  },
  'set-autonomous-unlock': ({ enabled }, { directory, memory, store }) => {
    const root = newestRoot(store, memory);
    if (!enabled) disableAutonomousUnlock(directory);
    else if (root !== undefined) enableAutonomousUnlock(directory, root.rootKeyMaterial);
  },
  'accept-clock': (_, { clock, store }) => clock.accept(hlcMs(store.lastStamp())),
  'clock-adjusted': (_, { clock, time }) => clock.adjusted(time.adjusted()),
  'tls-changed': (_, { memory, events }) => {
    memory.sessions.clear();
    events.servingChanged();
  },
  'passphrase-set': ({ entity }, { replies, attempts }) => {
    replies.void(entity);
    attempts.forget(entity);
  },
  'key-taken': (_, { pool }) => pool.keyTaken(),
  'pool-changed': (_, { pool }) => pool.changed(),
  'platform-changed': (_, { platform }) => platform.sendChanged(),
  'doctor-looked': ({ result, at }, { platform }) => {
    platform.ask('doctor', { result, at }).catch((error: unknown) => logFailure(error, 'doctor'));
  },
  'secret-forgotten': (_, { erasures }) => erasures.forgotten(),
  restored: (_, { directory, events }) => {
    wantRestored(directory.path);
    events.restored();
  },
  end: ({ why }, { events }) => events.ended(why),
  'discard-staged-backup': ({ backupId }, { backups, erasures }) => {
    void backups.discard(backupId).then(() => erasures.soon());
  },
};

export function effectCarrier(parts: EffectParts): (effect: Effect) => void {
  return (effect) => carryOut(effect.effect, effect, parts);
}

/** The name says which effect it is; the compiler does not see that the two go together. */
function carryOut<N extends Name>(name: N, effect: Effect, parts: EffectParts): void {
  HANDLERS[name](effect as EffectNamed<N>, parts);
}
