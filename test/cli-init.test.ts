/** "kma init": answers from a file or standard input, every mistake named with its place, and nothing left behind where it refuses. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HOLDERS, OFFICER } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-init-'));
after(() => rmSync(folder, { recursive: true }));
let directories = 0;
const newShell = () => new KmaShell(join(folder, `data-${++directories}`), folder);

const ANSWERS = { kmaName: 'kma-1', threshold: 2, credentials: HOLDERS, securityOfficer: OFFICER };
const fed = (answers: unknown) => ({ input: JSON.stringify(answers) });

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

test('from a file, with passphrases in files; a second time is refused and changes nothing', async () => {
  const withFile = ({ name, passphrase }: typeof OFFICER) => ({
    name,
    passphraseFile: write(name, `${passphrase}\n`),
  });
  const answers = {
    ...ANSWERS,
    managementAddress: '192.0.2.10',
    serviceAddress: '198.51.100.10',
    credentials: HOLDERS.map(withFile),
    securityOfficer: withFile(OFFICER),
  };
  const shell = newShell();
  const path = write('answers.json', JSON.stringify(answers));
  const made = await shell.run(['init', '--answers', path]);
  assert.equal(made.status, 0, made.stderr);
  assert.match(
    made.stdout,
    new RegExp(
      `^KMA ID +[0-9A-F]{32}\nPublic key SHA256 +([0-9A-F]{64})\nData directory +${shell.data}\n\nWhat to do next:\n`,
    ),
  );
  const [, caKey] = /SHA256 +([0-9A-F]{64})/.exec(made.stdout) ?? [];
  const kma = `bin/kma --data ${shell.data}`;
  const commands = made.stdout.split('\n').filter((line) => line.startsWith('     '));
  assert.deepEqual(
    commands.map((line) => line.trim()),
    [
      `${kma} serve --management-address 192.0.2.10 --service-address 198.51.100.10`,
      `${kma} unlock --user officer`,
      `${kma} core-security-backup --to /media/safe --user officer`,
      `${kma} user create compliance --roles COMPLIANCE_OFFICER --user officer`,
      `${kma} user create operator --roles OPERATOR --user officer`,
      `${kma} user create backups --roles BACKUP_OPERATOR --user officer`,
      `${kma} backup --to /media/backups --user backups`,
      `${kma} policy create tapes --encryption-period 2y --cryptoperiod 10y --user compliance`,
      `${kma} group create tapes-2026 --policy tapes --user compliance`,
      `${kma} agent create drive-1 --user operator`,
      `${kma} group assign drive-1 tapes-2026 --default --user compliance`,
      `agent/bin/okm-agent enroll --kma 198.51.100.10 --agent drive-1 --ca-key ${caKey}`,
    ],
  );
  assert.equal(statSync(shell.data).mode & 0o777, 0o700);
  assert.ok(!existsSync(`${shell.data}.unlock-key`), 'autonomous unlocking is off unless asked for');
  const before = statSync(join(shell.data, 'kma.db')).mtimeMs;
  await shell.refused(['init', '--answers', path], 'conflict', 'DATA_DIRECTORY_INITIALISED');
  assert.equal(statSync(join(shell.data, 'kma.db')).mtimeMs, before);
  const down = await shell.refused('status', 'unavailable', 'NOT_RUNNING');
  assert.match(down.stderr, new RegExp(`kma --data ${shell.data} serve`));
});

test('from standard input, with autonomous unlocking', async () => {
  const shell = newShell();
  const made = await shell.json<{ kmaId: string; dataDirectory: string; next: string }>(
    'init --answers -',
    fed({ ...ANSWERS, autonomousUnlock: true }),
  );
  assert.match(made.kmaId, /^[0-9A-F]{32}$/);
  assert.equal(made.dataDirectory, shell.data);
  const serve = 'serve --management-address 127.0.0.1 --service-address 127.0.0.1';
  assert.equal(made.next, `bin/kma --data ${shell.data} ${serve}`);
  assert.equal(statSync(`${shell.data}.unlock-key`).mode & 0o777, 0o600);
});

const mistakes: readonly (readonly [string, object, RegExp])[] = [
  ['a field is missing', { ...ANSWERS, kmaName: undefined }, /kmaName: is missing/],
  ['a field is unknown', { ...ANSWERS, treshold: 2 }, /Unrecognized key: "treshold"/],
  ['a threshold above the size', { ...ANSWERS, threshold: 4 }, /threshold: greater than the number/],
  ['an address that is none', { ...ANSWERS, serviceAddress: 'here' }, /serviceAddress: an IPv4 or IPv6/],
  ['a small pool', { ...ANSWERS, keyPoolSize: 10 }, /keyPoolSize: /],
  ['two holders of one name', { ...ANSWERS, credentials: [OFFICER, OFFICER] }, /credentials: two/],
  [
    'two places for one passphrase, and a second mistake',
    { ...ANSWERS, credentials: [{ ...OFFICER, passphraseFile: 'x' }], threshold: 1, securityOfficer: {} },
    /credentials\.0: either passphrase or passphraseFile; securityOfficer\.name: is missing/,
  ],
];

test('mistakes are named with their place, and nothing is made', async (t) => {
  const shell = newShell();
  for (const [what, answers, expected] of mistakes)
    await t.test(what, async () => {
      const refused = await shell.refused('init --answers -', 'usage', 'INVALID_PARAMETERS', fed(answers));
      assert.match(refused.stderr, expected);
      assert.match(refused.stderr, /standard input: /);
    });
  assert.ok(!existsSync(shell.data));
});

test('what is not JSON is refused without repeating a passphrase', async () => {
  const shell = newShell();
  for (const text of ['{"passphrase": Top-secret-1}', '{"passphrase": "Top-secret-1" "x"}', '']) {
    const refused = await shell.refused('init --answers -', 'usage', 'INVALID_PARAMETERS', { input: text });
    assert.match(refused.stderr, /not JSON/);
    assert.doesNotMatch(refused.stderr + refused.stdout, /secret/i);
  }
  const second = await shell.refused('init --answers -', 'usage', 'INVALID_PARAMETERS', {
    input: '{\n"a" 1}',
  });
  assert.match(second.stderr, /line 2 column 5/);
  await shell.refused(['init', '--answers', join(folder, 'none')], 'usage', 'USAGE');
});

test('passphrases that break the rules are refused with whose and which rule, and nothing is left behind', async () => {
  for (const [passphrase, rule] of [
    ['Ab-1', /at least 8 characters/],
    ['lower-case-only', /at least three of/],
    ['Its-Officer-1', /must not contain the name/],
  ] as const) {
    const shell = newShell();
    const answers = { ...ANSWERS, securityOfficer: { name: 'officer', passphrase } };
    const refused = await shell.refused('init --answers -', 'usage', 'INVALID_PASSPHRASE', fed(answers));
    assert.match(refused.stderr, rule);
    assert.match(refused.stderr, /: officer: /);
    assert.ok(!refused.stderr.includes(passphrase));
    assert.ok(!existsSync(shell.data));
    assert.ok(!existsSync(`${shell.data}.unlock-key`));
  }
});

test('without a passphrase and without a terminal it says that a file is needed', async () => {
  const answers = { ...ANSWERS, securityOfficer: { name: 'officer' } };
  const shell = newShell();
  const refused = await shell.refused('init --answers -', 'usage', 'USAGE', fed(answers));
  assert.match(refused.stderr, /new passphrase of officer.*give a passphraseFile in the answers/);
  assert.ok(!existsSync(shell.data));
});

test('without answers and without a terminal, or for a program, it says what is missing', async () => {
  const shell = newShell();
  const refused = await shell.refused('init', 'usage', 'USAGE');
  assert.match(refused.stderr, /required option '--answers <file>' not specified/);
  const plain = await shell.run('init');
  assert.match(plain.stderr, /no terminal to ask on/);
  assert.ok(!existsSync(shell.data));
});

test('a directory with other files is refused and left as it was', async () => {
  const shell = newShell();
  mkdirSync(shell.data);
  writeFileSync(join(shell.data, 'letter.txt'), 'dear');
  await shell.refused('init --answers -', 'conflict', 'DATA_DIRECTORY_NOT_EMPTY', fed(ANSWERS));
  assert.deepEqual(readdirSync(shell.data), ['letter.txt']);
});

test('commands for a directory without a KMA say how to set one up', async () => {
  const shell = newShell();
  for (const command of ['serve', 'status', 'lock-status --user officer --user-passphrase-file -']) {
    const who = { input: 'Some-passphrase-1' };
    const refused = await shell.refused(command, 'notFound', 'DATA_DIRECTORY_EMPTY', who);
    assert.match(refused.stderr, /what to do: Run "bin\/kma --data \/\S+ init" first/);
    assert.match(refused.stderr, new RegExp(shell.data));
  }
  assert.ok(!existsSync(shell.data), 'nor do they make it');
});
