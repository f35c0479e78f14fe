/** Brings a core to life on a data directory: lock, store, incarnation, memory, effects, maintenance. It opens no socket. */
import { isAlone, isOnlyOneThatLived, othersThatLived } from '../../core/members.ts';
import { noteTrouble } from '../../operations/appliance-upkeep.ts';
import type { Self } from '../../operations/operation.ts';
import { ABSENCE_TEXT } from '../../operations/outside-cluster.ts';
import { createKeyPairPool } from '../../security/key-pair-pool.ts';
import { runSelfTest } from '../../security/self-test.ts';
import { autonomousUnlockState } from '../../setup/autonomous-unlock-files.ts';
import { beginLife } from '../../setup/copy-detection.ts';
import { readIdentity } from '../../setup/local-identity.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { SpaceReserve } from '../../store/space-reserve.ts';
import { openStore } from '../../store/store.ts';
import { VERSION } from '../../version.ts';
import { AuditAlarms } from './audit-alarms.ts';
import { AuditExchange } from './audit-exchange.ts';
import { BackupJob } from './backup-job.ts';
import { BaseJob } from './base-job.ts';
import { CatchUps } from './catch-ups.ts';
import {
  choresOf,
  closeOpenLogs,
  flushRefused,
  noteReplicationVersion,
  tidySessions,
  writeFailures,
} from './chores.ts';
import { ClockWatch } from './clock-watch.ts';
import { ClusterOfBefore } from './cluster-of-before.ts';
import { ConflictNotes } from './conflict-notes.ts';
import { Core } from './core.ts';
import type { CoreEvents } from './core-events.ts';
import { effectCarrier } from './effects.ts';
import { EnrolmentReplies } from './enrolment-replies.ts';
import { ErasureConfirmation } from './erasure-confirmation.ts';
import { logFailure } from './failure.ts';
import { firstCatchUpOf } from './first-catch-up.ts';
import { isLifeSettled, settleLife, unlockAtStart } from './first-steps.ts';
import { type FirstWrites, firstWritesOf } from './first-writes.ts';
import { Health } from './health.ts';
import { HourNotes } from './hour-notes.ts';
import { Jobs } from './jobs.ts';
import { JoinGate } from './join-gate.ts';
import { KmaClock } from './kma-clock.ts';
import { KnownKeys } from './known-keys.ts';
import { Maintenance } from './maintenance.ts';
import { MemberStandings } from './member-standings.ts';
import { Membership } from './membership.ts';
import { CoreMemory } from './memory.ts';
import { ObjectArrivals } from './object-arrivals.ts';
import { OddClocks } from './odd-clocks.ts';
import { otherMembers } from './other-members.ts';
import { Outlived } from './outlived.ts';
import { type PlatformSide, platformSideOf } from './platform-side.ts';
import { PoolMaintainer } from './pool-maintainer.ts';
import { ProofAttempts } from './proof-attempts.ts';
import type { ReaderLink } from './reader-link.ts';
import { RefusedCounter } from './refused-counter.ts';
import { ReplayedAnswers } from './replayed-answers.ts';
import { Replication } from './replication.ts';
import { ReplicationNotices } from './replication-notices.ts';
import { RestoreJob } from './restore-job.ts';
import { RootKeys } from './root-keys.ts';
import { checkSelf, type SelfTest } from './self-check.ts';
import { ServedCounts } from './served-counts.ts';
import { StoreWatch } from './store-watch.ts';
import { SystemMessages } from './system-messages.ts';
import { UserSessions } from './user-sessions.ts';

export interface RunningCore {
  readonly core: Core;
  readonly directory: DataDirectory;
  readonly pool: PoolMaintainer;
  readonly maintenance: Maintenance;
  readonly attempts: ProofAttempts;
  readonly replies: EnrolmentReplies;
  readonly refused: RefusedCounter;
  readonly storeWatch: StoreWatch;
  readonly replayed: ReplayedAnswers;
  readonly jobs: Jobs;
  readonly served: ServedCounts;
  readonly hourNotes: HourNotes;
  readonly systemMessages: SystemMessages;
  readonly replication: Replication;
  readonly audit: AuditExchange;
  readonly notices: ReplicationNotices;
  readonly catchUps: CatchUps;
  readonly members: MemberStandings;
  readonly membership: Membership;
  readonly clusterOfBefore: ClusterOfBefore;
  readonly joinGate: JoinGate;
  readonly bases: BaseJob;
  readonly firstWrites: FirstWrites;
  readonly platform: PlatformSide;
  readonly outlived: Outlived;
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
  if (!isLifeSettled(store, self.incarnationId)) reserve.roomFor(() => settleLife(store, self.incarnationId));
  const time = new KmaClock(store);
  const now = () => time.nowMs();
  const elapsedMs = () => performance.now();
  const members = new MemberStandings({ elapsedMs, nowMs: now, vector: () => store.vector() });
  const clock = new ClockWatch(store, time, () => members.clocksAheadMs());
  const backups = new BackupJob(directory, reader, now);
  directory.cleanStaging();
  const systemMessages = new SystemMessages(store, now);
  systemMessages.note('info', `started: OpenKMA ${VERSION}`);
  systemMessages.noteClock(clock.odd());
  const health: Health = new Health(
    {
      errorState: (reason) => stop(reason),
      damaged: (detail) => note('Store is damaged', detail),
      unwritable: (detail) => {
        logFailure(detail, 'the store cannot be written');
        systemMessages.note('error', `Store cannot be written: ${detail}`);
        storeWatch.tryLater();
      },
      writableAgain: ({ sinceMs, refused: times }) =>
        note('Store could not be written', `since=${new Date(sinceMs).toISOString()} refused=${times}`),
    },
    now,
  );
  const firstWrites = firstWritesOf(store, self);
  const storeWatch = new StoreWatch(store, reserve, health, reader, now);
  const sessions = new UserSessions(store);
  const keys = new KnownKeys(store, sessions);
  const jobs = new Jobs(now);
  const restore = new RestoreJob(directory, store, self);
  const membership: Membership = new Membership(store, self, {
    left: (why) => note('No member of the cluster', ABSENCE_TEXT[why]),
    back: () => systemMessages.note('info', 'is a member of the cluster again'),
    looked() {
      members.membersChanged();
      platform.link.sendChanged();
    },
  });
  const joinGate = new JoinGate({
    store,
    elapsedMs,
    isAlone: () => isOnlyOneThatLived(store.state, self.kmaId),
    opened: (why) => systemMessages.note('info', `serves agents from now on: ${why}`),
  });
  const catchUps = new CatchUps(elapsedMs);
  const firstCatchUp = firstCatchUpOf({ store, self, members, elapsedMs });
  const arrivals: ObjectArrivals = new ObjectArrivals({
    isMissing: (id) => store.missing.has(id),
    urgent: () => notices.objectsChanged(),
  });
  const platform = platformSideOf(
    { store, self, memory, health, members, pool: () => pool },
    () => core,
    () => events.platformWanted(),
  );
  const core: Core = new Core({
    store,
    makeRoom: (error, tries) => storeWatch.makeRoom(error, tries),
    self,
    memory,
    time,
    clock,
    sessions,
    keys,
    health,
    firstWrites,
    view: (operation, input) => reader.view(operation, input),
    inspect: (operation, input, progress) => reader.inspect(operation, input, progress),
    autonomousUnlock: () => autonomousUnlockState(directory),
    restore,
    discardBackup: (backupId) => backups.discard(backupId),
    readBackupPiece: (backupId, part, offset) => backups.piece(backupId, part, offset),
    jobs: () => jobs.reports(),
    cluster: () => membership.absence ?? (joinGate.closed ? 'catching-up' : 'member'),
    keysTakenPerHour: () => pool.keysTakenPerHour,
    members: () => members.report(),
    lacking: (kmaId, objectId) => members.lacking(kmaId, objectId),
    leftAlone: () => members.leftAlone.report(),
    others: () =>
      otherMembers({
        someoneResponds: () => members.someoneResponds,
        isBehind: () => firstCatchUp.isBehind,
        isPutBack: () => firstCatchUp.isPutBack,
        awaitsSomeone: () =>
          members.awaits(() => othersThatLived(store.state, self.kmaId).map(({ id }) => id)),
        elapsedMs,
        catchUp: (timeoutMs) => catchUps.catchUp(timeoutMs),
        anyMissing: () => store.missing.any,
        arrival: (ids, timeoutMs) => arrivals.wait(ids, timeoutMs),
      }),
    makeBackup: (progress, scheduled) => backups.make(store, memory, self, progress, scheduled),
    isScheduledBackup: (backupId) => backups.isScheduled(backupId),
    platform: platform.link,
    erased: () => erasures.soon(),
    wrote(facts) {
      const tables = facts.map(({ table }) => table);
      notices.committed(tables);
      // Whose word counts for Ready may have changed.
      if (tables.includes('kma') || tables.includes('incarnation')) pool.readyChanged();
      if (!tables.includes('kma')) return;
      membership.look();
      if (isAlone(store.state, self.kmaId)) return;
      events.clustered();
      rootKeys.lookSoon();
    },
    effect: (effect) => carryOut(effect),
    countServed: (service, operation, address) => refused.countServed(service, operation, address),
    countRefused: (service, refusal, address) => refused.count(service, refusal, address),
  });
  const served = new ServedCounts(store);
  const hourNotes = new HourNotes(core, served);
  const pool: PoolMaintainer = new PoolMaintainer(core);
  const rootKeys = new RootKeys(core, directory, {
    trouble: (condition, details) => note(condition, details),
    held: () => notices.objectsChanged(),
  });
  const auditAlarms = new AuditAlarms((condition, details) => note(condition, details), elapsedMs);
  const audit = new AuditExchange(core, directory, auditAlarms);
  const notices: ReplicationNotices = new ReplicationNotices(core, directory, pool, arrivals, audit);
  const conflicts = new ConflictNotes(core);
  const oddClocks = new OddClocks({
    own: () => clock.odd(),
    members: () => members.report(),
    nameOf: (kmaId) => store.state.get('kma', kmaId)?.name ?? kmaId,
    trouble: (condition, details) => note(condition, details),
    over: (text) => systemMessages.note('info', text),
  });
  const replication = new Replication(core, {
    changed(tables) {
      notices.committed(tables);
      rootKeys.changed(tables);
      if (tables.has('kma')) membership.look();
      if (tables.has('kma') || tables.has('incarnation'))
        closeOpenLogs(core).catch((error: unknown) => logFailure(error, 'logs of removed members'));
    },
    objectsChanged() {
      arrivals.look();
      rootKeys.lookAfterObjects();
      notices.objectsChanged();
    },
    holdingsChanged: () => pool.readyChanged(),
    conflictsFound: () => conflicts.soon(),
    forked: (forked) => outlived.forked(forked),
    overtaken: (length) => outlived.ownLengthTold(length, true),
    trouble: (condition, details) => note(condition, details),
  });
  const erasures: ErasureConfirmation = new ErasureConfirmation(core, directory);
  let disabled: Promise<unknown> = Promise.resolve();
  const attempts = new ProofAttempts(store, (proof) => {
    disabled = core
      .callLocal('DisablePassphraseProof', proof)
      .catch((error: unknown) => logFailure(error, 'DisablePassphraseProof'));
  });
  const maintenance = new Maintenance(
    choresOf({
      ...{ core, rootKeys, refused, directory, storeWatch },
      ...{ served, hourNotes, attempts, systemMessages },
      conflicts,
      oddClocks,
      platformNotes: platform.notes,
      cutShort: (byKmaId) => outlived.cutShort(byKmaId),
    }),
    health,
  );
  const carryOut = effectCarrier({
    memory,
    pool,
    time,
    clock,
    backups,
    erasures,
    replies,
    attempts,
    directory,
    store,
    events,
    rootKeys,
    platform: platform.link,
  });
  let recorded: Promise<unknown> = Promise.resolve();
  const note = (condition: string, details: string): void => {
    logFailure(details, condition);
    systemMessages.note('error', `${condition}: ${details}`);
    recorded = core.callLocal('NoteTrouble', { condition, details: details.slice(0, 1024) });
  };
  const stop = (reason: string): void => {
    logFailure(reason, 'error state');
    systemMessages.note('error', `Error state: ${reason}`);
    memory.lock();
    memory.keyPairs.close();
    pool.stop();
    events.stopped(reason);
    if (!checked.passed && !checked.recordable) return;
    const record = { severity: 'error', condition: 'Error state', message: reason } as const;
    recorded = core.records
      .trouble(noteTrouble, record)
      .catch((error: unknown) => logFailure(error, 'record of the error state'));
  };
  const outlived = new Outlived({
    ...{ store, self, health, nowMs: now, trouble: note },
    tell(text) {
      logFailure(text, 'older store');
      systemMessages.note('error', text);
    },
    replace: () => events.livedElsewhere(),
  });
  if (!checked.passed) health.enterErrorState(checked.reason);
  else unlockAtStart(directory, store, memory);
  if (memory.unlocked) pool.wakeSoon();
  rootKeys.lookSoon();
  membership.look();
  erasures.soon();
  if (checked.passed)
    recorded = noteReplicationVersion(core).catch((error: unknown) =>
      logFailure(error, 'replication version'),
    );
  return {
    core,
    directory,
    pool,
    maintenance,
    attempts,
    replies,
    refused,
    storeWatch,
    replayed: new ReplayedAnswers(store, keys, now),
    jobs,
    served,
    hourNotes,
    systemMessages,
    replication,
    audit,
    notices,
    catchUps,
    members,
    membership,
    clusterOfBefore: new ClusterOfBefore(core, note),
    joinGate,
    bases: new BaseJob({
      ...{ directory, reader, elapsedMs },
      removed: () => erasures.soon(),
      backupRuns: () => backups.running,
    }),
    firstWrites,
    platform,
    outlived,
    async close() {
      systemMessages.note('info', 'stops');
      firstWrites.release();
      pool.stop();
      notices.stop();
      joinGate.stop();
      firstCatchUp.stop();
      platform.link.stop();
      conflicts.stop();
      maintenance.stop();
      storeWatch.stop();
      await rootKeys.stop();
      await erasures.stop();
      await flushRefused(core, refused);
      await recorded;
      await disabled;
      tidySessions(core);
      served.write(now());
      writeFailures(attempts);
      systemMessages.write();
      reader.close();
      memory.keyPairs.close();
      memory.lock();
      store.close();
      release();
    },
  };
}
