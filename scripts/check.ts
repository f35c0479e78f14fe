/** Checks the types of everything: what runs on Node, and the pages of the web Manager, which know a browser instead. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeManagerTypes } from './manager-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = 'node_modules/typescript/bin/tsc';

await makeManagerTypes();
for (const project of ['.', 'manager']) {
  const { status } = spawnSync(process.execPath, [compiler, '--noEmit', '-p', project], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
