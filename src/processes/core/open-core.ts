/** Brings a core to life on a data directory: lock, store, incarnation, memory, effects, maintenance. It opens no socket. */
import { hlcMs } from '../../core/stamp.ts';
import { noteTrouble } from '../../operations/appliance-upkeep.ts';
import type { Effect, Self } from '../../operations/operation.ts';
import { createKeyPairPool } from '../../security/key-pair-pool.ts';
import { runSelfTest } from '../../security/self-test.ts';
import {
  autonomousUnlockEnabled,
  autonomousUnlockState,
  disableAutonomousUnlock,
  enableAutonomousUnlock,
  openAutonomously,
} from '../../setup/autonomous-unlock-files.ts';
import { beginLife } from '../../setup/copy-detection.ts';
import { readIdentity } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { SpaceReserve } from '../../store/space-reserve.ts';
import { openStore } from '../../store/store.ts';
import { BackupJob } from './backup-job.ts';
import { ClockWatch } from './clock-watch.ts';
import { Core } from './core.ts';
import { EnrolmentReplies } from './enrolment-replies.ts';
import { logFailure } from './failure.ts';
import { Health } from './health.ts';
import { Maintenance } from './maintenance.ts';
import { CoreMemory } from './memory.ts';
import { PoolMaintainer } from './pool-maintainer.ts';
import { ProofAttempts } from './proof-attempts.ts';
import type { ReaderLink } from './reader-link.ts';
import { RefusedCounter } from './refused-counter.ts';
import { checkSelf, type SelfTest } from './self-check.ts';
import { StoreWatch } from './store-watch.ts';
import { UserSessions } from './user-sessions.ts';

/** What the processes around the core are told. */
export interface CoreEvents {
  /** The KMA was locked by an officer: this process is to be replaced, so that nothing of the keys stays in memory (D5). */
  readonly locked: () => void;
  /** Certificate, root or TLS minimum changed: the fronts need new settings. */
  readonly servingChanged: () => void;
  /** The core is in the error state and answers nobody any more; this process stays, so that it can say why. */
  readonly stopped: (reason: string) => void;
}

export interface RunningCore {
  readonly core: Core;
  readonly directory: DataDirectory;
  readonly pool: PoolMaintainer;
  readonly maintenance: Maintenance;
  readonly attempts: ProofAttempts;
  readonly replies: EnrolmentReplies;
  readonly refused: RefusedCounter;
  readonly storeWatch: StoreWatch;
  close(): Promise<void>;
}

export async function openCore(
  directory: DataDirectory,
  reader: ReaderLink,
  events: CoreEvents,
  selfTest: SelfTest = runSelfTest,
): Promise<RunningCore> {
  const checked = await checkSelf(selfTest);
  // On a full disk each of these writes a little: out of the reserve too, which else only a running core could give up.
  const reserve = new SpaceReserve(directory.reservePath);
  const release = reserve.roomFor(() => directory.lock());
  const store = reserve.roomFor(() => openStore({ path: directory.databasePath, mode: 'write' }));
  // A new life needs sound keys; a core in the error state begins none and hands nothing out.
  const identity = readIdentity(directory);
  const self: Self = checked.passed ? reserve.roomFor(() => beginLife(directory, store, identity)) : identity;
  const memory: CoreMemory = checked.passed
    ? new CoreMemory(
        checked.kwks,
        createKeyPairPool(undefined, () => health.enterErrorState('new RSA key pairs are bad')),
      )
    : new CoreMemory(null, createKeyPairPool(0));
  const refused = new RefusedCounter();
  const replies = new EnrolmentReplies();
  const backups = new BackupJob(directory, reader);
  directory.cleanStaging();
  const clock = new ClockWatch(store);
  const health: Health = new Health({
    errorState: (reason) => stop(reason),
    damaged: (detail) => note('Store is damaged', detail),
    unwritable: (detail) => {
      logFailure(detail, 'the store cannot be written');
      storeWatch.tryLater();
    },
    writableAgain: ({ sinceMs, refused: times }) =>
      note('Store could not be written', `since=${new Date(sinceMs).toISOString()} refused=${times}`),
  });
  const storeWatch = new StoreWatch(store, reserve, health, reader);
  const core: Core = new Core({
    store,
    makeRoom: (error, tries) => storeWatch.makeRoom(error, tries),
    self,
    memory,
    clock,
    sessions: new UserSessions(store),
    health,
    view: (operation, input) => reader.view(operation, input),
    autonomousUnlock: () => autonomousUnlockState(directory),
    makeBackup: (progress) => backups.make(store, memory, self, progress),
    effect: (effect) => carryOut(effect),
    countServed: (service, operation, address) => refused.countServed(service, operation, address),
    countRefused: (service, refusal, address) => refused.count(service, refusal, address),
  });
  const pool = new PoolMaintainer(core);
  const maintenance = new Maintenance(core, refused, directory, storeWatch);
  let disabled: Promise<unknown> = Promise.resolve();
  const attempts = new ProofAttempts(store, (proof) => {
    disabled = core
      .callLocal('DisablePassphraseProof', proof)
      .catch((error: unknown) => logFailure(error, 'DisablePassphraseProof'));
  });
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
        replies.void(effect.entity);
        return attempts.forget(effect.entity);
      case 'key-taken':
        return pool.keyTaken();
      case 'pool-changed':
        return pool.changed();
      case 'discard-staged-backup':
        return backups.discard(effect.backupId);
    }
  };
  let recorded: Promise<unknown> = Promise.resolve();
  const note = (condition: string, details: string): void => {
    logFailure(details, condition);
    recorded = core.callLocal('NoteTrouble', { condition, details: details.slice(0, 1024) });
  };
  const stop = (reason: string): void => {
    logFailure(reason, 'error state');
    memory.lock();
    memory.keyPairs.close();
    pool.stop();
    events.stopped(reason);
    if (!checked.passed && !checked.recordable) return;
    const record = { severity: 'error', condition: 'Error state', message: reason } as const;
    recorded = core
      .recordTrouble(noteTrouble, record)
      .catch((error: unknown) => logFailure(error, 'record of the error state'));
  };
  if (!checked.passed) health.enterErrorState(checked.reason);
  else
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
    storeWatch,
    async close() {
      pool.stop();
      maintenance.stop();
      storeWatch.stop();
      await maintenance.flushRefused();
      await recorded;
      await disabled;
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
  root?.wipe();
}
