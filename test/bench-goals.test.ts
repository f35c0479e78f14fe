/** How a benchmark ends: goals of speed are told and no more, what is wrong on any machine is a failure. It measures nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const FIGURES = new URL('../bench/figures.ts', import.meta.url).href;

/** With goals as they are written. */
function run(goals: string) {
  const program = `import { atLeast, atMost, none, printGoals } from '${FIGURES}'; printGoals('Goals', [${goals}]);`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return { status, rows: stdout.split('\n').slice(5, -1) };
}

test('a goal of speed that is missed is told, and the benchmark ends well', () => {
  const { status, rows } = run("atMost('lag', 170, 100, 'ms', 0), atLeast('rate', 90, 100, '/s', 0)");
  assert.deepEqual(rows, [
    '| lag | 170 ms | at most 100 ms | NO |',
    '| rate | 90 /s | at least 100 /s | NO |',
  ]);
  assert.equal(status, 0);
});

test('what must never be ends it with 1, whatever else is met', () => {
  const { status, rows } = run(
    "atMost('lag', 70, 100, 'ms', 0), none('without a key', 1), none('missing', 0)",
  );
  assert.deepEqual(rows, [
    '| lag | 70 ms | at most 100 ms | yes |',
    '| without a key | 1 | none | NO |',
    '| missing | 0 | none | yes |',
  ]);
  assert.equal(status, 1);
});

test('where nothing is missed it ends well', () => {
  assert.equal(run("atMost('lag', 70, 100, 'ms', 0), none('missing', 0)").status, 0);
});
