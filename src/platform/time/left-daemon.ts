/** Ends the daemon that a KMA which was killed has left running. It ends no process but one that was started with this very configuration. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/** Resolves when there is none any more. */
export async function endLeftDaemon(pidPath: string, configPath: string): Promise<void> {
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
