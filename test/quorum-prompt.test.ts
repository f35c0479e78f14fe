/** The quorum typed on a pseudo-terminal: who is asked in which order, what is shown, what is refused at once, and a restore that needs no file with passphrases. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT } from '../src/cli/exit-codes.ts';
import { BACKUP, OFFICER, type Person, QUORUM, TestKma } from './support/kma.ts';
import { KMA_PROGRAM } from './support/kma-command.ts';
import { ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { coreSecurityBackupIn } from './support/restoring.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

function onTerminal(data: string, ...argv: string[]): PseudoTerminal {
  return new PseudoTerminal([process.execPath, KMA_PROGRAM, '--data', data, ...argv]);
}

async function type(terminal: PseudoTerminal, prompt: RegExp, line: string): Promise<void> {
  await terminal.answer(prompt, `${line}${ENTER}`);
}

async function typeQuorum(terminal: PseudoTerminal): Promise<void> {
  await terminal.shows(/as many different key holders as the threshold says/);
  for (const [index, { name, passphrase }] of QUORUM.entries()) {
    await type(terminal, new RegExp(`name of key holder ${index + 1}.*: $`), name);
    await terminal.shows(new RegExp(name));
    await type(terminal, new RegExp(`passphrase of ${name}: $`), passphrase);
  }
  await type(terminal, /name of key holder 3 \(Enter: no more\): $/, '');
}

function assertUnseen(terminal: PseudoTerminal, people: readonly Person[]): void {
  for (const { passphrase } of people) assert.ok(!terminal.raw.includes(passphrase));
}

test('who asks is asked first, then the new passphrase, then the quorum, whose names are seen', async () => {
  const newOne = { name: BACKUP.name, passphrase: 'Another-one-after-8' };
  await using terminal = onTerminal(kma.data, 'user', 'set-passphrase', newOne.name, '--user', OFFICER.name);
  await type(terminal, /passphrase of officer: $/, OFFICER.passphrase);
  await type(terminal, new RegExp(`new passphrase of ${newOne.name}: $`), newOne.passphrase);
  await type(terminal, /the same again: $/, newOne.passphrase);
  await typeQuorum(terminal);
  await terminal.shows(/done/);
  assert.equal(await terminal.ended(), EXIT.ok);
  assertUnseen(terminal, [OFFICER, newOne, ...QUORUM]);
  await kma.ask('ListBackups', {}, newOne);
  await kma.ask('SetUserPassphrase', { user: BACKUP.name, passphrase: BACKUP.passphrase }, OFFICER, QUORUM);
});

test('a name that was given is refused at once, and asked for again', async () => {
  // Set up, as it seems, and not running: what is typed goes nowhere.
  const data = join(kma.folder, 'none');
  mkdirSync(data);
  writeFileSync(join(data, 'kma.db'), '');
  await using terminal = onTerminal(data, 'unlock', '--user', 'officer');
  await type(terminal, /passphrase of officer: $/, 'Whatever-it-is-1');
  await type(terminal, /name of key holder 1: $/, 'alice');
  await type(terminal, /passphrase of alice: $/, 'Whatever-it-is-2');
  await type(terminal, /name of key holder 2 .*: $/, 'alice');
  await terminal.shows(/alice was here already: another one is needed/);
  await type(terminal, /name of key holder 2 .*: $/, '');
  await terminal.shows(/NOT_RUNNING/);
});

test('restore asks for the quorum where no file is named', async () => {
  const { files } = await kma.backup();
  const [backup = '', backupKey = ''] = files;
  const options = ['--core-security-backup', coreSecurityBackupIn(kma.backups), '--backup', backup];
  await using terminal = onTerminal(
    join(kma.folder, 'copy'),
    'restore',
    ...options,
    '--backup-key',
    backupKey,
  );
  await typeQuorum(terminal);
  await terminal.shows(/State hash restored/);
  assert.equal(await terminal.ended(), EXIT.ok);
  assertUnseen(terminal, QUORUM);
});
