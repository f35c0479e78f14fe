/** "kma reset" as a person runs it: not while the KMA serves, not for others than a Security Officer, not unconfirmed, and then nothing is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AUDITOR, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { asUser, kmaCommand } from './support/kma-command.ts';

const kma = await TestKma.start({ bare: true });
after(() => kma[Symbol.asyncDispose]());
const { user, passphrase } = { user: AUDITOR.name, passphrase: AUDITOR.passphrase };
await kma.ask('CreateUser', { user, passphrase, roles: ['AUDITOR'] }, OFFICER, QUORUM);

const reset = async (person: typeof OFFICER, ...more: string[]) => {
  const command = [
    '--json',
    '--data',
    kma.data,
    'reset',
    '--zeroise',
    ...asUser(kma.folder, person),
    ...more,
  ];
  const { status, stdout, stderr } = await kmaCommand(...command);
  return { status, output: stdout === '' ? null : JSON.parse(stdout), stderr };
};
const refused = async (code: string, ...given: Parameters<typeof reset>) => {
  const { status, stderr } = await reset(...given);
  assert.notEqual(status, 0);
  assert.match(stderr, new RegExp(`code: ${code} `));
  assert.ok(existsSync(`${kma.data}/kma.db`));
};

test('a KMA that serves is not reset', () =>
  refused('DATA_DIRECTORY_IN_USE', OFFICER, '--confirm', 'kma-test'));

test('nor is one by somebody else, with a wrong passphrase, or without its name', async () => {
  await kma.stop();
  await refused('ACCESS_DENIED', AUDITOR, '--confirm', 'kma-test');
  await refused(
    'AUTHENTICATION_FAILED',
    { ...OFFICER, passphrase: 'Guards-no-gate-1' },
    '--confirm',
    'kma-test',
  );
  await refused('USAGE', OFFICER, '--confirm', 'kma-other');
  await refused('USAGE', OFFICER);
});

test('a Security Officer resets it: directory and unlock key are gone, and QuickStart may run again', async () => {
  assert.ok(existsSync(`${kma.data}.unlock-key`));
  // A daemon that went on when the KMA and all its processes were killed.
  const place = join(kma.data, 'platform', 'time');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeFileSync(join(place, 'chrony.conf'), '', { mode: 0o600 });
  const left = spawn('tail', ['-f', '/dev/null', '--', join(place, 'chrony.conf')], { stdio: 'ignore' });
  const ended = once(left, 'exit');
  const { status, output, stderr } = await reset(OFFICER, '--confirm', 'kma-test');
  assert.equal(status, 0, stderr);
  assert.deepEqual([output.kma, output.stillMember], ['kma-test', false]);
  assert.match(output.next, /init$/);
  for (const path of [kma.data, `${kma.data}.unlock-key`]) assert.ok(!existsSync(path));
  await ended;
});
