/** "kma status" for people: what runs, what is left, what to do, in that order. It judges nothing; the warnings are the operation's. */
import type { z } from 'zod';
import { hoursText } from '../operations/pool-outlook.ts';
import type { showStatus } from '../operations/status.ts';
import { countText, datesText, dateText, headingTexts, printable } from './cell-text.ts';
import { withOwnName } from './own-name.ts';

export type Status = z.infer<typeof showStatus.output>;

export function statusText(status: Status, data: string | null): string {
  const lines = [
    `KMA ${printable(status.kma)} is ${conditionText(status)}.`,
    ...status.storeTrouble.map((line) => `  Store      ${printable(line)}`),
    '',
    `  Key pool   ${poolText(status)}`,
    `  Backups    ${backupText(status)}`,
    `  Agents     ${agentText(status)}`,
    `  Load       ${loadText(status)}`,
    `  TLS        ${status.minimumTls === '' ? 'not set' : `${status.minimumTls} and higher`}`,
    ...clockLines(status),
    ...status.platform.map(({ part, summary }) => `  ${partTitle(part)} ${printable(datesText(summary))}`),
    ...versionLines(status),
    ...status.nameConflicts.map((name) => `  Conflict   ${printable(name)}`),
    '',
    ...(status.warnings.length === 0 ? ['Nothing needs to be done.'] : ['To do:']),
    ...status.warnings.map((warning) => `  - ${withOwnName(warning, data)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function conditionText({ errorState, locked, cluster }: Status): string {
  if (errorState !== '') return `STOPPED: ${printable(errorState)}`;
  return `running and ${locked ? 'LOCKED' : 'unlocked'}${clusterText(cluster)}`;
}

function clusterText(cluster: Status['cluster']): string {
  if (cluster === 'member') return '';
  return cluster === 'catching-up'
    ? ', and CATCHES UP with its cluster'
    : `, and NO MEMBER of its cluster: ${cluster}`;
}

function poolText({ keysReady, keyPoolSize, readyPercent, keysUnissued, ...rate }: Status): string {
  const waiting = keysUnissued - keysReady;
  const more = waiting > 0 ? `; ${waiting} generated, waiting for a backup or another KMA` : '';
  const { keysTakenPerHour, poolLastsHours: hours } = rate;
  const lasts = hours === null ? '' : `; ${keysTakenPerHour} taken an hour: enough for ${hoursText(hours)}`;
  return `${keysReady} of ${keyPoolSize} keys Ready (${readyPercent} %)${more}${lasts}`;
}

function backupText({ lastBackupAt, coreSecurityBackup }: Status): string {
  const last = lastBackupAt === '' ? 'no database backup' : `last database backup ${dateText(lastBackupAt)}`;
  return `${last}; ${coreSecurityBackup ? 'core security backup taken' : 'NO core security backup'}`;
}

function agentText({ agents, agentsEnrolled, agentsWithLegacyProof }: Status): string {
  if (agents === 0) return 'none';
  return `${countText(agents, 'agent')}, ${agentsEnrolled} enrolled, ${agentsWithLegacyProof} of them with the legacy proof`;
}

function clockLines({ clockOffsetSeconds: by }: Status): string[] {
  if (by === 0) return [];
  return [`  Time       adjusted by hand: ${Math.abs(by)} s ${by > 0 ? 'ahead of' : 'behind'} the machine`];
}

/** In the column of the other titles. */
function partTitle(part: string): string {
  const title = headingTexts(part).join(' ');
  return `${title.slice(0, 1).toUpperCase()}${title.slice(1)}`.padEnd(10);
}

/** One alone reads what it writes. */
function versionLines({ replicationVersion, replicationVersions }: Status): string[] {
  if (replicationVersions.length < 2) return [];
  const each = replicationVersions.map(({ kma, reads }) => `${printable(kma)} ${reads}`);
  return [
    `  Versions   what is written between KMAs has version ${replicationVersion}; read: ${each.join(', ')}`,
  ];
}

/** Operations for each commit tell how much callers share the disk: 1 is a quiet KMA, many a busy one. */
function loadText({ coreStartedAt, operations, commits }: Status): string {
  const shared = commits === 0 ? '' : `, ${(operations / commits).toFixed(1)} to a commit`;
  return `${countText(operations, 'operation')} since ${dateText(coreStartedAt)}${shared}`;
}
