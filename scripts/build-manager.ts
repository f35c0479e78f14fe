/** Builds the pages of the web Manager into manager/dist, once for each state of what they are made of. It changes nothing else. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MARK = join(root, 'manager/dist/.built');
const MADE_OF = [
  'manager/{src,public}/**',
  'manager/*.{html,json,ts}',
  'docs/openapi.json',
  'package-lock.json',
];

/** Whether they are there, as of now. */
export function buildManager(): boolean {
  const wanted = state();
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === wanted) return true;
  process.stderr.write('openkma: building the pages of the web Manager (once, some seconds) ...\n');
  const vite = ['node_modules/vite/bin/vite.js', 'build', 'manager', '--config', 'manager/vite.config.ts'];
  const { status } = spawnSync(process.execPath, [...vite, '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    process.stderr.write('openkma: the pages could not be built; see the lines above\n');
    return false;
  }
  writeFileSync(MARK, wanted);
  return true;
}

function state(): string {
  const hash = createHash('sha256');
  for (const name of MADE_OF.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()) {
    const path = join(root, name);
    if (statSync(path).isFile()) hash.update(name).update('\0').update(readFileSync(path));
  }
  return hash.digest('hex');
}
