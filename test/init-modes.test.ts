/** "kma init" on a terminal offers the three modes of QuickStart: a new cluster is asked for elsewhere (init-dialogue.test.ts); here a KMA joins, and one is to be restored. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { JOIN_PASSPHRASE, TestCluster } from './support/cluster.ts';
import { QUORUM } from './support/kma.ts';
import { KMA_PROGRAM } from './support/kma-command.ts';
import { ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';

const OFFSET = 23_500;
const cluster = new TestCluster(OFFSET);
after(() => cluster[Symbol.asyncDispose]());

function init(t: TestContext, data: string): PseudoTerminal {
  const terminal = new PseudoTerminal([process.execPath, KMA_PROGRAM, '--data', data, 'init']);
  t.after(() => terminal[Symbol.asyncDispose]());
  return terminal;
}

test('whoever takes the second mode is asked for a member and joins its cluster', async (t) => {
  const a = await cluster.first('kma-a', '127.0.3.25');
  const b = await cluster.entry(a, 'kma-b', '127.0.3.26');
  const terminal = init(t, b.data);
  const [one, two] = QUORUM;
  assert.ok(one && two);
  for (const [asked, typed] of [
    [/2 {2}joins the cluster[\s\S]*Enter to begin.*: $/, '2'],
    [/address of a KMA of the cluster: $/, a.host],
    [/adds to every port.*: $/, String(OFFSET)],
    [/name of this KMA.*: $/, 'kma-b'],
    [/passphrase of kma-b: $/, JOIN_PASSPHRASE],
    [/management network: $/, b.host],
    [/service network: $/, b.host],
    [/unlock itself.*: $/, 'yes'],
    [/name of key holder 1: $/, one.name],
    [/passphrase of .*: $/, one.passphrase],
    [/name of key holder 2.*: $/, two.name],
    [/passphrase of .*: $/, two.passphrase],
    [/name of key holder 3.*: $/, ''],
    [/Are they equal.* $/, 'yes'],
  ] as const)
    await terminal.answer(asked, `${typed}${ENTER}`);
  await terminal.shows(/State hash/);
  assert.ok(existsSync(join(b.data, 'kma.db')));
});

test('whoever takes the third mode is asked for the files of a backup', async (t) => {
  const data = join(cluster.folder, 'restored');
  const terminal = init(t, data);
  await terminal.answer(/3 {2}restores a KMA[\s\S]*Enter to begin.*: $/, `3${ENTER}`);
  for (const asked of [/core security backup: $/, /OKM-Backup-.*: $/, /OKM-BackupKey-.*: $/])
    await terminal.answer(asked, `/nowhere${ENTER}`);
  for (const asked of [/management network: $/, /service network: $/])
    await terminal.answer(asked, `127.0.0.1${ENTER}`);
  await terminal.answer(/name of key holder 1: $/, ENTER);
  await terminal.shows(/error: /);
  assert.ok(!existsSync(data));
});
