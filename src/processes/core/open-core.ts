/** Brings a core to life on a data directory: lock, store, incarnation, memory, effects, maintenance. It opens no socket. */
import { hlcMs } from '../../core/stamp.ts';
import type { Effect, Self } from '../../operations/operation.ts';
import { createKeyPairPool } from '../../security/key-pair-pool.ts';
import { createKwkTable } from '../../security/kwk.ts';
import {
  autonomousUnlockEnabled,
  disableAutonomousUnlock,
  enableAutonomousUnlock,
  openAutonomously,
} from '../../setup/autonomous-unlock-files.ts';
import { beginLife } from '../../setup/copy-detection.ts';
import { readIdentity } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { openStore } from '../../store/store.ts';
import { BackupJob } from './backup-job.ts';
import { ClockWatch } from './clock-watch.ts';
import { Core } from './core.ts';
import { EnrolmentReplies } from './enrolment-replies.ts';
import { Maintenance } from './maintenance.ts';
import { CoreMemory } from './memory.ts';
import { PoolMaintainer } from './pool-maintainer.ts';
import { ProofAttempts } from './proof-attempts.ts';
import type { ReaderLink } from './reader-link.ts';
import { RefusedCounter } from './refused-counter.ts';
import { UserSessions } from './user-sessions.ts';

/** What the processes around the core are told. */
export interface CoreEvents {
  /** The KMA was locked by an officer: this process is to be replaced, so that nothing of the keys stays in memory (D5). */
  readonly locked: () => void;
  /** Certificate, root or TLS minimum changed: the fronts need new settings. */
  readonly servingChanged: () => void;
}

export interface RunningCore {
  readonly core: Core;
  readonly directory: DataDirectory;
  readonly pool: PoolMaintainer;
  readonly maintenance: Maintenance;
  readonly attempts: ProofAttempts;
  readonly replies: EnrolmentReplies;
  readonly refused: RefusedCounter;
  close(): Promise<void>;
}

export async function openCore(
  directory: DataDirectory,
  reader: ReaderLink,
  events: CoreEvents,
): Promise<RunningCore> {
  const release = directory.lock();
  const store = openStore({ path: directory.databasePath, mode: 'write' });
  const self: Self = beginLife(directory, store, readIdentity(directory));
  const memory = new CoreMemory(await createKwkTable(), createKeyPairPool());
  const refused = new RefusedCounter();
  const replies = new EnrolmentReplies();
  const backups = new BackupJob(directory, reader);
  directory.cleanStaging();
  const clock = new ClockWatch(store);
  const core: Core = new Core({
    store,
    self,
    memory,
    clock,
    sessions: new UserSessions(store),
    view: (operation, input) => reader.view(operation, input),
    autonomousUnlock: () => autonomousUnlockEnabled(directory),
    makeBackup: (progress) => backups.make(store, memory, self, progress),
    effect: (effect) => carryOut(effect),
    countServed: (service, operation, address) => refused.countServed(service, operation, address),
    countRefused: (service, refusal, address) => refused.count(service, refusal, address),
  });
  const pool = new PoolMaintainer(core);
  const maintenance = new Maintenance(core, refused, directory);
  const attempts = new ProofAttempts(core);
  const carryOut = (effect: Effect): void => {
    switch (effect.effect) {
      case 'remember-kwk':
        return memory.kwks.remember(effect.kwkId, effect.agentId, effect.kwk);
      case 'unlock':
        memory.unlock(effect.rootKeyMaterial);
        return pool.wakeSoon();
      case 'lock':
        memory.lock();
        return events.locked();
      case 'set-autonomous-unlock':
        return effect.enabled
          ? enableAutonomousUnlock(directory, memory.rootKeyMaterial)
          : disableAutonomousUnlock(directory);
      case 'accept-clock':
        return clock.accept(hlcMs(store.lastStamp()));
      case 'tls-changed':
        memory.sessions.clear();
        return events.servingChanged();
      case 'passphrase-set':
        replies.clear();
        return attempts.forget(effect.entity);
      case 'key-taken':
        return pool.keyTaken();
      case 'pool-changed':
        return pool.changed();
      case 'discard-staged-backup':
        return backups.discard(effect.backupId);
    }
  };
  unlockAtStart(
    directory,
    store.getLocal('locked') === '1',
    store.getLocal('autonomousUnlock') === '0',
    memory,
  );
  if (memory.unlocked) pool.wakeSoon();
  return {
    core,
    directory,
    pool,
    maintenance,
    attempts,
    replies,
    refused,
    async close() {
      pool.stop();
      maintenance.stop();
      await maintenance.flushRefused();
      maintenance.tidySessions();
      reader.close();
      memory.keyPairs.close();
      memory.lock();
      store.close();
      release();
    },
  };
}

/** A KMA that an officer has locked stays locked until a quorum unlocks it, through restarts and crashes. */
function unlockAtStart(
  directory: DataDirectory,
  locked: boolean,
  autonomousOff: boolean,
  memory: CoreMemory,
): void {
  if (autonomousOff && autonomousUnlockEnabled(directory)) disableAutonomousUnlock(directory);
  const root = locked ? null : openAutonomously(directory);
  if (root !== null) memory.unlock(root);
}
