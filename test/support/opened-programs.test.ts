/** An ordinary user runs what lies in folders that only root may enter, by a view of the files that is his alone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openedPrograms } from './opened-programs.ts';

const NOBODY = 65_534;
const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

/** A clone below a folder, with these modes, and what it prints there as another user. */
function printed(t: TestContext, modeAbove: number, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-programs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o711);
  const root = join(folder, 'above/clone');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'src/program'), 'echo it runs');
  writeFileSync(join(root, '.hidden'), 'echo hidden too');
  symlinkSync('src', join(root, 'link'));
  for (const path of ['src', 'src/program', '.hidden']) chmodSync(join(root, path), 0o755);
  chmodSync(join(folder, 'above'), modeAbove);
  chmodSync(root, mode);
  const become = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
  const script = `set -- ${become} "$@"; ${openedPrograms(root, folder)}exec "$@"`;
  const run = `. '${root}/link/program'; . '${root}/.hidden'; touch '${root}/x' 2>/dev/null || echo read only`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', '/bin/sh', '-c', run], {
    encoding: 'utf8',
  });
  assert.equal(statSync(root).mode & 0o777, mode, 'the folder itself is as it was');
  return stdout + stderr;
}

for (const [above, mode] of [
  [0o755, 0o755],
  [0o700, 0o755],
  [0o755, 0o700],
  [0o700, 0o700],
] as const)
  test(
    `a clone of mode ${mode.toString(8)} in a folder of mode ${above.toString(8)}`,
    { skip: mayMount ? false : 'only root may mount' },
    (t) => assert.equal(printed(t, above, mode), 'it runs\nhidden too\nread only\n'),
  );
