/** Operations on database backups: made, fetched and read back, listed, confirmed destroyed. A backup counts for readiness only once it was read back (D4). */
import { z } from 'zod';
import { created, event } from '../core/facts.ts';
import type { RootEpochId } from '../core/ids.ts';
import { isLive, live } from '../core/live.ts';
import { hasCoreSecurityBackup, isUsableBackup } from '../core/readiness.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { readSetting } from '../core/settings.ts';
import type { StateView } from '../core/state.ts';
import type { MadeBackup, PrepareContext } from './contexts.ts';
import { nameOf } from './entities.ts';
import { comment, dateText, internalId, sha256 } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

const backupOperator = {
  callers: ['BACKUP_OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Backup', retention: 'long' },
} as const;

/** Without it nobody could ever open the backup that is about to be made. */
function lacksCoreSecurityBackup(state: StateView): boolean {
  return !hasCoreSecurityBackup(state, readSetting(state, 'currentRootEpochId'));
}

export async function madeBackup(
  { state, makeBackup }: PrepareContext,
  scheduled: boolean,
): Promise<MadeBackup | Refusal> {
  return lacksCoreSecurityBackup(state) ? refuse('NEED_CORE_SECURITY_BACKUP') : makeBackup(scheduled);
}

export const createDatabaseBackup = operation({
  ...backupOperator,
  needsUnlocked: true,
  name: 'CreateDatabaseBackup',
  http: { method: 'POST', path: '/v1/backups' },
  summary: 'Makes the pair of files of a database backup; "kma backup --to DIR" makes and fetches them.',
  job: true,
  input: z.strictObject({}),
  output: z.strictObject({
    backupId: z.string(),
    /** Where the files wait; for callers at the appliance, who can read it. */
    directory: z.string().optional(),
    fileName: z.string(),
    keyFileName: z.string(),
    fileSha256: z.string(),
    keyFileSha256: z.string(),
    fileBytes: z.number(),
    stateHash: z.string(),
  }),
  command: { words: ['backup-create'], example: 'kma backup-create --user backup-operator' },
  prepare: (_input, context) => madeBackup(context, false),
  decide(_input, { state, self, nowMs, origin }, made: MadeBackup) {
    if (lacksCoreSecurityBackup(state)) return refuse('NEED_CORE_SECURITY_BACKUP');
    const { backupId, rootEpochId, stateHash, fileSha256, fileBytes, keyFileSha256 } = made;
    return {
      facts: [
        created('backup', backupId, { kmaId: self.kmaId, createdAt: made.createdAtMs }),
        event('backup', backupId, 'completed', {
          rootEpochId: rootEpochId as RootEpochId,
          vectorJson: JSON.stringify(made.vector),
          heldVectorJson: JSON.stringify(made.heldVector),
          stateHash,
          completedAt: nowMs,
          fileBytes,
          fileSha256,
          keyFileSha256,
        }),
      ],
      output: {
        backupId,
        ...(origin.service === 'local' ? { directory: made.directory } : {}),
        fileName: made.fileName,
        keyFileName: made.keyFileName,
        fileSha256,
        keyFileSha256,
        fileBytes,
        stateHash,
      },
      audit: success(`backup=${backupId} bytes=${fileBytes} stateHash=${stateHash}`),
    };
  },
});

export const confirmBackupDownloaded = operation({
  ...backupOperator,
  name: 'ConfirmBackupDownloaded',
  http: { method: 'POST', path: '/v1/backups/{backupId}/downloaded' },
  summary: 'Confirms that both files of a backup were fetched and read back; its keys become Ready.',
  input: z.strictObject({
    backupId: internalId('backup ID'),
    fileSha256: sha256('SHA-256 of the backup file as read back'),
    keyFileSha256: sha256('SHA-256 of the backup key file as read back'),
  }),
  output: z.null(),
  command: {
    words: ['backup-confirm'],
    arguments: ['backupId'],
    example: 'kma backup-confirm ID --file-sha256 HASH --key-file-sha256 HASH --user backup-operator',
  },
  decide(input, { state, nowMs }) {
    const backup = live(state, 'backup', input.backupId);
    if (backup === undefined) return refuse('BACKUP_DOES_NOT_EXIST', input.backupId);
    if (backup.destroyedStamp !== null) return refuse('BACKUP_DESTROYED', input.backupId);
    if (backup.fileSha256 !== input.fileSha256 || backup.keyFileSha256 !== input.keyFileSha256)
      return refuse('BACKUP_FILE_INVALID', 'the files read back are not the files that were made');
    const again = backup.downloadedStamp !== null;
    return {
      facts: again ? [] : [event('backup', backup.id, 'downloaded', { downloadedAt: nowMs })],
      output: null,
      audit: success(`backup=${backup.id}`),
      effects: [
        { effect: 'discard-staged-backup', backupId: backup.id as MadeBackup['backupId'] },
        { effect: 'pool-changed' },
      ],
    };
  },
});

export const confirmBackupDestroyed = operation({
  ...backupOperator,
  name: 'ConfirmBackupDestroyed',
  http: { method: 'POST', path: '/v1/backups/{backupId}/destroyed' },
  summary: 'Confirms that every copy of a backup was destroyed. It cannot be undone.',
  input: z.strictObject({ backupId: internalId('backup ID'), comment: comment() }),
  output: z.null(),
  command: {
    words: ['backup-confirm-destroyed'],
    arguments: ['backupId'],
    example: 'kma backup-confirm-destroyed ID --comment "tape 17 shredded" --user backup-operator',
  },
  decide(input, { state, nowMs }) {
    const backup = live(state, 'backup', input.backupId);
    if (backup === undefined) return refuse('BACKUP_DOES_NOT_EXIST', input.backupId);
    if (backup.destroyedStamp !== null) return refuse('BACKUP_DESTROYED', input.backupId);
    return {
      facts: [
        event('backup', backup.id, 'destroyed', { destroyedAt: nowMs, destroyedComment: input.comment }),
      ],
      output: null,
      audit: success(`backup=${backup.id} comment=${input.comment}`),
      effects: [
        { effect: 'discard-staged-backup', backupId: backup.id as MadeBackup['backupId'] },
        { effect: 'pool-changed' },
      ],
    };
  },
});

/** Far more than are kept; of more the newest are shown. */
const BACKUPS_MAX = 10_000;

export const listBackups = listOperation({
  ...backupOperator,
  callers: ['SECURITY_OFFICER', 'COMPLIANCE_OFFICER', 'OPERATOR', 'BACKUP_OPERATOR'],
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ListBackups',
  http: { method: 'GET', path: '/v1/backups' },
  summary: 'Lists the backups, newest first.',
  row: z.strictObject({
    backupId: z.string(),
    kma: z.string(),
    createdAt: z.string(),
    completedAt: z.string(),
    downloadedAt: z.string(),
    destroyedAt: z.string(),
    usable: z.boolean(),
    fileBytes: z.number(),
    destroyedComment: z.string(),
  }),
  key: ['backupId'],
  order: 'createdAt',
  descending: true,
  command: { words: ['backup-list'], example: 'kma backup-list --user backup-operator' },
  rows: ({ state }) =>
    state
      .scan('backup', 'created', { equals: [], reverse: true, limit: BACKUPS_MAX })
      .filter(isLive)
      .map((backup) => ({
        backupId: backup.id,
        kma: nameOf(state, 'kma', backup.kmaId),
        createdAt: dateText(backup.createdAt),
        completedAt: dateText(backup.completedAt),
        downloadedAt: dateText(backup.downloadedAt),
        destroyedAt: dateText(backup.destroyedAt),
        usable: isUsableBackup(state, backup),
        fileBytes: backup.fileBytes ?? 0,
        destroyedComment: backup.destroyedComment ?? '',
      })),
});

export const backupOperations = [
  createDatabaseBackup,
  confirmBackupDownloaded,
  confirmBackupDestroyed,
  listBackups,
];
