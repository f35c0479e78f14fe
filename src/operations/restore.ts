/** Restoring over the network (product reference 2.1(c)): a temporary Security Officer sends the files of a backup to a KMA that is empty, and a quorum of the backup's own key split opens them. What was temporary is gone afterwards. */
import { z } from 'zod';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { RestoredKma, RestoreFile } from './contexts.ts';
import { sha256 } from './fields.ts';
import { operation } from './operation.ts';
import { success, warning } from './success.ts';

const PARTS = ['backup', 'key', 'core-security'] as const;
/** Of one request, whose body has 256 KiB at most. */
const PIECE_BYTES_MAX = 128 * 1024;
const BASE64_MAX = Math.ceil(PIECE_BYTES_MAX / 3) * 4;

/** Of any restore: nothing in the files can tell of it. */
export const NOT_DESTROYED_TEXT =
  'Keys that were destroyed after the backup was made are not destroyed in what was restored: destroy them again.';

const officer = { callers: ['SECURITY_OFFICER'], needsUnlocked: false } as const;

/** What agents use, or other KMAs know, is not to be replaced. */
function isInUse(state: StateView): Refusal | null {
  const used = [
    state.page('agent', '', 1),
    state.page('data_unit', '', 1),
    state.page('kma', '', 2).slice(1),
  ];
  return used.some((rows) => rows.length > 0)
    ? refuse('RESTORE_TARGET_NOT_EMPTY', 'this KMA has agents, data units or other KMAs')
    : null;
}

export const sendRestoreFile = operation({
  ...officer,
  quorum: false,
  changes: false,
  name: 'SendRestoreFile',
  summary: 'Sends a piece of a file to restore from to an empty KMA; "okm restore" sends them all.',
  audit: { class: 'Backup', retention: 'medium' },
  recordedOnceAMinute: true,
  answerNotKept: true,
  http: { method: 'POST', path: '/v1/restore/files/{part}' },
  input: z.strictObject({
    part: z.enum(PARTS).meta({ description: 'which of the three files' }),
    offset: z.int().min(0).meta({ description: 'first byte; what was there after it is forgotten' }),
    bytes: z
      .base64()
      .min(4)
      .max(BASE64_MAX)
      .meta({ description: `base64, at most ${PIECE_BYTES_MAX} bytes` }),
  }),
  output: z.strictObject({ bytes: z.int() }),
  command: {
    words: ['restore-files', 'send'],
    arguments: ['part'],
    example: 'kma restore-files send key --offset 0 --bytes AAAA --user temporary',
  },
  prepare: async ({ part, offset, bytes }, { state, restore }) =>
    isInUse(state) ?? (await restore.write(part, offset, Buffer.from(bytes, 'base64'))),
  decide: ({ part }, _context, bytes: number) => ({
    facts: [],
    output: { bytes },
    audit: success(`part=${part}`),
  }),
});

export const showRestoreFiles = operation({
  ...officer,
  quorum: false,
  changes: false,
  name: 'ShowRestoreFiles',
  summary: 'Shows what is there of the files to restore from, and whether this KMA can take a backup at all.',
  audit: { class: 'Management', retention: 'short' },
  http: { method: 'GET', path: '/v1/restore/files' },
  input: z.strictObject({}),
  output: z.strictObject({
    files: z.array(z.strictObject({ part: z.enum(PARTS), bytes: z.int(), sha256: z.string() })),
    /** Why nothing can be restored into it; "" where it is empty. */
    obstacle: z.string(),
  }),
  command: { words: ['restore-files', 'show'], example: 'kma restore-files show --user temporary' },
  prepare: async (_input, { restore }) => restore.files(),
  decide: (_input, { state }, files: readonly RestoreFile[]) => ({
    facts: [],
    output: { files: [...files], obstacle: isInUse(state)?.detail ?? '' },
  }),
});

export const restoreFromFiles = operation({
  ...officer,
  quorum: 'of files',
  changes: true,
  name: 'RestoreFromFiles',
  summary:
    'Restores an empty KMA from the files that were sent, with a quorum of the key split in the core security backup; the KMA starts anew as the restored one.',
  job: true,
  whileGivingWay: true,
  audit: { class: 'Backup', retention: 'long' },
  http: { method: 'POST', path: '/v1/restore' },
  input: z.strictObject({
    backupSha256: sha256('SHA-256 of the backup file'),
    keySha256: sha256('SHA-256 of the backup key file'),
    coreSecuritySha256: sha256('SHA-256 of the core security backup'),
  }),
  output: z.strictObject({
    kmaName: z.string(),
    backupId: z.string(),
    stateHash: z.string(),
    /** Of the root CA that the KMA has from now on. */
    caKeySha256: z.string(),
  }),
  command: {
    words: ['restore-files', 'restore'],
    example:
      'kma restore-files restore --backup-sha256 HASH --key-sha256 HASH --core-security-sha256 HASH --user temporary --quorum-file quorum.txt',
  },
  async prepare({ backupSha256, keySha256, coreSecuritySha256 }, { state, restore, filesCredentials }) {
    const wanted = { backup: backupSha256, key: keySha256, 'core-security': coreSecuritySha256 };
    return isInUse(state) ?? restore.run(wanted, filesCredentials);
  },
  decide(_input, { state }, { kmaName, backupId, stateHashRestored, caKeySha256 }: RestoredKma) {
    const inUse = isInUse(state);
    if (inUse !== null) return inUse;
    return {
      facts: [],
      output: { kmaName, backupId, stateHash: stateHashRestored, caKeySha256 },
      audit: warning('Restored', `backup=${backupId} kma=${kmaName}`),
      effects: [{ effect: 'restored' }],
    };
  },
});

export const restoreOperations = [sendRestoreFile, showRestoreFiles, restoreFromFiles];
