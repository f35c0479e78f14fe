/** What a KMA does by itself every minute or hour, one line for each chore, in this order. It keeps no time. */

import { isRefusal } from '../../core/refusal.ts';
import { endsToSay } from '../../operations/cluster/close-logs.ts';
import { needsTidying } from '../../operations/pending/tidy.ts';
import { isDueForRenewal } from '../../security/certificates.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { REPLICATION_VERSION } from '../../version.ts';
import { cutAudit, cutAuditCopies, signHeads } from './audit-chores.ts';
import { BackupWatch } from './backup-watch.ts';
import { CertificateWatch } from './certificate-watch.ts';
import type { ConflictNotes } from './conflict-notes.ts';
import type { Core } from './core.ts';
import { CutShortWatch } from './cut-short-watch.ts';
import { logFailure } from './failure.ts';
import type { HourNotes } from './hour-notes.ts';
import { MemberWatch } from './member-watch.ts';
import type { OddClocks } from './odd-clocks.ts';
import type { PlatformNotes } from './platform-notes.ts';
import type { ProofAttempts } from './proof-attempts.ts';
import type { RefusedCounter } from './refused-counter.ts';
import type { RootKeys } from './root-keys.ts';
import type { ServedCounts } from './served-counts.ts';
import type { StoreWatch } from './store-watch.ts';
import type { SystemMessages } from './system-messages.ts';

export interface Chore {
  readonly every: 'minute' | 'hour';
  readonly work: () => Promise<void> | void;
}

export interface ChoreParts {
  readonly core: Core;
  readonly rootKeys: RootKeys;
  readonly refused: RefusedCounter;
  readonly directory: DataDirectory;
  readonly storeWatch: StoreWatch;
  readonly served: ServedCounts;
  readonly hourNotes: HourNotes;
  readonly attempts: ProofAttempts;
  readonly systemMessages: SystemMessages;
  readonly conflicts: ConflictNotes;
  readonly oddClocks: OddClocks;
  readonly platformNotes: PlatformNotes;
  /** Others end the log of this life. */
  readonly cutShort: (byKmaId: string) => void;
}

export function choresOf({
  core,
  rootKeys,
  refused,
  directory,
  storeWatch,
  served,
  hourNotes,
  attempts,
  systemMessages,
  conflicts,
  oddClocks,
  platformNotes,
  cutShort,
}: ChoreParts): readonly Chore[] {
  const backupWatch = new BackupWatch(core);
  const { store, self, members } = core.parts;
  const { state } = store;
  const note = async (operation: string, input: object) => !isRefusal(await core.callLocal(operation, input));
  const elapsedMs = () => performance.now();
  const memberWatch = new MemberWatch({ state, self, members, elapsedMs, note });
  const cutShortWatch = new CutShortWatch({ store, self, elapsedMs, found: cutShort });
  const certificateWatch = new CertificateWatch({
    ...{ state, self },
    note: (found) => note('NoteExpiringCertificates', found),
  });
  return [
    { every: 'minute', work: () => storeWatch.keepReserve() },
    { every: 'minute', work: () => flushRefused(core, refused) },
    { every: 'minute', work: () => tidySessions(core) },
    { every: 'minute', work: () => served.write(core.parts.time.nowMs()) },
    { every: 'minute', work: () => writeFailures(attempts) },
    { every: 'minute', work: () => systemMessages.noteClock(core.parts.clock.odd()) },
    { every: 'minute', work: () => oddClocks.look() },
    { every: 'minute', work: () => systemMessages.write() },
    { every: 'minute', work: () => platformNotes.flush() },
    { every: 'minute', work: () => cutAudit(core) },
    { every: 'minute', work: () => cutAuditCopies(core) },
    { every: 'minute', work: () => tidyPending(core) },
    { every: 'minute', work: () => closeOpenLogs(core) },
    { every: 'minute', work: () => cutShortWatch.look() },
    { every: 'minute', work: () => rootKeys.minutely() },
    { every: 'minute', work: () => noteReplicationVersion(core) },
    { every: 'minute', work: () => hourNotes.tell() },
    { every: 'minute', work: () => conflicts.write() },
    { every: 'minute', work: () => backupWatch.look(core.parts.time.nowMs()) },
    { every: 'minute', work: () => memberWatch.look() },
    // Not by the hour: one that ran out while the KMA was off or locked turns agents away until then.
    { every: 'minute', work: () => renewCertificate(core) },
    { every: 'hour', work: () => signHeads(core, directory) },
    { every: 'hour', work: () => certificateWatch.look(core.parts.time.nowMs()) },
  ];
}

export async function flushRefused(core: Core, refused: RefusedCounter): Promise<void> {
  for (const summary of refused.take()) await core.callLocal('NoteFailuresBeforeAuthentication', summary);
}

export function writeFailures(attempts: ProofAttempts): void {
  try {
    attempts.write();
  } catch (error) {
    // They are in memory still.
    logFailure(error, 'failed proofs');
  }
}

/** Writes down when log-ins were last used, and removes those that are over. */
export function tidySessions(core: Core): void {
  try {
    const { sessions, memory, store, time } = core.parts;
    const nowMs = time.nowMs();
    sessions.tidy(nowMs);
    store.idempotency.tidy(nowMs);
    memory.sealingKeys.keepOnly((fingerprint) => sessions.owner(fingerprint, nowMs) !== null);
  } catch (error) {
    // A store that cannot be written must not keep the KMA from stopping; the rows are judged at each use anyway.
    logFailure(error, 'sessions');
  }
}

/** What expired counts no more already; this is for the record, and for people who look at the list. */
async function tidyPending(core: Core): Promise<void> {
  const { store, self } = core.parts;
  if (needsTidying(store.state, self, core.parts.time.nowMs()))
    await core.callLocal('TidyPendingOperations', {});
}

/** Of members that were removed: nothing of them is taken meanwhile but what another one had. */
export async function closeOpenLogs(core: Core): Promise<void> {
  const { store, self } = core.parts;
  const ends = endsToSay(store.state, self, (incarnationId) => store.logLength(incarnationId));
  if (ends.length > 0) await core.callLocal('CloseLogs', { ends });
}

/** Of the software that runs now; what no member reads is not written before. */
export async function noteReplicationVersion(core: Core): Promise<void> {
  const { store, self } = core.parts;
  const known = store.state.get('incarnation', self.incarnationId)?.replicationVersion;
  if (known !== REPLICATION_VERSION)
    await core.callLocal('NoteReplicationVersion', { replicationVersion: REPLICATION_VERSION });
}

async function renewCertificate(core: Core): Promise<void> {
  const { store, self, memory } = core.parts;
  const pem = store.state.get('kma', self.kmaId)?.certificatePem;
  const rootPem = store.state.get('certificate_authority', 'root')?.certificatePem;
  if (pem == null || rootPem == null || !memory.unlocked) return;
  if (isDueForRenewal(pem, rootPem, core.parts.time.nowMs())) await core.callLocal('RenewKmaCertificate', {});
}
