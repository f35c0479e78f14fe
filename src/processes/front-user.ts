/** The users that processes become which hear strangers when the KMA is started as root, found by name in /etc/passwd. It creates no user. */
import { readFileSync } from 'node:fs';
import { OpenKmaError } from '../errors.ts';
import type { FrontUser } from './messages.ts';

/** The package's own user first; the last resort exists on every Linux. */
const DEFAULT_NAMES = ['openkma-front', 'nobody'];
const AGENT_NAMES = ['openkma-snmp', 'daemon'];
/** Of nobody, where there is no such user. */
const NOBODYS = { uid: 65_533, gid: 65_533 };

/** Null where there is no root to give up. */
export function resolveFrontUser(name: string | undefined, passwdPath = '/etc/passwd'): FrontUser | null {
  if (process.getuid?.() !== 0) return null;
  const [found] = usersOf(name === undefined ? DEFAULT_NAMES : [name], passwdPath);
  if (found !== undefined) return found;
  throw new OpenKmaError('USAGE', `no user ${name ?? DEFAULT_NAMES.join(' or ')} for the fronts`);
}

/** Of the SNMP agent: neither the fronts' user nor of their group, whom the sockets of the core are open to. */
export function resolveAgentUser(front: FrontUser | null, passwdPath = '/etc/passwd'): FrontUser | null {
  if (front === null) return null;
  const others = usersOf(AGENT_NAMES, passwdPath).filter(
    ({ uid, gid }) => uid !== front.uid && gid !== front.gid,
  );
  return others[0] ?? NOBODYS;
}

/** Those that there are, without root's rights, in the order in which they are wanted. */
function usersOf(names: readonly string[], passwdPath: string): readonly FrontUser[] {
  const lines = readFileSync(passwdPath, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return names.flatMap((wanted) => {
    const found = lines.find(([user]) => user === wanted);
    const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
    return found !== undefined && uid > 0 && gid > 0 ? [{ uid, gid }] : [];
  });
}
