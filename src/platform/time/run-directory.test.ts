/** What chronyd's user may put into the directory that is his, and what root makes of it. As root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { driftPathIn } from './chrony-config.ts';
import { RunDirectory } from './run-directory.ts';

const USER = { name: 'nobody', uid: 65_534, gid: 65_534 };
const folder = mkdtempSync(join(tmpdir(), 'openkma-run-'));
after(() => rmSync(folder, { recursive: true }));
const secret = join(folder, 'secret');
writeFileSync(secret, '           1.250000            0.125000\n', { mode: 0o600 });

/** What is kept for the next start after `put` has been at the place of the drift file. */
function keptAfter(name: string, put: (path: string) => void): string | null {
  const home = join(folder, name);
  mkdirSync(home);
  const run = new RunDirectory(home, USER);
  put(driftPathIn(run.path));
  run.keepDrift();
  run.remove();
  assert.equal(existsSync(run.path), false);
  const kept = join(home, 'drift');
  return existsSync(kept) ? readFileSync(kept, 'latin1') : null;
}

const his = (content: string) => (path: string) => {
  writeFileSync(path, content, { mode: 0o600 });
  chownSync(path, USER.uid, USER.gid);
};

test('the drift that chronyd wrote is lent to it at the next start', () => {
  const drift = '          -12.345678             0.010000\n';
  assert.equal(keptAfter('sound', his(drift)), drift);
  const run = new RunDirectory(join(folder, 'sound'), USER);
  const { uid, mode } = statSync(driftPathIn(run.path));
  assert.deepEqual(
    [readFileSync(driftPathIn(run.path), 'latin1'), uid, mode & 0o777],
    [drift, USER.uid, 0o600],
  );
  run.remove();
});

test('no link of its user shows him a file of root, and no pipe keeps anybody waiting', () => {
  assert.equal(
    keptAfter('link', (path) => symlinkSync(secret, path)),
    null,
  );
  assert.equal(
    keptAfter('hard-link', (path) => linkSync(secret, path)),
    null,
  );
  assert.equal(
    keptAfter('pipe', (path) => void execFileSync('mkfifo', [path])),
    null,
  );
  assert.equal(
    keptAfter('directory', (path) => void mkdirSync(path)),
    null,
  );
  assert.equal(keptAfter('words', his('what somebody wrote\n')), null);
  assert.equal(keptAfter('long', his(`1.0 ${'1'.repeat(1_000)}.0`)), null);
});
