/** For a shell of root that is about to become an ordinary user: where the programs lie in a folder that only its owner may enter, or in such folders, a view of the files in which everybody may. It changes no file. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isClosed = (path: string) => (statSync(path).mode & 0o001) === 0;

/** What to run before the command in "$@"; "" where everybody gets to `root` anyway. `folder`: for what that needs. */
export function openedPrograms(root: string, folder: string): string {
  const parts = root.split('/');
  const places = parts.map((_, depth) => parts.slice(0, depth + 1).join('/')).slice(1);
  const closed = places.find(isClosed);
  if (closed === undefined) return '';
  const aside = join(folder, 'programs');
  mkdirSync(aside);
  const steps = [
    `mount --bind '${root}' '${aside}'`,
    `mount -n -t tmpfs -o mode=755 programs '${closed}'`,
    `(umask 022 && mkdir -p '${root}')`,
    isClosed(root) ? eachInItself(aside, root) : `mount --bind '${aside}' '${root}'`,
    'exec "$@"',
  ];
  writeFileSync(join(folder, 'open-programs'), steps.join(' && '));
  return `set -- unshare --mount /bin/sh '${folder}/open-programs' "$@"; `;
}

/** The same folder would be as closed elsewhere: one of its own, which everybody may enter, gets all that is in it. */
function eachInItself(from: string, to: string): string {
  const one = [
    `there='${to}'/"\${here##*/}"`,
    'if [ -L "$here" ]; then cp -P "$here" "$there"; continue; fi',
    'if [ -d "$here" ]; then mkdir "$there"; else : > "$there"; fi',
    'mount --bind "$here" "$there" || exit 1',
  ];
  const every = `for here in '${from}'/* '${from}'/.[!.]*; do`;
  return `{ ${every} [ -e "$here" ] || [ -L "$here" ] || continue; ${one.join('; ')}; done; }`;
}
