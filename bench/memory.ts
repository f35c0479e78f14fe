/** Memory of processes as the kernel shares it out (PSS), so that pages they have in common count once. */
import { readFileSync } from 'node:fs';

export function pssMegabytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024;
}
