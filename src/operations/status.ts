/** The status of this KMA on one page: what an operator looks at first, with what to do about it. It changes nothing. */
import { z } from 'zod';
import { backupSchedule, isBackupDue, isBackupOverdue, lastBackupAtMs } from '../core/backup-schedule.ts';
import { isLive } from '../core/live.ts';
import { cutShort } from '../core/log-end.ts';
import { membersOfBefore } from '../core/members-of-before.ts';
import { CLUSTER_STATES } from '../core/membership.ts';
import { hasCoreSecurityBackup, isKeySplitBackedUp } from '../core/readiness.ts';
import { readingVersions, writableVersion } from '../core/replication-version.ts';
import { lostKmas } from '../core/root-epochs.ts';
import { readSetting } from '../core/settings.ts';
import type { StateView } from '../core/state.ts';
import { namesakes } from './conflicts/namesakes.ts';
import { listedConflicts } from './conflicts/standing.ts';
import type { DecideContext, ViewContext } from './contexts.ts';
import { servedElsewhere } from './entered-addresses.ts';
import { shownName } from './entities.ts';
import { dateText } from './fields.ts';
import { leftAloneText } from './member-standing.ts';
import { operation } from './operation.ts';
import { platformLines, platformWarnings } from './platform/status.ts';
import { hoursText, isCutOff, poolLastsHours } from './pool-outlook.ts';
import { agentStatus, poolStatus } from './standing.ts';

/** Under this part of the pool being Ready an operator has to act. */
const LOW_READY_RATIO = 0.2;
const CONFLICTS_SHOWN_MAX = 20;

export const statusShape = z.strictObject({
  kma: z.string(),
  locked: z.boolean(),
  /** Unlocked, and yet to be unlocked with a quorum: the root key material was replaced. */
  lacksRoot: z.boolean(),
  /** KMAs that were deleted as lost: an alarm that stays. */
  lostKmas: z.array(z.string()),
  /** KMAs of the cluster as it was before it was restored; nobody lets them in. */
  membersOfBefore: z.array(z.string()),
  /** KMAs that nobody removed, and whose log another one has closed: which by which. */
  closedLogs: z.array(z.string()),
  /** Whether this KMA counts in its cluster and has what the others have, or what ended that. */
  cluster: z.enum(CLUSTER_STATES),
  /** Why it has stopped itself; "" while it serves. */
  errorState: z.string(),
  /** What is wrong with the store; empty while nothing is. */
  storeTrouble: z.array(z.string()),
  keyPoolSize: z.number(),
  keysReady: z.number(),
  keysUnissued: z.number(),
  readyPercent: z.number(),
  /** New keys that agents take at present. */
  keysTakenPerHour: z.number(),
  /** The Ready ones, at that rate; null while nobody takes any. */
  poolLastsHours: z.number().nullable(),
  /** No other KMA of the cluster responds. */
  cutOff: z.boolean(),
  lastBackupAt: z.string(),
  /** By the schedule; and whether it is late. */
  backupDue: z.boolean(),
  backupOverdue: z.boolean(),
  coreSecurityBackup: z.boolean(),
  /** Whether one opens with the key split credentials of today. */
  keySplitBackedUp: z.boolean(),
  agents: z.number(),
  agentsEnrolled: z.number(),
  agentsWithLegacyProof: z.number(),
  minimumTls: z.string(),
  nameConflicts: z.array(z.string()),
  /** Changed on both sides of a partition, and neither settled nor answered by taking the other. */
  conflicts: z.number(),
  /** Of what KMAs write: which is in use, and what each reads. */
  replicationVersion: z.number(),
  replicationVersions: z.array(z.strictObject({ kma: z.string(), reads: z.number() })),
  /** By how much the time was adjusted by hand. */
  clockOffsetSeconds: z.number(),
  /** Why changes are refused; "" while the clock is in order. */
  clockOdd: z.string(),
  /** What each part of the platform says of itself; empty while its process is not there. */
  platform: z.array(z.strictObject({ part: z.string(), summary: z.string() })),
  coreStartedAt: z.string(),
  /** Since the core started; more operations than commits means that callers shared them. */
  operations: z.number(),
  commits: z.number(),
  warnings: z.array(z.string()),
});
type Status = z.infer<typeof statusShape>;

function nameConflicts(state: StateView): string[] {
  return namesakes(state)
    .map(({ table, shown }) => `${table}:${shown}`)
    .slice(0, CONFLICTS_SHOWN_MAX);
}

function closedLogs(state: StateView): string[] {
  const nameOf = (id: string | null) => {
    const kma = id === null ? undefined : state.get('kma', id);
    return kma === undefined ? 'an unknown KMA' : shownName(state, 'kma', kma);
  };
  return cutShort(state)
    .map(({ kma, byKmaId }) => `${nameOf(kma.id)} by ${nameOf(byKmaId)}`)
    .slice(0, CONFLICTS_SHOWN_MAX);
}

/** Each says what is wrong and names the command that mends it. */
function warningsOf(found: Omit<Status, 'warnings'>): string[] {
  const late = lateReaders(found);
  const warnings: [boolean, string][] = [
    [
      found.errorState !== '',
      `stopped: nobody gets keys; restart the KMA, and if it stops again install it anew or restore it elsewhere`,
    ],
    [
      found.storeTrouble.length > 0,
      'the store is in trouble: check space and file system; where it is damaged, restore from the last backup',
    ],
    [
      found.clockOdd !== '',
      `${found.clockOdd}, so nothing can be changed: set it right, or accept it with "kma clock accept"`,
    ],
    ...clusterWarnings(found.cluster),
    [found.locked, 'locked: agents get no keys; unlock with "kma unlock"'],
    [
      found.lacksRoot,
      'a KMA was lost and the root key material replaced, which this KMA does not have: unlock it with "kma unlock"',
    ],
    [
      found.membersOfBefore.length > 0,
      `members of the cluster before it was restored: ${found.membersOfBefore.join(', ')}; what they write is taken by nobody, the keys that they have destroyed since the backup too: destroy those again, and delete each ("kma member delete NAME --as retired"), or reset it and let it join anew`,
    ],
    [
      found.lostKmas.length > 0,
      `lost: ${found.lostKmas.join(', ')}; whoever has it has the key of the root CA and can make certificates that look genuine: see "kma member list-lost"`,
    ],
    [
      found.closedLogs.length > 0,
      `closed though nobody removed the KMA: the log of ${found.closedLogs.join(', ')}; what is changed there reaches no other KMA, until it begins a new life after half an hour, which locks it where it does not unlock itself. Where it happens again within a day it begins none: whoever did it is not to be trusted, and is to be deleted as lost`,
    ],
    [!found.coreSecurityBackup, 'no core security backup: take one with "kma core-security-backup --to DIR"'],
    [
      found.coreSecurityBackup && !found.keySplitBackedUp,
      'the key split has changed: only its old credentials open the core security backups there are; take one with "kma core-security-backup --to DIR"',
    ],
    [found.cutOff && found.cluster === 'member', cutOffText(found)],
    [
      found.keysReady < found.keyPoolSize * LOW_READY_RATIO,
      `${found.readyPercent} % of the key pool is Ready: take a backup with "kma backup --to DIR"`,
    ],
    [
      found.backupOverdue,
      'a scheduled backup is late: take one with "kma backup --to DIR", and see why it was not made',
    ],
    [
      found.minimumTls !== '' && found.minimumTls < '1.2',
      `TLS ${found.minimumTls} is accepted: raise it with "kma tls set 1.2" once no old agent needs it`,
    ],
    [
      late.length > 0,
      `${late.join(', ')} cannot read yet what the others can write: upgrade it; until then they write nothing newer`,
    ],
    [
      found.conflicts > 0,
      'what was changed on both sides while KMAs could not reach each other waits to be looked at: see "kma conflicts", and take the other or leave it as it is with "kma conflict settle CONFLICT"',
    ],
    [found.nameConflicts.length > 0, 'two entities have one name: delete the one shown as name~xxxx'],
  ];
  return warnings.flatMap(([applies, text]) => (applies ? [text] : []));
}

/** Those that read less than another one. */
function lateReaders({ replicationVersions }: Pick<Status, 'replicationVersions'>): string[] {
  const most = Math.max(...replicationVersions.map(({ reads }) => reads));
  return replicationVersions.filter(({ reads }) => reads < most).map(({ kma }) => kma);
}

/** New keys are held by this KMA alone, so those that are Ready are all there are. */
function cutOffText({
  keysReady,
  poolLastsHours: hours,
}: Pick<Status, 'keysReady' | 'poolLastsHours'>): string {
  const lasts =
    hours === null ? 'and nobody takes any at present' : `and last ${hoursText(hours)} as they go`;
  return `cut off: no other KMA responds; ${keysReady} keys are Ready, ${lasts}: mend the network, or take a backup with "kma backup --to DIR"`;
}

function clusterWarnings(cluster: Status['cluster']): [boolean, string][] {
  const what = 'agents get no keys and nothing can be changed';
  return [
    [
      cluster === 'catching-up',
      'has joined, and catches up with the others on port 3336: agents get no keys until then; where it takes long, look at "kma system messages"',
    ],
    [
      cluster === 'logged-out',
      `logged out of the cluster: ${what}; have a passphrase set for it at another KMA (member set-passphrase NAME), then "kma rejoin MEMBER"`,
    ],
    [
      cluster === 'retired' || cluster === 'lost',
      `removed from the cluster as ${cluster}: ${what}; stop it and reset it`,
    ],
  ];
}

/** Only the memory of the core knows of them. */
function leftAloneWarnings({ state, leftAlone }: DecideContext): string[] {
  return [...(leftAlone?.() ?? [])].flatMap(([id, alone]) => {
    const kma = state.get('kma', id);
    if (kma === undefined || !isLive(kma)) return [];
    return `${shownName(state, 'kma', kma)} did on port 3336 what no KMA does, and is left alone ${leftAloneText(alone)}; see "kma audit list --filter operation=NoteMemberLeftAlone" and look at that machine. Where nobody put it back or copied it, it is not to be trusted: delete it as lost`;
  });
}

function elsewhereWarnings({ state, self, served }: DecideContext): string[] {
  const addresses = served?.() ?? null;
  if (addresses === null) return [];
  const elsewhere = servedElsewhere(self.kmaName, addresses, state.get('kma', self.kmaId));
  return elsewhere === null ? [] : [elsewhere];
}

/** What is said where the reader can count nothing. */
const UNCOUNTED = {
  lostKmas: [],
  membersOfBefore: [],
  closedLogs: [],
  keyPoolSize: 0,
  keysReady: 0,
  keysUnissued: 0,
  readyPercent: 0,
  poolLastsHours: null,
  lastBackupAt: '',
  backupDue: false,
  backupOverdue: false,
  coreSecurityBackup: false,
  keySplitBackedUp: false,
  agents: 0,
  agentsEnrolled: 0,
  agentsWithLegacyProof: 0,
  minimumTls: '',
  nameConflicts: [],
  conflicts: 0,
  replicationVersion: 0,
  replicationVersions: [],
  warnings: ['the store cannot be read now, so the numbers are missing: see the log, and try again'],
} satisfies Partial<Status>;

/** The reader does the counting; the core adds what only its memory knows. */
export const showStatus = operation({
  name: 'ShowStatus',
  summary: 'Shows the status of this KMA, with what to do about it.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  input: z.strictObject({}),
  output: statusShape,
  answersAlways: true,
  whileGivingWay: true,
  command: { words: ['status'], example: 'kma status' },
  view: (_input, context) => countedStatus(context),
  decide: (_input, context, counted: Status | null) => ({
    facts: [],
    output: wholeStatus(context, counted),
  }),
});

/** What the state says. */
export function countedStatus({ state, self, nowMs }: ViewContext): Status {
  const schedule = backupSchedule(state);
  const kma = state.get('kma', self.kmaId);
  return {
    kma: self.kmaName,
    locked: false,
    lacksRoot: false,
    membersOfBefore: membersOfBefore(state, self)
      .map(({ name }) => name ?? '')
      .slice(0, CONFLICTS_SHOWN_MAX),
    closedLogs: closedLogs(state),
    lostKmas: lostKmas(state)
      .map(({ name }) => name ?? '')
      .slice(0, CONFLICTS_SHOWN_MAX),
    cluster: 'member',
    errorState: '',
    storeTrouble: [],
    ...poolStatus(state, self.incarnationId),
    lastBackupAt: dateText(lastBackupAtMs(state)),
    backupDue: isBackupDue(schedule, nowMs),
    backupOverdue: isBackupOverdue(schedule, nowMs),
    coreSecurityBackup: hasCoreSecurityBackup(state, readSetting(state, 'currentRootEpochId')),
    keySplitBackedUp: isKeySplitBackedUp(state, readSetting(state, 'currentKeySplitId')),
    ...agentStatus(state),
    keysTakenPerHour: 0,
    poolLastsHours: null,
    cutOff: false,
    minimumTls: kma?.minimumTls ?? '',
    nameConflicts: nameConflicts(state),
    conflicts: listedConflicts(state).length,
    replicationVersion: writableVersion(state),
    replicationVersions: readingVersions(state).map(({ kma, version }) => ({
      kma: shownName(state, 'kma', kma),
      reads: version,
    })),
    clockOffsetSeconds: 0,
    clockOdd: '',
    platform: [],
    coreStartedAt: '',
    operations: 0,
    commits: 0,
    warnings: [],
  };
}

/** With what only the memory of the core knows. */
export function wholeStatus(context: DecideContext, counted: Status | null): Status {
  const { unlocked, lacksRoot, self, performance, health, clock, cluster } = context;
  const { startedAtMs = null, operations = 0, commits = 0, keysTakenPerHour = 0 } = performance?.() ?? {};
  const { offsetMs = 0, odd = null } = clock?.() ?? {};
  const { errorState, store } = health?.() ?? { errorState: '', store: [] };
  const known = {
    locked: !unlocked,
    lacksRoot: lacksRoot?.() ?? false,
    cluster: cluster?.() ?? ('member' as const),
    errorState,
    storeTrouble: [...store],
    clockOffsetSeconds: offsetMs / 1000,
    clockOdd: odd ?? '',
    platform: platformLines(context),
    keysTakenPerHour,
    coreStartedAt: dateText(startedAtMs),
    operations,
    commits,
  };
  if (counted === null) return { ...UNCOUNTED, kma: self.kmaName, cutOff: false, ...known };
  const lasts = poolLastsHours(counted.keysReady, keysTakenPerHour);
  const found = { ...counted, ...known, poolLastsHours: lasts, cutOff: isCutOff(context) };
  const warnings = [
    ...warningsOf(found),
    ...elsewhereWarnings(context),
    ...leftAloneWarnings(context),
    ...platformWarnings(context),
  ];
  return { ...found, warnings };
}

export const statusOperations = [showStatus];
