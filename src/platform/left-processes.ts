/** Ends the daemons that a KMA which was killed with all its processes has left running: those whose command line names a file of its platform directory. It ends nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/** Resolves when there are none any more, or some that nobody can end: what waits for it is to go on. `directory` is an absolute path. */
export async function endLeftProcesses(directory: string, patienceMs = PATIENCE_MS): Promise<void> {
  const killAtMs = performance.now() + patienceMs;
  for (const pid of processesOf(directory)) signal(pid, 'SIGTERM');
  for (let left = processesOf(directory); left.length > 0; left = processesOf(directory)) {
    const lateMs = performance.now() - killAtMs;
    if (lateMs > patienceMs) return;
    if (lateMs > 0) for (const pid of left) signal(pid, 'SIGKILL');
    await pause(LOOK_MS);
  }
}

function processesOf(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => argumentsOf(name).some((argument) => argument.startsWith(`${directory}/`)))
    .map(Number);
}

/** None of a process that has just ended, or is another user's business. */
function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
