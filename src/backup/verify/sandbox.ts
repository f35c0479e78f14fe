/** A private directory for what is decrypted only to be looked at: gone when the work is over, fails, or is ended by a signal. What a killed run left goes with the next one. It touches nothing else. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { DataDirectory } from '../../store/data-directory.ts';

const NAME = /^openkma-verify-[0-9a-f]{32}$/;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Another run may take a directory that is not locked yet for left over. */
const TRIES = 3;
/** A file may come into being while the directory is emptied. */
const REMOVALS = 3;
/** An empty directory that is older belongs to nobody: who makes one locks it at once. */
const BARREN_MS = 60_000;

/** Null where a sandbox with so many bytes can be made in the directory. */
export function scratchObstacle(scratch: string, bytes: number): Refusal | null {
  if (statSync(scratch, { throwIfNoEntry: false })?.isDirectory() !== true)
    return refuse('SCRATCH_UNUSABLE', `there is no directory ${scratch}`);
  try {
    accessSync(scratch, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return refuse('SCRATCH_UNUSABLE', `${scratch} cannot be written`);
  }
  const { bavail, bsize } = statfsSync(scratch);
  if (bavail * bsize >= bytes) return null;
  return refuse('SCRATCH_UNUSABLE', `${scratch} has ${bavail * bsize} bytes free, and ${bytes} are needed`);
}

export async function inSandbox<T>(
  scratch: string,
  say: (text: string) => void,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  removeLeftOvers(scratch, say);
  const { path, release } = makeSandbox(scratch);
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: REMOVALS });
  const end = (signal: NodeJS.Signals) => {
    remove();
    // With the handler gone the signal does what it always does.
    process.kill(process.pid, signal);
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, end);
  process.once('exit', remove);
  try {
    return await work(path);
  } finally {
    remove();
    release();
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
    process.off('exit', remove);
  }
}

/** Locked for as long as this process lives. */
function makeSandbox(scratch: string): { readonly path: string; readonly release: () => void } {
  for (let tries = 1; ; tries++) {
    const path = join(scratch, `openkma-verify-${randomBytes(16).toString('hex')}`);
    mkdirSync(path, { mode: 0o700 });
    try {
      return { path, release: DataDirectory.at(path).lock() };
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      if (tries === TRIES) throw error;
    }
  }
}

function removeLeftOvers(scratch: string, say: (text: string) => void): void {
  for (const name of readdirSync(scratch).filter((candidate) => NAME.test(candidate))) {
    const path = join(scratch, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
    try {
      if (removeUnlessAlive(path, found.mtimeMs)) say(`removed ${path}, which a killed run had left`);
    } catch {
      // The run that it belongs to may just have removed it.
      if (existsSync(path)) say(`${path} is left from a killed run and cannot be removed: remove it by hand`);
    }
  }
}

/** Whether there was something in it to remove. */
function removeUnlessAlive(path: string, changedAtMs: number): boolean {
  if (readdirSync(path).length === 0) {
    if (Date.now() - changedAtMs > BARREN_MS) rmdirSync(path);
    return false;
  }
  const release = DataDirectory.at(path).tryLock();
  if (release === null) return false;
  rmSync(path, { recursive: true, force: true });
  release();
  return true;
}
