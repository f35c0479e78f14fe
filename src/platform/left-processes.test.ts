/** Processes that a killed KMA has left. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endLeftProcesses } from './left-processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-left-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Waits for ever, deaf to SIGTERM where wanted; named by a file of this directory. */
async function daemonOf(directory: string, deaf = false): Promise<ChildProcess> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'daemon.cjs');
  writeFileSync(
    path,
    `${deaf ? "process.on('SIGTERM', () => {});" : ''} setInterval(() => {}, 1000); process.send('runs');`,
  );
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  return child;
}

test('those of this KMA end, also one that is deaf, and no other does', { timeout: 60_000 }, async () => {
  const own = join(folder, 'data', 'platform');
  const [willing, deaf, neighbour] = await Promise.all([
    daemonOf(join(own, 'time')),
    daemonOf(join(own, 'support'), true),
    daemonOf(join(folder, 'data', 'platform-of-another')),
  ]);
  const ends = [willing, deaf].map((child) => once(child, 'exit'));
  await endLeftProcesses(own);
  await Promise.all(ends);
  assert.deepEqual([willing.signalCode, deaf.signalCode], ['SIGTERM', 'SIGKILL']);
  assert.equal(neighbour.exitCode ?? neighbour.signalCode, null);
  neighbour.kill('SIGKILL');
  await endLeftProcesses(own);
});

test('who begins again whenever he is ended keeps nobody waiting for ever', {
  timeout: 60_000,
}, async (t) => {
  const own = join(folder, 'stubborn');
  mkdirSync(own);
  writeFileSync(join(own, 'file'), '');
  const again = spawn('/bin/sh', ['-c', 'while :; do tail -f "$FILE"; done'], {
    env: { ...process.env, FILE: join(own, 'file') },
    stdio: 'ignore',
    detached: true,
  });
  t.after(() => process.kill(-(again.pid ?? 0), 'SIGKILL'));
  await endLeftProcesses(own, 500);
  assert.equal(again.exitCode, null);
});
