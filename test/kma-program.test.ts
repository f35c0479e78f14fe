/** bin/kma becomes the command: with the Node.js options of the processes that it starts, since "kma serve" stays beside them, and as the process that was started, so that nothing outlives it. Read off the running process. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../src/processes/child-processes.ts';
import { NODE_OPTIONS } from '../src/processes/kept-process.ts';
import { drawnPort } from './support/free-port.ts';
import { TestKma } from './support/kma.ts';
import { isAlive } from './support/served-kma.ts';
import { until } from './support/until.ts';

const KMA = fileURLToPath(new URL('../bin/kma', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
after(() => rmSync(folder, { recursive: true }));
/** One file, as a path or as a URL. */
const plain = (option: string) => (option.startsWith('file:') ? fileURLToPath(option) : option);

/** The words of the command, once it runs as the process that was started. */
const wordsOf = ({ pid = 0 }: ChildProcess) =>
  until('the command runs', () => {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some((word) => word.endsWith('kma.ts')) ? words : undefined;
  });

test('the command runs with all that its children run with, through a link too', async (t) => {
  const link = join(folder, 'kma');
  symlinkSync(KMA, link);
  for (const program of [KMA, link]) {
    // It waits for its standard input, which does not come.
    const starter = spawn(program, ['init', '--answers', '-'], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    t.after(() => starter.kill());
    const words = await wordsOf(starter);
    const options = words.slice(
      1,
      words.findIndex((word) => word.endsWith('kma.ts')),
    );
    assert.deepEqual(options.map(plain).sort(), NODE_OPTIONS.map(plain).sort());
    assert.equal(words.at(-2), '-', 'the arguments stay as they were given');
  }
});

test('whoever kills what was started as bin/kma has killed the KMA, and nothing of it is left', async () => {
  await using kma = await TestKma.start({ bare: true });
  await kma.stop();
  const offset = String(drawnPort());
  const options = ['--data', kma.data, 'serve', '--fronts', '1', '--port-offset', offset];
  const served = spawn(KMA, options, { stdio: 'ignore' });
  const ended = once(served, 'exit');
  try {
    await until('it has all its processes', () => childrenOf(served.pid ?? 0).length >= 4);
    const all = [served.pid ?? 0, ...childrenOf(served.pid ?? 0)];
    served.kill('SIGKILL');
    await ended;
    await until('none of them is there any more', () => !all.some(isAlive));
    assert.ok(existsSync(kma.data));
  } finally {
    served.kill('SIGKILL');
  }
});
