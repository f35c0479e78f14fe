/** Runs Biome, whose program comes as a package for each processor; the package that would choose it needs more of them than we use. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(
  new URL(`../node_modules/@biomejs/cli-linux-${process.arch}/biome`, import.meta.url),
);
const { status, error } = spawnSync(program, process.argv.slice(2), { stdio: 'inherit' });
if (error !== undefined) process.stderr.write(`${error.message}\n`);
process.exit(status ?? 1);
