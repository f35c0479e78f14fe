// Runs a TypeScript entry point on the pinned Node.js whatever Node.js started it; passes signals, standard streams and exit code on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import './ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs `argv` (flags of node, then an entry point below the project with its arguments) and exits as it exits. Without core dumps: commands such as "okm-agent enroll" hold keys. */
export function run(argv) {
  const entry = argv.findIndex((a) => !a.startsWith('-'));
  const args = argv.map((a, i) => (i === entry && existsSync(root + a) ? root + a : a));
  const node = [`${root}node_modules/.bin/node`, '--import', `${root}scripts/stripped-types.mjs`];
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', ...node, ...args], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) =>
    process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv.slice(2));
