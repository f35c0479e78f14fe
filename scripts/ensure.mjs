// Installs the pinned dependencies (and with them the pinned Node.js) when they are missing or out of date; never runs install scripts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const mark = `${root}node_modules/.ensured`;
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

const installed = () =>
  existsSync(`${root}node_modules/.bin/node`) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted;

if (!installed()) {
  process.stderr.write('openkma: installing the pinned dependencies (once, some seconds) ...\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) {
    process.stderr.write(
      'openkma: "npm ci" failed; see the lines above. The npm registry must be reachable once.\n',
    );
    process.exit(1);
  }
  writeFileSync(mark, wanted);
}
