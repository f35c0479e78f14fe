/** Files that only their owner may read, replaced as a whole or not at all; it never loosens a permission. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentError } from './errors.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const OTHERS = 0o077;
const FILE_BYTES_MAX = 1_048_576;

export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
}

/** Written beside, flushed, then renamed into place: a reader sees the old or the new whole. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(beside, 'wx', FILE_MODE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await flushDirectory(dirname(path));
}

/** Puts `staged` in the place of `directory`; what was there is removed afterwards. */
export async function replaceDirectory(staged: string, directory: string): Promise<void> {
  const aside = join(dirname(directory), `.old-${randomBytes(6).toString('hex')}`);
  const existed = await exists(directory);
  if (existed) await rename(directory, aside);
  await rename(staged, directory);
  await flushDirectory(dirname(directory));
  if (existed) await rm(aside, { recursive: true });
}

export async function readPrivateFile(path: string): Promise<string> {
  await requirePrivate(path, FILE_MODE);
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) throw new AgentError('failure', `${path} is too large for what it should hold`);
  return await readFile(path, 'utf8');
}

export async function requirePrivateDirectory(path: string): Promise<void> {
  await requirePrivate(path, DIRECTORY_MODE);
}

export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function requirePrivate(path: string, wanted: number): Promise<void> {
  const { mode, uid } = await stat(path);
  if ((mode & OTHERS) !== 0)
    throw new AgentError(
      'denied',
      `others may use ${path}; mend it with: chmod ${wanted.toString(8)} '${path}'`,
    );
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && own !== 0)
    throw new AgentError('denied', `${path} belongs to another user`);
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** For other clients that keep a private key beside them. */
export const privateFiles = { exists, read: readPrivateFile, write: writePrivateFile } as const;
