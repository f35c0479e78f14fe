/** The user that chronyd becomes when it was started as root, and what this process may do itself. It creates no user. */
import { readFileSync } from 'node:fs';

/** As distributions name it; the last resort exists on every Linux. */
const NAMES = ['_chrony', 'chrony', 'nobody'];

export interface ChronyUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Null where there is no root to give up. */
export function findChronyUser(passwdPath = '/etc/passwd'): ChronyUser | null {
  if (process.geteuid?.() !== 0) return null;
  const users = readFileSync(passwdPath, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = NAMES.map((name) => users.find(([user]) => user === name)).find((user) => user !== undefined);
  if (found === undefined) throw new Error(`no user ${NAMES.join(', ')} in ${passwdPath}`);
  const [name = '', , uid, gid] = found;
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** Who it becomes; started otherwise than as root it stays who it is, and cannot set the clock. */
export function userArguments(user: ChronyUser | null): string[] {
  return user === null ? ['-U'] : ['-u', user.name];
}

/** Whether this process could set the clock of the machine: CAP_SYS_TIME. */
export function maySetClock(statusPath = '/proc/self/status'): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(statusPath, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_TIME) & 1n) === 1n;
}
const CAP_SYS_TIME = 25n;
