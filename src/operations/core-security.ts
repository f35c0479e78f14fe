/** Operations on core security: lock, unlock, autonomous unlocking, the key split, the core security backup. They never show a share or the root key material. */
import { z } from 'zod';
import { writeCoreSecurityFile } from '../backup/core-security-file.ts';
import { created, event } from '../core/facts.ts';
import { type BackupId, INTERNAL_ID_BYTES, idFrom, type KeySplitId } from '../core/ids.ts';
import { currentKeySplit } from '../core/key-split-standing.ts';
import { live } from '../core/live.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Row } from '../core/tables.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { machineOfficer, reading, securityOfficer } from './common-settings.ts';
import { dateText, flag, internalId, sha256 } from './fields.ts';
import { modifyKeySplit } from './modify-key-split.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

export const showLockStatus = operation({
  ...reading,
  name: 'ShowLockStatus',
  http: { method: 'GET', path: '/v1/lock' },
  summary: 'Says whether this KMA is locked.',
  input: z.strictObject({}),
  output: z.strictObject({
    kma: z.string(),
    locked: z.boolean(),
    /** Unlocked, but without root key material that was made while it was away: a quorum unlocks it once more. */
    lacksRoot: z.boolean(),
  }),
  command: { words: ['lock-status'], example: 'kma lock-status --user auditor' },
  decide: (_input, { self, unlocked, lacksRoot }) => ({
    facts: [],
    output: { kma: self.kmaName, locked: !unlocked, lacksRoot: unlocked && lacksRoot?.() === true },
  }),
});

export const lockKma = operation({
  ...machineOfficer,
  name: 'LockKma',
  http: { method: 'POST', path: '/v1/lock' },
  summary: 'Locks this KMA at once: agents get no keys until a quorum unlocks it.',
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['lock'], example: 'kma lock --user officer' },
  decide(_input, { unlocked }) {
    if (!unlocked) return refuse('CORE_SECURITY_ALREADY_LOCKED');
    return { facts: [], local: { locked: '1' }, output: null, effects: [{ effect: 'lock' }] };
  },
});

interface OpenedRoot {
  readonly rootEpochId: string;
  readonly rootKeyMaterial: SecretBytes;
}

export const unlockKma = operation({
  ...machineOfficer,
  quorum: true,
  earlierKeySplit: true,
  name: 'UnlockKma',
  http: { method: 'POST', path: '/v1/unlock' },
  summary: 'Unlocks this KMA with a quorum.',
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['unlock'], example: 'kma unlock --user officer --quorum-file quorum.txt' },
  async prepare(_input, context): Promise<OpenedRoot | Refusal> {
    const { state, rootKeyMaterial, quorumKeySplitId, unlocked, lacksRoot } = context;
    if (unlocked && lacksRoot?.() !== true) return refuse('CORE_SECURITY_ALREADY_UNLOCKED');
    if (rootKeyMaterial === null) return refuse('QUORUM_NOT_MET');
    const rootEpochId = state.get('key_split', quorumKeySplitId ?? '')?.rootEpochId;
    return rootEpochId == null ? refuse('CORE_SECURITY_NOT_FOUND') : { rootEpochId, rootKeyMaterial };
  },
  decide(_input, { unlocked, lacksRoot }, { rootEpochId, rootKeyMaterial }: OpenedRoot) {
    if (unlocked && lacksRoot?.() !== true) return refuse('CORE_SECURITY_ALREADY_UNLOCKED');
    return {
      facts: [],
      local: { locked: '0' },
      output: null,
      effects: [{ effect: 'unlock', rootEpochId, rootKeyMaterial }],
    };
  },
});

export const showAutonomousUnlock = operation({
  ...reading,
  callers: ['SECURITY_OFFICER'],
  name: 'ShowAutonomousUnlock',
  http: { method: 'GET', path: '/v1/autonomous-unlock' },
  summary: 'Says whether this KMA unlocks itself when it starts.',
  input: z.strictObject({}),
  output: z.strictObject({ autonomousUnlock: z.boolean() }),
  command: { words: ['autonomous-unlock', 'show'], example: 'kma autonomous-unlock show --user officer' },
  decide: (_input, context) => ({
    facts: [],
    output: { autonomousUnlock: context.autonomousUnlock?.() === 'on' },
  }),
});

export const setAutonomousUnlock = operation({
  ...machineOfficer,
  quorum: true,
  needsUnlocked: true,
  name: 'SetAutonomousUnlock',
  http: { method: 'PUT', path: '/v1/autonomous-unlock' },
  summary: 'Chooses whether this KMA unlocks itself when it starts.',
  input: z.strictObject({ enabled: flag('unlock without a quorum at every start') }),
  output: z.null(),
  command: {
    words: ['autonomous-unlock', 'set'],
    example: 'kma autonomous-unlock set --no-enabled --user officer --quorum-file quorum.txt',
  },
  decide({ enabled }, context) {
    if (enabled && context.autonomousUnlock?.() === 'foreign key')
      return refuse(
        'DATA_DIRECTORY_NOT_EMPTY',
        'beside the data directory lies the unlock key of another KMA',
      );
    return {
      facts: [],
      local: { autonomousUnlock: enabled ? '1' : '0' },
      output: null,
      audit: success(`enabled=${enabled}`),
      effects: [{ effect: 'set-autonomous-unlock', enabled }],
    };
  },
});

export const showKeySplit = operation({
  ...reading,
  callers: ['SECURITY_OFFICER'],
  name: 'ShowKeySplit',
  http: { method: 'GET', path: '/v1/key-split' },
  summary: 'Shows threshold, size and names of the key split credentials.',
  input: z.strictObject({}),
  output: z.strictObject({
    threshold: z.number(),
    size: z.number(),
    names: z.array(z.string()),
    createdAt: z.string(),
  }),
  command: { words: ['key-split', 'show'], example: 'kma key-split show --user officer' },
  view(_input, { state }) {
    const split = currentKeySplit(state);
    if (split === undefined) return refuse('CORE_SECURITY_NOT_FOUND');
    return {
      threshold: split.threshold ?? 0,
      size: split.size ?? 0,
      names: z.array(z.string()).parse(JSON.parse(split.namesJson ?? '[]')),
      createdAt: dateText(split.createdAt),
    };
  },
});

interface CoreSecurityBackup {
  readonly backupId: BackupId;
  readonly keySplit: Row<'key_split'>;
  readonly fileName: string;
  readonly content: string;
}

export const createCoreSecurityBackup = operation({
  ...securityOfficer,
  answerNotKept: true,
  audit: { class: 'Backup', retention: 'long' },
  name: 'CreateCoreSecurityBackup',
  http: { method: 'POST', path: '/v1/core-security-backups' },
  summary:
    'Makes the file with which a quorum opens backups; "kma core-security-backup --to DIR" fetches it.',
  input: z.strictObject({}),
  output: z.strictObject({ backupId: z.string(), fileName: z.string(), content: z.string() }),
  command: {
    words: ['core-security-backup-create'],
    example: 'kma core-security-backup-create --user officer',
  },
  async prepare(_input, { state, self, nowMs, random, security }): Promise<CoreSecurityBackup | Refusal> {
    const keySplit = currentKeySplit(state);
    if (keySplit?.objectId == null || keySplit.rootEpochId === null) return refuse('CORE_SECURITY_NOT_FOUND');
    const backupId = idFrom<BackupId>(random(INTERNAL_ID_BYTES));
    const createdAt = new Date(nowMs).toISOString();
    const content = writeCoreSecurityFile({
      backupId,
      kmaName: self.kmaName,
      createdAt,
      rootEpochId: keySplit.rootEpochId,
      keySplitId: keySplit.id,
      keySplit: Buffer.from(security.readObject(keySplit.objectId)).toString('base64'),
    });
    const timestamp = createdAt.replace(/[-:]/g, '').slice(0, 15);
    return { backupId, keySplit, fileName: `OKM-CoreSecurity-${backupId}-${timestamp}.json`, content };
  },
  decide(_input, { state, self, nowMs }, { backupId, keySplit, fileName, content }: CoreSecurityBackup) {
    if (currentKeySplit(state)?.id !== keySplit.id)
      return refuse('SERVER_BUSY', 'the key split has changed meanwhile');
    return {
      facts: [
        created('core_security_backup', backupId, {
          kmaId: self.kmaId,
          createdAt: nowMs,
          rootEpochId: keySplit.rootEpochId,
          keySplitId: keySplit.id as KeySplitId,
          fileSha256: sha256Hex(Buffer.from(content)),
        }),
      ],
      output: { backupId, fileName, content },
      audit: success(`backup=${backupId} keySplit=${keySplit.id}`),
    };
  },
});

export const confirmCoreSecurityBackupDownloaded = operation({
  ...securityOfficer,
  audit: { class: 'Backup', retention: 'long' },
  name: 'ConfirmCoreSecurityBackupDownloaded',
  http: { method: 'POST', path: '/v1/core-security-backups/{backupId}/downloaded' },
  summary: 'Confirms that a core security backup was fetched and read back.',
  input: z.strictObject({
    backupId: internalId('core security backup ID'),
    fileSha256: sha256('SHA-256 of the file as read back'),
  }),
  output: z.null(),
  command: {
    words: ['core-security-backup-confirm'],
    arguments: ['backupId'],
    example: 'kma core-security-backup-confirm ID --file-sha256 HASH --user officer',
  },
  decide(input, { state, nowMs }) {
    const backup = live(state, 'core_security_backup', input.backupId);
    if (backup === undefined) return refuse('BACKUP_DOES_NOT_EXIST', input.backupId);
    if (backup.fileSha256 !== input.fileSha256)
      return refuse('BACKUP_FILE_INVALID', 'the file read back is not the file that was made');
    const again = backup.downloadedStamp !== null;
    return {
      facts: again ? [] : [event('core_security_backup', backup.id, 'downloaded', { downloadedAt: nowMs })],
      output: null,
      audit: success(`backup=${backup.id}`),
      // Database backups that it opens count from now on, and so do the keys in them.
      effects: [{ effect: 'pool-changed' }],
    };
  },
});

export const coreSecurityOperations = [
  showLockStatus,
  lockKma,
  unlockKma,
  showAutonomousUnlock,
  setAutonomousUnlock,
  showKeySplit,
  modifyKeySplit,
  createCoreSecurityBackup,
  confirmCoreSecurityBackupDownloaded,
];
