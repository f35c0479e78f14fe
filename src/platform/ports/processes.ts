/** Which sockets which processes have, and which of these are a KMA's own, from Linux' /proc. It signals none, and what it may not look at counts as nothing. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { SocketHolder } from '../../ports.ts';

/** How the processes of one KMA are known: children of one process, each with its name and this word behind its program. */
export interface Family {
  readonly parent: number;
  readonly instance: string;
}

/** Who has each of these sockets, by inode. What a process of the KMA has started is its own too. */
export function holdersOf(
  inodes: ReadonlySet<string>,
  family: Family,
): ReadonlyMap<string, readonly SocketHolder[]> {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]));
  const names = new Map<number, string>();
  for (const [pid, parent] of parents) {
    const name = parent === family.parent ? nameInFamily(pid, family) : null;
    if (name !== null) names.set(pid, name);
  }
  const found = new Map<string, SocketHolder[]>();
  for (const pid of parents.keys())
    for (const inode of new Set(socketsOf(pid).filter((one) => inodes.has(one)))) {
      const own = names.has(pid) || startedBy(pid, names, parents);
      const holder = { name: names.get(pid) ?? programOf(pid), pid, own };
      found.set(inode, [...(found.get(inode) ?? []), holder]);
    }
  return found;
}

function startedBy(
  pid: number,
  names: ReadonlyMap<number, string>,
  parents: ReadonlyMap<number, number>,
): boolean {
  const seen = new Set<number>();
  for (let at = parents.get(pid) ?? 0; at > 1 && !seen.has(at); at = parents.get(at) ?? 0) {
    if (names.has(at)) return true;
    seen.add(at);
  }
  return false;
}

function nameInFamily(pid: number, { instance }: Family): string | null {
  const argv = read(`/proc/${pid}/cmdline`).split('\0');
  const entry = argv.findIndex((argument) => /\/processes\/[a-z-]+\/main\.ts$/.test(argument));
  return entry >= 0 && argv[entry + 2] === instance ? (argv[entry + 1] ?? null) : null;
}

/** The file's name alone: arguments may hold what others must not see. A daemon may have written something else over them. What a part of the platform runs has the part's name. */
function programOf(pid: number): string {
  const argv = read(`/proc/${pid}/cmdline`).split(/[\0 ]/);
  const part = argv.map((argument) => /\/src\/platform\/([a-z-]+)\/main\.ts$/.exec(argument)?.[1]);
  const program = basename(argv[0] ?? '').replace(/:$/, '');
  return part.find((name) => name !== undefined) ?? (program || 'a program');
}

/** The fourth field; the second is a name in brackets that may hold anything. */
function parentOf(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function pids(): readonly number[] {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function socketsOf(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  return entries(directory).flatMap((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`${directory}/${fd}`))?.[1];
    return inode === undefined ? [] : [inode];
  });
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
