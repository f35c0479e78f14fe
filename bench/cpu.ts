/** Processor time of processes, from /proc; it measures nothing else. */
import { readFileSync } from 'node:fs';

/** USER_HZ of Linux on every platform Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of these processes so far, in milliseconds; a process that is gone counts as 0. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processCpuMs(pid), 0);
}

function processCpuMs(pid: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 0;
  }
  // The command name may hold blanks and parentheses, so fields are counted after the last one: utime is the 12th, stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
