/** Whom chronyd runs as: root gives its rights up, others stay who they are, and the KMA can ask it in both cases. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { chronyConfig, socketPathIn } from './chrony-config.ts';
import { findChronyUser, maySetClock, userArguments } from './chrony-user.ts';
import { askChronyd } from './chronyc.ts';
import { PROGRAM_ENVIRONMENT } from './programs.ts';
import { makeRunDirectory } from './run-directory.ts';

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('root becomes the user of the package, or nobody; others stay who they are', () =>
  inFolder((folder) => {
    const passwd = join(folder, 'passwd');
    const lines = [
      'root:x:0:0::/root:/bin/sh',
      'nobody:x:65534:65533::/:/bin/false',
      'ann:x:1000:1001::/:/bin/sh',
    ];
    writeFileSync(passwd, lines.join('\n'));
    assert.deepEqual(findChronyUser(0, passwd), { name: 'nobody', uid: 65534, gid: 65533 });
    assert.deepEqual(findChronyUser(1000, passwd), { name: 'ann', uid: 1000, gid: 1001 });
    assert.equal(findChronyUser(4711, passwd), null);
    writeFileSync(passwd, [...lines, '_chrony:x:103:104::/:/bin/false'].join('\n'));
    assert.equal(findChronyUser(0, passwd)?.name, '_chrony');
  }));

test('the right to set the clock is read from the process', () =>
  inFolder((folder) => {
    const status = join(folder, 'status');
    const may = (mask: string) => {
      writeFileSync(status, `Name:\tnode\nCapEff:\t${mask}\nCapBnd:\t000001ffffffffff\n`);
      return maySetClock(status);
    };
    assert.deepEqual(['0000000002000000', '000001fffdffffff', '0000000000000000'].map(may), [
      true,
      false,
      false,
    ]);
  }));

test('a chronyd of an ordinary user can be asked', async () => {
  const user = findChronyUser(65534) ?? assert.fail('nobody');
  const directory = makeRunDirectory(user);
  const config = join(directory, 'chrony.conf');
  const settings = { servers: [], serverPort: 123, peers: [], peerPort: 123, setsClock: false };
  const polls = { minimum: 4, maximum: 6 };
  const text = chronyConfig({ address: '127.0.0.1', port: 0, polls, runDirectory: directory, ...settings });
  writeFileSync(config, text, { mode: 0o644 });
  const daemon = spawn('chronyd', ['-d', '-x', '-f', config, ...userArguments(user, user.uid)], {
    ...{ uid: user.uid, gid: user.gid },
    env: PROGRAM_ENVIRONMENT,
    stdio: 'ignore',
  });
  try {
    const report = await until('it answers', () => askChronyd(socketPathIn(directory)));
    assert.equal(report.synchronised, false);
  } finally {
    daemon.kill();
    await once(daemon, 'exit');
    rmSync(directory, { recursive: true });
  }
});
