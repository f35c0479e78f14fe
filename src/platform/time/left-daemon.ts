/** Ends the daemon that a KMA which was killed has left running. It ends no process but one that was started with this very configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeLeftRunDirectory } from './run-directory.ts';

const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

export const configPathIn = (home: string): string => join(home, 'chrony.conf');
export const pidPathIn = (home: string): string => join(home, 'chronyd.pid');

/** Of the part whose own directory this is. Resolves when nothing of it runs any more, and its run directory is gone. */
export async function endLeft(home: string): Promise<void> {
  await endDaemon(pidPathIn(home), configPathIn(home));
  removeLeftRunDirectory(home);
}

async function endDaemon(pidPath: string, configPath: string): Promise<void> {
  const pid = pidIn(pidPath);
  if (pid === null || !isOurs(pid, configPath)) return;
  const endMs = performance.now() + PATIENCE_MS;
  signal(pid, 'SIGTERM');
  while (isOurs(pid, configPath)) {
    if (performance.now() > endMs) signal(pid, 'SIGKILL');
    await pause(LOOK_MS);
  }
}

function pidIn(path: string): number | null {
  const pid = Number(read(path).trim());
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

/** A zombie has no command line. */
function isOurs(pid: number, configPath: string): boolean {
  return read(`/proc/${pid}/cmdline`).split('\0').includes(configPath);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
