/** The processes of a KMA that is served, by the program each runs: supervisor, core, reader, replicator, fronts. It measures nothing. */
import { readFileSync } from 'node:fs';
import type { ServedKma } from '../test/support/served-kma.ts';

export function processesOf(served: ServedKma): ReadonlyMap<string, number> {
  const named = served.children().map((pid) => [processName(pid), pid] as const);
  const seen = new Map<string, number>([['supervisor', served.pid]]);
  for (const [name, pid] of named) seen.set(seen.has(name) ? `${name} ${seen.size - 2}` : name, pid);
  return seen;
}

function processName(pid: number): string {
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return /\/processes\/([\w-]+)\/main\.ts/.exec(line)?.[1] ?? String(pid);
}
