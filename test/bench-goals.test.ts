/** How a benchmark ends: goals of speed are told and no more, what is wrong on any machine is a failure, and what counts as that in a cluster. It measures nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { type Outcome, otherStates, unknownKeys } from '../bench/cluster/outcome.ts';

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

const SOUND: Outcome = { logs: '{"A":7}', stateHash: 'AB', isComplete: true, handedOut: 10 };

test('a KMA with other logs, another state, or without a sealed object counts as one that has not what the others have', () => {
  assert.equal(otherStates([SOUND, SOUND, SOUND]), 0);
  for (const change of [{ logs: '{"A":6}' }, { stateHash: 'CD' }, { isComplete: false }])
    assert.equal(otherStates([SOUND, SOUND, { ...SOUND, ...change }]), 1);
  assert.equal(otherStates([{ ...SOUND, isComplete: false }, SOUND]), 1);
});

test('keys given that one KMA does not know are counted, by what it knew before', () => {
  const after = (...handedOut: number[]) => handedOut.map((keys) => ({ ...SOUND, handedOut: keys }));
  const before = after(10, 10, 9);
  assert.equal(unknownKeys(before, after(15, 15, 14), 5), 0);
  assert.equal(unknownKeys(before, after(15, 15, 12), 5), 2);
  assert.equal(unknownKeys(before, after(16, 16, 15), 5), 0, 'one was made whose answer did not come');
});
