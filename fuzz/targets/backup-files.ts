/** The three files of a backup, real ones changed: each is refused or is what was written, with nothing in between. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptFile, encryptFile, hashFile, makeBackupKey } from '../../src/backup/backup-file.ts';
import {
  openBackupIdentity,
  readBackupKeyFile,
  writeBackupKeyFile,
} from '../../src/backup/backup-key-file.ts';
import {
  readCoreSecurityFile,
  sealText,
  writeCoreSecurityFile,
} from '../../src/backup/core-security-file.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { createKeySplit, openKeySplit, splitInfo } from '../../src/security/key-split.ts';
import { SealError } from '../../src/security/sealing.ts';
import { SecretBytes } from '../../src/security/secret-bytes.ts';
import { mutateJson } from '../mutate.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const KINDS = ['core security', 'backup key', 'backup', 'key split'] as const;
/** The least work of Argon2id, for the files of this target only. */
const CHEAP = { memoryKib: 8, passes: 1, lanes: 1 };
const TIMES = '2026-11-23T07:30:00.000Z';
const ID = 'AB'.repeat(16);

interface Sound {
  readonly files: readonly Buffer[];
  readonly root: SecretBytes;
  readonly identity: string;
  readonly plain: Buffer;
  readonly folder: string;
}

async function makeSound(): Promise<Sound> {
  const folder = mkdtempSync(join(tmpdir(), 'backup-files-'));
  const plain = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(70_000, 7)]);
  writeFileSync(join(folder, 'plain'), plain);
  const { identity, recipient } = await makeBackupKey();
  const written = await encryptFile(join(folder, 'plain'), join(folder, 'sound'), recipient);
  const root = new SecretBytes(randomBytes(32));
  const keySplit = await createKeySplit(
    {
      threshold: 2,
      credentials: ['a', 'b', 'c'].map((name) => ({
        name,
        passphrase: SecretBytes.fromText(`passphrase ${name}`),
      })),
      rootKeyMaterial: root,
      rootEpochId: ID,
      splitId: ID,
    },
    CHEAP,
  );
  const about = { backupId: ID, kmaName: 'kma', createdAt: TIMES, rootEpochId: ID };
  const core = writeCoreSecurityFile({
    ...about,
    keySplitId: ID,
    keySplit: Buffer.from(keySplit).toString('base64'),
  });
  const key = writeBackupKeyFile(root, SecretBytes.fromText(identity), {
    ...about,
    vector: { [ID]: 5 },
    heldVector: { [ID]: 4 },
    stateHash: 'CD'.repeat(32),
    fileSha256: written.sha256,
    fileBytes: written.bytes,
  });
  const files = [
    Buffer.from(core),
    Buffer.from(key),
    readFileSync(join(folder, 'sound')),
    Buffer.from(keySplit),
  ];
  return { files, root, identity, plain, folder };
}

function coreSecurity(bytes: Uint8Array): string {
  const file = readCoreSecurityFile(Buffer.from(bytes).toString('utf8'));
  if (isRefusal(file)) return `core security ${file.refused}`;
  return `core security read, split ${splitInfo(Buffer.from(file.keySplit, 'base64')) === null ? 'damaged' : 'sound'}`;
}

/** A key file opens only as it was written: all that is said in it is bound to the sealed identity. */
function backupKey(bytes: Uint8Array, { root, identity, files }: Sound): string {
  const file = readBackupKeyFile(Buffer.from(bytes).toString('utf8'));
  if (isRefusal(file)) return `backup key ${file.refused}`;
  try {
    const opened = openBackupIdentity(root, file).reveal().toString('utf8');
    promise(opened === identity, 'a backup key file opened to something else');
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return 'backup key does not open';
  }
  const { sealedIdentity: _, ...said } = file;
  const sound = readBackupKeyFile(files[1]?.toString() ?? '');
  promise(!isRefusal(sound), 'the sound file does not read');
  const { sealedIdentity: __, ...written } = sound;
  promise(
    JSON.stringify(sorted(said)) === JSON.stringify(sorted(written)),
    'a changed backup key file opened',
  );
  return 'backup key opened';
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}

async function backup(bytes: Uint8Array, { identity, plain, folder }: Sound): Promise<string> {
  const [from, to] = [join(folder, 'changed'), join(folder, 'decrypted')];
  writeFileSync(from, bytes);
  rmSync(to, { force: true });
  promise((await hashFile(from)).bytes === bytes.length, 'a file was not read to its end');
  try {
    await decryptFile(from, to, identity);
  } catch (error) {
    promise(error instanceof Error, 'what was thrown is no error');
    promise(
      !(error instanceof TypeError) && !(error instanceof RangeError),
      `${error.name} instead of a refusal: ${error.message}`,
    );
    return `backup refused: ${error.message.split(' ').slice(0, 2).join(' ').slice(0, 40)}`;
  }
  promise(readFileSync(to).equals(plain), 'a changed backup decrypted to something else');
  return 'backup decrypted';
}

async function keySplit(bytes: Uint8Array, { root, files }: Sound): Promise<string> {
  const read = splitInfo(bytes);
  if (read === null) return 'key split damaged';
  const credentials = ['a', 'b'].map((name) => ({
    name,
    passphrase: SecretBytes.fromText(`passphrase ${name}`),
  }));
  // A split that asks for more work than the sound one is judged by its form alone.
  if (!Buffer.from(bytes).toString().includes(JSON.stringify(CHEAP).slice(1, -1)))
    return 'key split of another cost';
  const opened = await openKeySplit(bytes, credentials, CHEAP);
  if (isRefusal(opened)) return `key split ${opened.refused}`;
  promise(opened.reveal().equals(root.reveal()), 'a key split opened to something else');
  promise(files[3]?.equals(bytes) === true, 'a changed key split opened');
  return 'key split opened';
}

/** A file of JSON with a checksum gets the checksum of its new content; the backup gets a change within its length. */
function mutate(random: Random, input: Uint8Array): Uint8Array | null {
  const kind = (input[0] ?? 0) % KINDS.length;
  if (kind === 2) return null;
  const text = Buffer.from(input.subarray(1)).toString('utf8');
  const json = kind === 3 ? text : text.replace(/\nsha256 [0-9A-F]{64}\n$/, '');
  try {
    const changed: unknown = mutateJson(random, JSON.parse(json));
    const again = JSON.stringify(changed, null, kind === 3 ? 0 : 2) ?? 'null';
    return Buffer.concat([input.subarray(0, 1), Buffer.from(kind === 3 ? again : sealText(again))]);
  } catch {
    return null;
  }
}

async function openFiles(): Promise<OpenTarget> {
  const sound = await makeSound();
  return {
    generate: (random) => {
      const kind = random.below(KINDS.length);
      const file = Buffer.concat([Buffer.of(kind), sound.files[kind] ?? Buffer.alloc(0)]);
      return random.onceIn(8) ? file : (mutate(random, file) ?? flipped(random, file));
    },
    mutate,
    run: async (input) => {
      const body = input.subarray(1);
      switch (KINDS[(input[0] ?? 0) % KINDS.length]) {
        case 'core security':
          return coreSecurity(body);
        case 'backup key':
          return backupKey(body, sound);
        case 'backup':
          return backup(body, sound);
        default:
          return keySplit(body, sound);
      }
    },
    close: async () => rmSync(sound.folder, { recursive: true }),
  };
}

function flipped(random: Random, file: Buffer): Buffer {
  const at = 1 + (random.onceIn(2) ? random.below(file.length - 1) : random.below(300));
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return random.onceIn(4) ? copy.subarray(0, at) : copy;
}

export const backupFiles: FuzzTarget = {
  name: 'backup-files',
  smokeInputs: 150,
  words: [
    'age-encryption.org/v1\n',
    '-> X25519 ',
    '\n---',
    '"format":',
    '__proto__',
    '9'.repeat(30),
    '\nsha256 ',
    'AAAA',
    '=',
  ],
  steered: true,
  open: openFiles,
};
