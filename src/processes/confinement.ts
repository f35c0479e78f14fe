/** What the children may do by Node's permission model: files only where listed, no processes, workers or add-ons. It does not bind SQLite. */
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a front may read: the program, so that a front that was taken over finds no data directory. */
export const CODE: readonly string[] = [
  `${ROOT}package.json`,
  ...['src', 'protocol', 'node_modules'].map((folder) => `${ROOT}${folder}/*`),
];

/** Options for node; a path may end in `*`. */
export function confined(readable: readonly string[], writable: readonly string[]): string[] {
  return [
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...writable.map((path) => `--allow-fs-write=${path}`),
  ];
}
