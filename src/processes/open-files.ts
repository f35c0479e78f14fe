/** How many files this process and its children may open (`ulimit -n`). It changes nothing: Node has raised the soft limit to the hard one at its start. */
import { readFileSync } from 'node:fs';

/** What Linux gives where nothing was configured. */
const USUAL = 1_024;
const UNLIMITED = 2 ** 20;

export function openFilesLimit(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  if (soft === undefined) return USUAL;
  return soft === 'unlimited' ? UNLIMITED : Math.min(Number(soft), UNLIMITED);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
