/** "kma init" on a pseudo-terminal: the whole dialogue, with wrong passphrases and a restart, to a KMA that runs; and ways to leave it, which leave nothing. */
import assert from 'node:assert/strict';
import { hash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EXIT } from '../src/cli/exit-codes.ts';
import type { Person } from './support/kma.ts';
import { KMA_PROGRAM } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { CTRL_C, ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { withStore } from './support/restoring.ts';
import { ServedKma } from './support/served-kma.ts';

const HOLDERS: readonly Person[] = [
  { name: 'alice', passphrase: 'Qzv7*jkwXq' },
  { name: 'bob', passphrase: 'wJx9+vQzqk' },
  { name: 'carol', passphrase: 'xVk3=zJqwg' },
];
const OFFICER: Person = { name: 'olga', passphrase: 'jGw5#Xzkvq' };
const TOO_SIMPLE = 'zvqxjkwgzz';
/** Of a passphrase: too long to be in other words, too short to be missed. */
const PIECE = 4;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`);

interface Room {
  readonly folder: string;
  readonly data: string;
  readonly terminal: PseudoTerminal;
}

function enter(t: TestContext, columns?: number, environment?: NodeJS.ProcessEnv): Room {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-dialogue-'));
  const data = join(folder, 'data');
  const argv = [process.execPath, KMA_PROGRAM, '--data', data, 'init'];
  const terminal = new PseudoTerminal(argv, columns, environment);
  t.after(async () => {
    await terminal[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, data, terminal };
}

async function answerNetworkAndName(terminal: PseudoTerminal): Promise<void> {
  await terminal.answer(/Enter to begin.*: $/, ENTER);
  await terminal.answer(
    /\[1\] Management address[\s\S]*Enter: what is in[\s\S]*\[1\]: $/,
    `127.0.0.1${ENTER}`,
  );
  await terminal.answer(/Service address \[\d+\]: $/, ENTER);
  await terminal.answer(/Lowest TLS version \[3\]: $/, ENTER);
  await terminal.answer(/Name of this KMA: $/, `kma-7${ENTER}`);
}

async function answerKeySplit(terminal: PseudoTerminal): Promise<void> {
  await terminal.answer(/Key split size \[3\]: $/, ENTER);
  await terminal.answer(/Threshold \[2\]: $/, ENTER);
}

async function answerPassphrase(terminal: PseudoTerminal, { name, passphrase }: Person): Promise<void> {
  await terminal.answer(new RegExp(`Passphrase of ${name}: $`), `${passphrase}${ENTER}`);
  await terminal.answer(/The same again: $/, `${passphrase}${ENTER}`);
  await terminal.shows(new RegExp(`Passphrase of ${name}: accepted`));
}

/** The first holder is not at ease with the rules, nor with the keyboard. */
async function failTwice(terminal: PseudoTerminal): Promise<void> {
  await terminal.answer(/\[ \] at least 8 characters[\s\S]*Passphrase of alice: $/, TOO_SIMPLE);
  await terminal.answer(/\[x\] at least 8 characters[\s\S]*\[ \] at least three[\s\S]*\*{10}$/, ENTER);
  const refused = await terminal.answer(
    /! not accepted: at least three[\s\S]*: $/,
    `${HOLDERS[0]?.passphrase}${ENTER}`,
  );
  assert.match(refused, /\[ \] at least 8 characters/, 'nothing of it is kept');
  await terminal.answer(/The same again: $/, `${HOLDERS[1]?.passphrase}${ENTER}`);
  await terminal.shows(/! the two were not the same/);
}

async function answerPeople(terminal: PseudoTerminal): Promise<void> {
  for (const [index, holder] of HOLDERS.entries()) {
    await terminal.answer(new RegExp(`Name of key holder ${index + 1} of 3: $`), `${holder.name}${ENTER}`);
    if (index === 0) await failTwice(terminal);
    await answerPassphrase(terminal, holder);
  }
  await terminal.answer(/Name of the Security Officer: $/, `${OFFICER.name}${ENTER}`);
  await answerPassphrase(terminal, OFFICER);
}

async function answerTheRest(terminal: PseudoTerminal): Promise<void> {
  await terminal.answer(/Autonomous unlocking \[1\]: $/, ENTER);
  await terminal.answer(/Keys in the pool \[1000\]: $/, ENTER);
  await terminal.answer(/Root CA signature \[1\]: $/, ENTER);
  const clock = await terminal.answer(/Clock[\s\S]*Now [\d-]+ [\d:]+ UTC: $/, `y${ENTER}`);
  assert.doesNotMatch(clock, /Enter:/, 'an empty line is refused there');
}

function assertNoPassphraseShown({ raw }: PseudoTerminal): void {
  for (const secret of [...[...HOLDERS, OFFICER].map(({ passphrase }) => passphrase), TOO_SIMPLE])
    for (let at = 0; at + PIECE <= secret.length; at++)
      assert.ok(!raw.includes(secret.slice(at, at + PIECE)), secret.slice(at, at + PIECE));
}

function caPublicKeySha256(data: string): string {
  const pem = withStore(
    data,
    (store) => store.state.get('certificate_authority', 'root')?.certificatePem ?? '',
  );
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return hash('sha256', key, 'hex').toUpperCase();
}

test('the whole dialogue, with wrong passphrases and a restart, and then the KMA runs', async (t) => {
  const { folder, data, terminal } = enter(t);
  await answerNetworkAndName(terminal);
  await terminal.answer(/Key split size \[3\]: $/, CTRL_C);
  await terminal.answer(/begin again[\s\S]*1, 2 or 3 \[1\]: $/, ENTER);
  await answerNetworkAndName(terminal);
  await answerKeySplit(terminal);
  await terminal.answer(/Name of key holder 1 of 3: $/, `<${ENTER}`);
  await terminal.answer(/Threshold \[2\]: $/, ENTER);
  await answerPeople(terminal);
  await answerTheRest(terminal);
  const summary = await terminal.shows(/yes, or a number: $/);
  assert.deepEqual(readdirSync(folder), [], 'nothing is made before it is confirmed');
  assert.doesNotMatch(summary.slice(summary.lastIndexOf('Summary')), /Enter:/);
  assert.match(summary, / 4 +KMA name +kma-7/);
  assert.match(summary, / 5 +Key split +3 key holders, 2 must come together/);
  assert.match(summary, / 8 +Key holder 3 +carol, passphrase accepted/);
  terminal.type(`4${ENTER}`);
  await terminal.answer(/Name of this KMA \[kma-7\]: $/, `kma-8${ENTER}`);
  await terminal.answer(/KMA name +kma-8[\s\S]*yes, or a number: $/, `yes${ENTER}`);
  await terminal.answer(/making the TLS key/, OFFICER.passphrase);
  const end = await terminal.shows(/--ca-key [0-9A-F]{64}\r?\n/);
  assert.equal(await terminal.ended(), EXIT.ok);
  assertNoPassphraseShown(terminal);
  assert.deepEqual(readdirSync(folder), ['data']);
  assert.match(end, new RegExp(`SHA-256 of the root CA's public key:\\s+${caPublicKeySha256(data)}`));
  const commands = end.replaceAll(/ \\\r?\n +/g, ' ');
  for (const command of [
    'core-security-backup --to /media/safe --user olga',
    'user create backups --roles BACKUP_OPERATOR --user olga',
    'group assign drive-1 tapes-2026 --default --user compliance',
  ])
    assert.match(commands, new RegExp(`bin/kma --data ${data} ${command}\\r?\\n`));
  const enrol = `agent/bin/okm-agent enroll --kma 127.0.0.1 --agent drive-1 --ca-key ${caPublicKeySha256(data)}`;
  assert.ok(commands.includes(enrol));

  await using _served = await ServedKma.start({ folder, data });
  const shell = new KmaShell(data, folder);
  const status = await shell.json<{ kma: string; locked: boolean }>('status');
  assert.deepEqual([status.kma, status.locked], ['kma-8', true]);
  await shell.text('unlock', { user: OFFICER, quorum: HOLDERS.slice(1) });
  assert.equal((await shell.json<{ locked: boolean }>('status')).locked, false);
});

test('Ctrl-C twice leaves with a code of its own, and nothing is made', async (t) => {
  const { folder, terminal } = enter(t);
  await answerNetworkAndName(terminal);
  await terminal.answer(/Key split size \[3\]: $/, CTRL_C);
  await terminal.answer(/1, 2 or 3 \[1\]: $/, CTRL_C);
  await terminal.shows(/Left\. Nothing was made\./);
  assert.equal(await terminal.ended(), EXIT.left);
  assert.deepEqual(readdirSync(folder), []);
});

test('Ctrl-C at work leaves nothing, or comes too late and a finished KMA is there', async (t) => {
  const { folder, terminal } = enter(t);
  await answerNetworkAndName(terminal);
  await answerKeySplit(terminal);
  await answerPeople(terminal);
  await answerTheRest(terminal);
  await terminal.answer(/yes, or a number: $/, `yes${ENTER}`);
  await terminal.answer(/making the TLS key/, CTRL_C);
  const code = await terminal.ended();
  t.diagnostic(`exit code ${code}`);
  assert.match(terminal.text, code === EXIT.left ? /Left\. Nothing was made\.\s*$/ : /What to do next/);
  assert.deepEqual(readdirSync(folder), code === EXIT.left ? [] : ['data']);
});

test('typed ahead of the questions nothing is echoed', async (t) => {
  const { terminal } = enter(t);
  await answerNetworkAndName(terminal);
  await terminal.shows(/Key split size \[3\]: $/);
  const [alice] = HOLDERS;
  terminal.type(`1${ENTER}${ENTER}alice${ENTER}${alice?.passphrase}${ENTER}${alice?.passphrase}${ENTER}`);
  await terminal.shows(/Passphrase of alice: accepted/);
  assertNoPassphraseShown(terminal);
});

test('what was typed ahead of a refused answer is dropped, and a passphrase in it is not shown', async (t) => {
  const { terminal } = enter(t);
  await answerNetworkAndName(terminal);
  await answerKeySplit(terminal);
  const [alice, bob] = HOLDERS;
  await terminal.answer(/Name of key holder 1 of 3: $/, `alice${ENTER}`);
  await answerPassphrase(terminal, { name: 'alice', passphrase: alice?.passphrase ?? '' });
  await terminal.answer(/Name of key holder 2 of 3: $/, `alice${ENTER}${bob?.passphrase}${ENTER}`);
  await terminal.answer(/two credentials have one name[\s\S]*: $/, `bob${ENTER}`);
  await terminal.shows(/Passphrase of bob: $/);
  assertNoPassphraseShown(terminal);
});

for (const columns of [60, 80])
  test(`${columns} columns are enough: no line is longer, and without colour none is used`, async (t) => {
    const { terminal } = enter(t, columns, { NO_COLOR: '1' });
    await answerNetworkAndName(terminal);
    await answerKeySplit(terminal);
    await terminal.answer(/Name of key holder 1 of 3: $/, `alice${ENTER}`);
    await terminal.shows(/Passphrase of alice: $/);
    const paths = /^ +\/tmp\//;
    const long = terminal.text.split(/[\r\n]+/).filter((line) => line.length > columns && !paths.test(line));
    assert.deepEqual(long, []);
    assert.doesNotMatch(terminal.raw, COLOUR);
  });
