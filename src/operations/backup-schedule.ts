/** How often a database backup is to be made: shown, changed, kept at the appliance itself, and recorded when it is late. The backups are those of backups.ts. */
import { z } from 'zod';
import { backupSchedule, isBackupDue, isBackupOverdue, lastBackupAtMs } from '../core/backup-schedule.ts';
import { refuse } from '../core/refusal.ts';
import { readSetting, SETTINGS, settingFact } from '../core/settings.ts';
import { confirmBackupDownloaded, createDatabaseBackup, madeBackup } from './backups.ts';
import { dateText } from './fields.ts';
import { operation } from './operation.ts';
import { type Entity, rowVersion } from './row-version.ts';
import { success, warning } from './success.ts';

const { minimum, maximum } = SETTINGS.backupEveryHours;

const entity: Entity<unknown> = {
  version: (state) => rowVersion(state.get('setting', 'backupEveryHours')),
};

export const showBackupSchedule = operation({
  name: 'ShowBackupSchedule',
  summary: 'Shows how often a database backup is to be made, and when the next one is due.',
  callers: ['SECURITY_OFFICER', 'COMPLIANCE_OFFICER', 'OPERATOR', 'BACKUP_OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  entity,
  input: z.strictObject({}),
  output: z.strictObject({
    /** 0: there is no schedule. */
    everyHours: z.int(),
    lastBackupAt: z.string(),
    dueAt: z.string(),
    overdue: z.boolean(),
  }),
  command: { words: ['backup-schedule', 'show'], example: 'kma backup-schedule show --user backup-operator' },
  http: { method: 'GET', path: '/v1/backup-schedule' },
  view(_input, { state, nowMs }) {
    const schedule = backupSchedule(state);
    return {
      everyHours: schedule.everyHours,
      lastBackupAt: dateText(lastBackupAtMs(state)),
      dueAt: schedule.dueAtMs === null ? '' : dateText(Math.max(schedule.dueAtMs, 1)),
      overdue: isBackupOverdue(schedule, nowMs),
    };
  },
});

export const modifyBackupSchedule = operation({
  name: 'ModifyBackupSchedule',
  summary:
    'Sets how often a database backup is to be made: the KMA warns of one that is late, and makes it itself where "kma serve --backup-directory DIR" says into which directory.',
  callers: ['BACKUP_OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Backup Operator', retention: 'medium' },
  entity,
  input: z.strictObject({
    everyHours: z
      .int()
      .min(minimum)
      .max(maximum)
      .meta({ description: 'hours, at most a year; 0: no schedule' }),
  }),
  output: z.null(),
  command: {
    words: ['backup-schedule', 'modify'],
    example: 'kma backup-schedule modify --every-hours 24 --user backup-operator',
  },
  http: { method: 'PATCH', path: '/v1/backup-schedule' },
  decide: ({ everyHours }, { state }) => ({
    facts: [settingFact('backupEveryHours', everyHours)],
    output: null,
    audit: success(`everyHours=${everyHours} before=${readSetting(state, 'backupEveryHours')}`),
  }),
});

/** As people call it, without its place on the management port. */
function withoutRoute<T extends { readonly http?: unknown }>({ http: _, ...operation }: T): Omit<T, 'http'> {
  return operation;
}

/** Who may open the data directory's socket may keep the schedule, and make no other backups than those. */
export const createScheduledBackup = operation({
  ...withoutRoute(createDatabaseBackup),
  name: 'CreateScheduledBackup',
  summary: 'Makes the database backup that is due; "kma serve --backup-directory DIR" makes and fetches it.',
  callers: 'local',
  command: { words: ['scheduled-backup', 'create'], example: 'kma scheduled-backup create' },
  prepare: async (_input, context) =>
    isBackupDue(backupSchedule(context.state), context.nowMs)
      ? madeBackup(context, true)
      : refuse('BACKUP_NOT_DUE'),
});

export const confirmScheduledBackup = operation({
  ...withoutRoute(confirmBackupDownloaded),
  name: 'ConfirmScheduledBackup',
  callers: 'local',
  command: {
    words: ['scheduled-backup', 'confirm'],
    arguments: ['backupId'],
    example: 'kma scheduled-backup confirm ID --file-sha256 HASH --key-file-sha256 HASH',
  },
  /** Those that people make are theirs to confirm; that one was confirmed already, or was made before a restart, is the same here. */
  async prepare({ backupId }, context) {
    return context.isScheduledBackup(backupId) ? undefined : refuse('BACKUP_NOT_STAGED', backupId);
  },
});

export const noteOverdueBackup = operation({
  name: 'NoteOverdueBackup',
  summary: 'Records that a scheduled database backup is late.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Backup', retention: 'medium' },
  input: z.strictObject({}),
  output: z.null(),
  decide(_input, { state }) {
    const last = lastBackupAtMs(state);
    return {
      facts: [],
      output: null,
      audit: warning(
        'Backup is overdue',
        `everyHours=${readSetting(state, 'backupEveryHours')} last=${last === null ? 'none' : dateText(last)} mend="kma backup --to DIR"`,
      ),
    };
  },
});

export const backupScheduleOperations = [
  showBackupSchedule,
  modifyBackupSchedule,
  createScheduledBackup,
  confirmScheduledBackup,
  noteOverdueBackup,
];
