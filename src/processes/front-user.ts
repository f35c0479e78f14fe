/** The user that fronts become when the KMA is started as root, found by name in /etc/passwd. It creates no user. */
import { readFileSync } from 'node:fs';
import { OpenKmaError } from '../errors.ts';
import type { FrontUser } from './messages.ts';

/** The package's own user first; the last resort exists on every Linux. */
const DEFAULT_NAMES = ['openkma-front', 'nobody'];

/** Null where there is no root to give up. */
export function resolveFrontUser(name: string | undefined, passwdPath = '/etc/passwd'): FrontUser | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync(passwdPath, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of name === undefined ? DEFAULT_NAMES : [name]) {
    const found = users.find(([user]) => user === wanted);
    const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
    if (found !== undefined && uid > 0 && gid > 0) return { uid, gid };
  }
  throw new OpenKmaError('USAGE', `no user ${name ?? DEFAULT_NAMES.join(' or ')} for the fronts`);
}
