/** Which program listens on a TCP port, from Linux' /proc, for the message about a taken port. It finds nothing elsewhere and changes nothing. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** State "listen" in /proc/net/tcp. */
const LISTEN = '0A';

/** "node (process 123)", or null where the holder cannot be seen. */
export function portHolder(port: number): string | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersOf(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name)))
    if (entries(`/proc/${pid}/fd`).some((fd) => inodes.has(socketOf(`/proc/${pid}/fd/${fd}`))))
      return `${programOf(pid)} (process ${pid})`;
  return null;
}

/** The file's name alone: arguments may hold what others must not see, and `comm` is the name of a thread. */
function programOf(pid: string): string {
  const [program = ''] = read(`/proc/${pid}/cmdline`).split('\0');
  return basename(program) || 'a program';
}

/** Lines: number, local address:port in hex, remote, state, queues, timer, retransmits, user, timeout, inode. */
function listenersOf(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${wanted}`) === true)
    .map((columns) => columns[9] ?? '');
}

function socketOf(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? '-';
  } catch {
    return '-';
  }
}

function entries(path: string): string[] {
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
