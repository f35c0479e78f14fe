/** What this machine can do at all, measured in the same run: synced writes and RSA private operations. */
import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { printTable } from './figures.ts';

const SYNC_MS = 2_000;
/** About what one commit of the store appends. */
const SYNCED_BYTES = 4_096;

export function printMachine(folder: string): void {
  printTable(
    'The machine',
    ['processors', 'model', 'append and fdatasync', '`openssl speed rsa2048`'],
    [[availableParallelism(), cpus()[0]?.model ?? '', `${syncsPerSecond(folder).toFixed(0)}/s`, rsaSpeed()]],
  );
}

function syncsPerSecond(folder: string): number {
  const path = join(folder, 'synced-writes');
  const file = openSync(path, 'w');
  const piece = Buffer.alloc(SYNCED_BYTES);
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < SYNC_MS; count += 1) {
    writeSync(file, piece);
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - began) / 1000;
  closeSync(file);
  rmSync(path);
  return count / seconds;
}

function rsaSpeed(): string {
  const { stdout, status } = spawnSync('openssl', ['speed', '-seconds', '2', 'rsa2048'], {
    encoding: 'utf8',
  });
  const line = /^rsa 2048 bits.*$/m.exec(stdout ?? '')?.[0];
  if (status !== 0 || line === undefined) return 'no openssl here';
  const [sign, verify] = line.trim().split(/\s+/).slice(-2);
  return `${sign} private and ${verify} public operations/s on one core`;
}
