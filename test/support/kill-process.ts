/** Ends one process of a running KMA as its owner would not. It waits for one that is just coming back: a missing process ID would mean the test's own group. */
import { until } from './until.ts';

interface Processes {
  pids(): ReadonlyMap<string, number>;
}

export async function killProcess(kma: Processes, name: string): Promise<number> {
  const pid = await until(`there is a process ${name}`, () => kma.pids().get(name));
  process.kill(pid, 'SIGKILL');
  return pid;
}
