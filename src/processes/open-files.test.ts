/** The limit of open files as the kernel tells it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openFilesLimit } from './open-files.ts';

const line = (soft: string) =>
  `Max processes 1 2 processes\nMax open files            ${soft}     20000     files\n`;

test('the soft limit of the kernel counts, and a cautious number where there is none', () => {
  assert.equal(openFilesLimit(line('4096')), 4096);
  assert.equal(openFilesLimit(line('unlimited')), 2 ** 20);
  assert.equal(openFilesLimit(''), 1024);
  assert.ok(openFilesLimit() >= 64);
});

test('a process that is started with a low soft limit may open as many files as the hard one allows', () => {
  const program = `import { openFilesLimit } from '${fileURLToPath(new URL('./open-files.ts', import.meta.url))}'; console.log(openFilesLimit());`;
  const shell = 'ulimit -Sn 300; ulimit -Hn 2000; exec "$@"';
  const node = [process.execPath, '--input-type=module', '-e', program];
  assert.equal(Number(execFileSync('/bin/sh', ['-c', shell, 'sh', ...node], { encoding: 'utf8' })), 2000);
});
