/** Where the build of the web Manager puts its pages, and whether they are there. It builds nothing. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../manager/dist', import.meta.url));

/** Undefined where nothing is built: a KMA then has no web Manager, and its port is closed. */
export function builtPages(): string | undefined {
  return existsSync(`${DIRECTORY}/index.html`) ? DIRECTORY : undefined;
}
