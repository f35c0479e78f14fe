/** A KMA is logged out of its cluster and logs back in, serving and stopped: real processes, real ports. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestCluster } from './support/cluster.ts';
import { OFFICER, QUORUM } from './support/kma.ts';
import { KMA_PROGRAM, kmaCommand } from './support/kma-command.ts';
import { ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { until } from './support/until.ts';

const OFFSET = 22_000;
const cluster = new TestCluster(OFFSET);
after(() => cluster[Symbol.asyncDispose]());
const a = await cluster.first('kma-a', '127.0.3.1');
const b = await cluster.joined(a, 'kma-b', '127.0.3.2');

/** What counts at `a`: whether the key of `b` is a member's. */
const letIn = async () => {
  const { rows } = await a.ask<{ rows: { kma: string; responding: boolean | null }[] }>('ListKmas', {});
  return rows.find(({ kma }) => kma === 'kma-b')?.responding === true;
};
/** As `b` sees itself. */
const standing = async () => (await b.ask<{ cluster: string }>('ShowStatus', {})).cluster;
const loggedOut = async (passphrase: string) => {
  await until('they talk', letIn);
  await a.ask('SetKmaPassphrase', { kma: 'kma-b', passphrase }, QUORUM);
  await until('they talk no more', async () => !(await letIn()));
  await until('it knows', async () => (await standing()) === 'logged-out');
};

test('a KMA that serves logs back in with its new passphrase and a quorum, and has what was written meanwhile', async () => {
  const passphrase = 'Comes-back-again-1';
  await loggedOut(passphrase);
  await a.ask('CreateSite', { site: 'meanwhile' });
  await assert.rejects(b.ask('CreateSite', { site: 'alone' }), { code: 'NOT_A_MEMBER' });
  await assert.rejects(cluster.rejoin(b, a, passphrase, QUORUM.slice(1)), { code: 'QUORUM_NOT_MET' });
  await assert.rejects(cluster.rejoin(b, a, 'Comes-never-back-1'), { code: 'REJOIN_FAILED' });
  await a.ask('LockKma', {});
  await until('it is locked', async () => (await a.ask<{ locked: boolean }>('ShowStatus', {})).locked);
  await assert.rejects(cluster.rejoin(b, a, passphrase), { code: 'REJOIN_FAILED', detail: /is locked/ });
  await a.ask('UnlockKma', {}, QUORUM);
  assert.deepEqual(b.sites(), []);
  assert.deepEqual(await cluster.rejoin(b, a, passphrase), { kma: 'kma-b', serving: true, caughtUp: true });
  assert.deepEqual(b.sites(), ['meanwhile']);
  await until('it knows that it is one', async () => (await standing()) === 'member');
  await b.ask('CreateSite', { site: 'again' });
  await until('the member has what it writes', () => a.sites().includes('again'));
  await assert.rejects(cluster.rejoin(b, a, passphrase), { code: 'REJOIN_FAILED' });
});

test('a KMA that is stopped logs back in by the command, and catches up when it serves', async () => {
  const passphrase = 'Comes-back-stopped-2';
  await loggedOut(passphrase);
  await b.stop();
  await a.ask('CreateSite', { site: 'later' });
  const answers = join(cluster.folder, 'rejoin.json');
  writeFileSync(answers, JSON.stringify({ passphrase, quorum: QUORUM }), { mode: 0o600 });
  const offset = ['--port-offset', String(OFFSET)];
  const rejoin = (member: string) =>
    kmaCommand('--json', '--data', b.data, 'rejoin', member, '--answers', answers, ...offset);
  const away = await rejoin('127.0.3.200');
  assert.equal(JSON.parse(away.stdout).error.code, 'MEMBER_UNREACHABLE');
  assert.match(away.stderr, /ports 3331, 3332 and 3336/);
  const done = await rejoin(a.host);
  assert.equal(done.status, 0, done.stderr);
  const { kma, serving, caughtUp, next } = JSON.parse(done.stdout);
  assert.deepEqual([kma, serving, caughtUp], ['kma-b', false, false]);
  assert.ok(next.endsWith(`serve --management-address ${b.host} --service-address ${b.host}`), next);
  await b.serve();
  await until('it has caught up', () => b.sites().includes('later'));
  // It was let in after that was written, perhaps in a later batch.
  await until('it knows that it is one', async () => (await standing()) === 'member');
});

test('at the console a Security Officer logs it back in, with a quorum', async () => {
  const passphrase = 'Comes-back-typing-3';
  await loggedOut(passphrase);
  await using terminal = new PseudoTerminal([process.execPath, KMA_PROGRAM, '--data', b.data, 'console']);
  await terminal.shows(/LOGGED OUT of its cluster/);
  await terminal.answer(/User ID: $/, `${OFFICER.name}${ENTER}`);
  await terminal.answer(/Passphrase: $/, `${OFFICER.passphrase}${ENTER}`);
  await terminal.answer(/ 1 {2}Log KMA back in[\s\S]*Enter your choice: $/, `1${ENTER}`);
  await terminal.answer(/Address of a KMA of the cluster: $/, `${a.host}${ENTER}`);
  await terminal.answer(/What it adds to every port \[0\]: $/, `${OFFSET}${ENTER}`);
  await terminal.answer(/New passphrase of kma-b: $/, `${passphrase}${ENTER}`);
  for (const { name, passphrase: ofHolder } of QUORUM) {
    await terminal.answer(/Name of key holder .*: $/, `${name}${ENTER}`);
    await terminal.answer(new RegExp(`Passphrase of ${name}: $`), `${ofHolder}${ENTER}`);
  }
  await terminal.answer(/Name of key holder 3 .*: $/, ENTER);
  await terminal.shows(/Caught up +yes[\s\S]*Enter your choice: $/);
  for (const secret of [passphrase, ...QUORUM.map((holder) => holder.passphrase)])
    assert.ok(!terminal.raw.includes(secret));
  await until('it knows that it is one', async () => (await standing()) === 'member');
});

test('a KMA without its passphrase is told what it may do', async () => {
  const { status, stderr } = await kmaCommand('--data', b.data, 'rejoin', a.host);
  assert.equal(status, 2);
  assert.match(stderr, /--answers/);
});

test('a KMA that was removed learns it, and cannot come back', async () => {
  await until('they talk', letIn);
  await a.ask('DeleteKma', { kma: 'kma-b', as: 'retired' });
  await until('it knows', async () => (await standing()) === 'retired');
  await assert.rejects(b.ask('CreateSite', { site: 'alone' }), { code: 'NOT_A_MEMBER' });
  const { warnings } = await b.ask<{ warnings: string[] }>('ShowStatus', {});
  assert.ok(warnings.some((line) => line.startsWith('removed from the cluster as retired')));
  await b.stop();
  await b.serve();
  assert.equal(await standing(), 'retired');
  await assert.rejects(cluster.rejoin(b, a, 'Comes-never-back-3'), { code: 'REJOIN_FAILED', detail: /anew/ });
});
