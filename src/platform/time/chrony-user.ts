/** The user that chronyd runs as, and what this process may do itself. It creates no user. */
import { readFileSync } from 'node:fs';

/** As distributions name it; the last resort exists on every Linux. */
const NAMES = ['_chrony', 'chrony', 'nobody'];

export interface ChronyUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Of root one that gives its rights up, of others who they are; null where nobody of /etc/passwd fits. */
export function findChronyUser(uid = ownUid(), passwdPath = '/etc/passwd'): ChronyUser | null {
  const users = readFileSync(passwdPath, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found =
    uid === 0
      ? NAMES.map((name) => users.find(([user]) => user === name)).find((user) => user !== undefined)
      : users.find(([, , number]) => number === String(uid));
  if (found === undefined) return null;
  const [name = '', , number, group] = found;
  return { name, uid: Number(number), gid: Number(group) };
}

/** It is named also where nothing changes: it would else want its socket to belong to the user of its package. */
export function userArguments({ name }: ChronyUser, uid = ownUid()): string[] {
  return uid === 0 ? ['-u', name] : ['-U', '-u', name];
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

/** Whether this process could set the clock of the machine: CAP_SYS_TIME. */
export function maySetClock(statusPath = '/proc/self/status'): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(statusPath, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_TIME) & 1n) === 1n;
}
const CAP_SYS_TIME = 25n;
