/** Runs all checks in order, each as its own process, and stops at the first that fails: types, lint and format, unit and property tests with coverage of core/, whole services. The published description of the management port is looked at by a linter that is not ours. What is needed of Debian is installed first. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildManager } from './build-manager.ts';
import { haveTestPrograms, TEST_PATH } from './test-programs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = process.execPath;
const unit = ['src', 'protocol', 'agent', 'manager', 'sim'].flatMap((folder) =>
  globSync(`${folder}/**/*.test.ts`, { cwd: root }),
);
const whole = globSync('test/**/*.test.ts', { cwd: root });
const coreCoverage = [
  '--experimental-test-coverage',
  '--test-coverage-include=src/core/**',
  '--test-coverage-exclude=**/*.test.ts',
  '--test-coverage-exclude=src/core/**/*.contract.ts',
  '--test-coverage-exclude=src/core/**/*.fixture.ts',
  '--test-coverage-lines=95',
  '--test-coverage-branches=95',
];

/** The linter asks nobody on the network. */
const env = {
  ...process.env,
  PATH: TEST_PATH,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
};

/** Of a test, and of a file together: what hangs fails, instead of holding the run for ever. The slowest take a third of it. */
const bounded = ['--test', `--test-timeout=${15 * 60_000}`];

const steps: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['scripts/check.ts']],
  ['lint and format', ['scripts/biome.ts', 'check', '.']],
  [
    'description of the management port',
    ['node_modules/@redocly/cli/bin/cli.js', 'lint', 'docs/openapi.json'],
  ],
  [
    'core, with its coverage',
    [...bounded, ...coreCoverage, ...unit.filter((file) => file.startsWith('src/core/'))],
  ],
  [
    'units and properties',
    [...bounded, '--test-concurrency=2', ...unit.filter((file) => !file.startsWith('src/core/'))],
  ],
  ['whole services', [...bounded, '--test-concurrency=2', ...whole]],
];

if (!haveTestPrograms()) process.exit(1);
if (!buildManager()) process.exit(1);
for (const [name, argv] of steps) {
  process.stderr.write(`\n== ${name}\n`);
  const { status } = spawnSync(node, argv, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) {
    process.stderr.write(`\n${name}: failed\n`);
    process.exit(status ?? 1);
  }
}
