/** A full disk stops the logs and loses nothing: once there is room again they are opened anew, and go on from what the store has. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('./full-disk.fixture.ts', import.meta.url));

test('a disk that is full is told once, and after it the logs are whole again', (t) => {
  if (spawnSync('prlimit', ['--version']).status !== 0) return t.skip('prlimit is not there');
  const { stdout, stderr, status } = spawnSync(process.execPath, [fixture], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const outcome = JSON.parse(stdout) as Record<string, unknown>;
  const { takenFull, ...rest } = outcome;
  assert.deepEqual(rest, { refused: true, broken: 1, whole: true });
  assert.ok(Number(takenFull) < 2_000);
});
