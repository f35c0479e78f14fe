/** No process that holds keys can leave a core dump: neither those of a running KMA nor the commands that set one up. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../src/processes/child-processes.ts';
import { OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

const KMA = fileURLToPath(new URL('../bin/kma', import.meta.url));
const AGENT = fileURLToPath(new URL('../agent/bin/okm-agent', import.meta.url));
const NO_DUMP = /^Max core file size +0 +0 /m;
const limits = (pid: number) => readFileSync(`/proc/${pid}/limits`, 'utf8');

const kma = await TestKma.start({ bare: true, fronts: 2 });
after(() => kma[Symbol.asyncDispose]());

test('core, reader, fronts, the management front, and the replicator once there is another KMA', async () => {
  await kma.ask('CreateKma', { kma: 'kma-2', passphrase: 'Second-kma-1' }, OFFICER, QUORUM);
  const pids = await until('the replicator runs', () =>
    kma.kma.pids().has('replicator') ? kma.kma.pids() : undefined,
  );
  assert.equal(pids.size, 6);
  // The shell that begins as a process forbids them before it becomes the program.
  for (const [name, pid] of pids) await until(`none of ${name}`, () => NO_DUMP.test(limits(pid)));
});

/** The process that runs the command itself: the one that was started, or below the one that found the right Node. */
async function commandOf(starter: ChildProcess): Promise<number> {
  return until('the command runs', () => {
    const pid = starter.pid ?? 0;
    return [pid, ...childrenOf(pid)].find((one) => {
      const command = readFileSync(`/proc/${one}/cmdline`, 'utf8');
      return (
        /node\0--import\0[^\0]*\0(?:--[^\0]*\0)*[^\0]*\.ts\0/.test(command) && !command.startsWith('/bin/sh')
      );
    });
  });
}

for (const [program, ...args] of [
  [KMA, 'init', '--answers', '-'],
  [KMA, 'restore', '--core-security-backup', 'a', '--backup', 'b', '--backup-key', 'c', '--quorum-file', '-'],
  [AGENT, 'enroll', '--kma', '127.0.0.1', '--agent', 'drive-1', '--passphrase-file', '-'],
] as const)
  test(`the command "${args[0]}", with core dumps allowed to whoever starts it`, async (t) => {
    const script = 'ulimit -c unlimited 2>/dev/null; exec "$@"';
    // It waits for its standard input, which does not come.
    const starter = spawn('/bin/sh', ['-c', script, 'sh', program, ...args], {
      cwd: kma.folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    t.after(() => starter.kill());
    assert.match(limits(await commandOf(starter)), NO_DUMP);
  });
