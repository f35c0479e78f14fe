/** bin/kma gives the command the Node.js options of the processes that it starts, since "kma serve" stays beside them. Read off the running process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../src/processes/child-processes.ts';
import { NODE_OPTIONS } from '../src/processes/kept-process.ts';
import { until } from './support/until.ts';

const KMA = fileURLToPath(new URL('../bin/kma', import.meta.url));
/** One file, as a path or as a URL. */
const plain = (option: string) => (option.startsWith('file:') ? fileURLToPath(option) : option);

test('the command runs with all that its children run with', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // It waits for its standard input, which does not come.
  const starter = spawn(KMA, ['init', '--answers', '-'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => starter.kill());
  const options = await until('the command runs', () => {
    const words = childrenOf(starter.pid ?? 0).map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'),
    );
    const command = words.find(([program, ...rest]) => program !== '/bin/sh' && rest.includes('init'));
    return command?.slice(
      1,
      command.findIndex((word) => word.endsWith('kma.ts')),
    );
  });
  assert.deepEqual(options.map(plain).sort(), NODE_OPTIONS.map(plain).sort());
});
