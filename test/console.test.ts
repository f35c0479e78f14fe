/** "kma console" on a pseudo-terminal, at a KMA that serves: the menu of each role, what is asked and refused, and how a KMA is rebooted, shut down and reset there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { menuFor } from '../src/cli/console/menu.ts';
import { EXIT } from '../src/cli/exit-codes.ts';
import { ROLES, type Role } from '../src/operations/operation.ts';
import { VERSION } from '../src/version.ts';
import { AUDITOR, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { KMA_PROGRAM, kmaCommand } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { CTRL_C, ENTER, PseudoTerminal } from './support/pseudo-terminal.ts';
import { ServedKma } from './support/served-kma.ts';

const CTRL_D = '\u0004';
/** From the test on in which it is set. */
const AUDITOR_NOW = { ...AUDITOR, passphrase: 'Counts-the-peas-6' };
const GUESSED = { name: 'guessed', passphrase: 'Is-not-known-8' };
/** Of one user in a row, where nobody has set another number. */
const LOGIN_ATTEMPTS = 5;
const BOTH = { name: 'both', passphrase: 'Wears-two-hats-6' };
const PEOPLE: readonly (readonly [Person, readonly Role[]])[] = [
  [OPERATOR, ['OPERATOR']],
  [AUDITOR, ['AUDITOR']],
  [GUESSED, ['AUDITOR']],
  [BOTH, ['OPERATOR', 'SECURITY_OFFICER']],
  ...ROLES.filter((role) => !['OPERATOR', 'AUDITOR', 'SECURITY_OFFICER'].includes(role)).map(
    (role) => [{ name: `only-${role.toLowerCase()}`, passphrase: 'Sits-on-a-chair-7' }, [role]] as const,
  ),
];

const kma = await TestKma.start({ bare: true });
for (const [{ name: user, passphrase }, roles] of PEOPLE)
  await kma.ask('CreateUser', { user, passphrase, roles }, OFFICER, QUORUM);
await kma.stop();
let served = await ServedKma.start(kma);
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});
const shell = new KmaShell(kma.data, kma.folder);

const atConsole = (columns?: number) =>
  new PseudoTerminal([process.execPath, KMA_PROGRAM, '--data', kma.data, 'console'], columns);
const CHOICE = /Enter your choice: $/;

/** Gives the menu. */
async function logIn(terminal: PseudoTerminal, { name, passphrase }: Person): Promise<string> {
  await terminal.answer(/User ID: $/, `${name}${ENTER}`);
  await terminal.answer(/Passphrase: $/, `${passphrase}${ENTER}`);
  return terminal.shows(CHOICE);
}
const labelsIn = (shown: string) =>
  [...shown.matchAll(/^ +(\d+) {2}(.+?)\r?$/gm)].map(([, , label]) => label);

/** By what it is called, as its number. */
async function choose(terminal: PseudoTerminal, menu: string, label: string): Promise<void> {
  const number = labelsIn(menu).indexOf(label) + 1;
  assert.ok(number > 0, `${label} in ${menu}`);
  terminal.type(`${number}${ENTER}`);
}
async function typeQuorum(terminal: PseudoTerminal): Promise<void> {
  for (const [index, { name, passphrase }] of QUORUM.entries()) {
    await terminal.answer(new RegExp(`Name of key holder ${index + 1}.*: $`), `${name}${ENTER}`);
    await terminal.answer(new RegExp(`Passphrase of ${name}: $`), `${passphrase}${ENTER}`);
  }
  await terminal.answer(/Name of key holder 3 \(Enter: no more\): $/, ENTER);
}
function assertUnseen({ raw }: PseudoTerminal, ...people: readonly Person[]): void {
  for (const { passphrase } of people) assert.ok(!raw.includes(passphrase));
}
const audited = async (operation: string) =>
  (await shell.rows<{ condition: string; entityId: string }>(`audit list --filter operation=${operation}`, {
    user: OFFICER,
  })) satisfies readonly object[];

test('it tells which KMA it is, and wrong passphrases count there as everywhere', async () => {
  await using terminal = atConsole();
  const banner = await terminal.shows(/console of kma-test/);
  assert.ok(banner.includes(`OpenKMA ${VERSION}, `), banner);
  const wrong = [...Array(LOGIN_ATTEMPTS).fill('Guesses-wildly-8'), GUESSED.passphrase];
  for (const passphrase of wrong) {
    await terminal.answer(/User ID: $/, `${GUESSED.name}${ENTER}`);
    await terminal.answer(/Passphrase: $/, `${passphrase}${ENTER}`);
    await terminal.shows(/error: Authentication failed[\s\S]*code: AUTHENTICATION_FAILED/);
  }
  const users = await shell.rows<{ user: string; passphraseUsable: boolean }>('user list', { user: OFFICER });
  assert.equal(users.find(({ user }) => user === GUESSED.name)?.passphraseUsable, false);
  await logIn(terminal, AUDITOR);
  assertUnseen(terminal, AUDITOR, GUESSED, { name: '', passphrase: 'Guesses-wildly-8' });
});

for (const [person, roles] of [
  ...PEOPLE.filter(([person]) => person !== GUESSED),
  [OFFICER, ['SECURITY_OFFICER']] as const,
])
  test(`as ${roles.join(' and ')} the menu is that of the role`, async () => {
    await using terminal = atConsole();
    const menu = await logIn(terminal, person);
    assert.deepEqual(
      labelsIn(menu),
      menuFor(roles).map(({ label }) => label),
    );
    await choose(terminal, menu, 'Log out');
    await terminal.shows(new RegExp(`${person.name} has logged out[\\s\\S]*User ID: $`));
    terminal.type(CTRL_D);
    assert.equal(await terminal.ended(), EXIT.left);
  });

test('a wrong choice is asked for again; Ctrl-C goes back step by step, and then leaves', async () => {
  await using terminal = atConsole();
  const menu = await logIn(terminal, OFFICER);
  for (const wrong of ['99', 'reboot', '0', '']) {
    terminal.type(`${wrong}${ENTER}`);
    await terminal.shows(/! a number from 1 to 11 is needed[\s\S]*Enter your choice: $/);
  }
  await choose(terminal, menu, 'Technical support');
  await terminal.answer(/Enable with a password[\s\S]*Enter your choice: $/, `1${ENTER}`);
  await terminal.answer(/Password: $/, CTRL_C);
  await terminal.answer(/Nothing was done[\s\S]*Enter your choice: $/, CTRL_C);
  await terminal.answer(/has logged out[\s\S]*User ID: $/, CTRL_C);
  assert.equal(await terminal.ended(), EXIT.left);
});

test("a Security Officer sets a user's passphrase with a quorum, TLS and DNS, and sees what is", async () => {
  await using terminal = atConsole();
  const menu = await logIn(terminal, OFFICER);
  await choose(terminal, menu, "Set a user's passphrase");
  await terminal.answer(/User ID: $/, `${AUDITOR.name}${ENTER}`);
  await terminal.answer(/New passphrase: $/, `too-easy${ENTER}`);
  await terminal.answer(
    /! not accepted: at least three[\s\S]*New passphrase: $/,
    `${AUDITOR_NOW.passphrase}${ENTER}`,
  );
  await terminal.answer(/The same again: $/, `${AUDITOR_NOW.passphrase}${ENTER}`);
  await typeQuorum(terminal);
  await terminal.shows(/done[\s\S]*Enter your choice: $/);
  await kma.ask('ShowSession', {}, AUDITOR_NOW);

  await choose(terminal, menu, 'TLS versions');
  await terminal.answer(/Minimum +1\.2[\s\S]*lowest TLS version of[\s\S]*Minimum: $/, `4${ENTER}`);
  await terminal.shows(/done[\s\S]*Enter your choice: $/);
  assert.deepEqual(await kma.ask('ShowAcceptableTls', {}, OFFICER), { minimum: '1.3' });

  await choose(terminal, menu, 'DNS');
  await terminal.answer(/Servers: $/, `dns.example${ENTER}`);
  await terminal.answer(/! an IPv4 or IPv6 address[\s\S]*Servers: $/, `192.0.2.53${ENTER}`);
  await terminal.answer(/Domain \[none\]: $/, ENTER);
  await terminal.shows(/done[\s\S]*Enter your choice: $/);
  await choose(terminal, menu, 'DNS');
  await terminal.answer(/Servers +192\.0\.2\.53[\s\S]*Servers: $/, ENTER);
  await terminal.answer(/Domain \[none\]: $/, ENTER);
  await terminal.shows(/done[\s\S]*Enter your choice: $/);

  await choose(terminal, menu, 'Management and service addresses, gateways');
  await terminal.shows(/set by its administrator[\s\S]*Enter your choice: $/);
  await choose(terminal, menu, 'Show root CA certificate');
  await terminal.shows(/Public key SHA256 +[0-9A-F]{64}[\s\S]*Enter your choice: $/);
  assertUnseen(terminal, OFFICER, ...QUORUM, AUDITOR_NOW);
});

test('the root CA is renewed only where the name of the KMA is typed', async () => {
  await using terminal = atConsole();
  const menu = await logIn(terminal, OFFICER);
  const fingerprint = async () =>
    (await kma.ask<{ fingerprint: string }>('ShowRootCa', {}, OFFICER)).fingerprint;
  const before = await fingerprint();
  for (const [name, answer] of [
    ['kma-other', /! that is not it: nothing was done/],
    ['kma-test', /Valid from/],
  ] as const) {
    await choose(terminal, menu, 'Renew root CA certificate');
    await terminal.answer(/Digest \[SHA-256\]: $/, ENTER);
    await terminal.answer(/Type kma-test to go on: $/, `${name}${ENTER}`);
    await terminal.shows(answer);
    await terminal.shows(CHOICE);
    assert.equal((await fingerprint()) === before, name === 'kma-other');
  }
});

test('who gets a new passphrase or loses a role meanwhile is logged out, or sees another menu', async () => {
  await using terminal = atConsole();
  const menu = await logIn(terminal, BOTH);
  await kma.ask('ModifyUser', { user: BOTH.name, roles: ['OPERATOR'] }, OFFICER, QUORUM);
  await choose(terminal, menu, 'TLS versions');
  await terminal.answer(/Minimum: $/, `4${ENTER}`);
  const denied = await terminal.shows(/ACCESS_DENIED[\s\S]*Enter your choice: $/);
  assert.deepEqual(
    labelsIn(denied),
    menuFor(['OPERATOR']).map(({ label }) => label),
  );
  await kma.ask('SetUserPassphrase', { user: BOTH.name, passphrase: 'Wears-no-hats-7' }, OFFICER, QUORUM);
  await choose(terminal, denied, 'Show root CA certificate');
  await terminal.shows(/Your log-in counts no more[\s\S]*console of kma-test[\s\S]*User ID: $/);
});

test('a locked KMA says so, and its people may log in', async () => {
  await kma.ask('LockKma', {}, OFFICER);
  await using terminal = atConsole(60);
  await terminal.shows(/LOCKED: agents get no keys/);
  await logIn(terminal, OFFICER);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  const long = terminal.text.split(/[\r\n]+/).filter((line) => line.length > 60);
  assert.deepEqual(long, []);
});

test('an Operator reboots the KMA, which is another one afterwards, and the console waits for it', async () => {
  await using terminal = atConsole();
  const menu = await logIn(terminal, OPERATOR);
  const core = served.childNamed('core');
  await choose(terminal, menu, 'Reboot KMA');
  await terminal.answer(/Type kma-test to go on: $/, `yes${ENTER}`);
  await terminal.shows(/! that is not it: nothing was done[\s\S]*Enter your choice: $/);
  assert.equal(served.childNamed('core'), core);
  await choose(terminal, menu, 'Reboot KMA');
  await terminal.answer(/Type kma-test to go on: $/, `kma-test${ENTER}`);
  await terminal.shows(/kma-test is back[\s\S]*console of kma-test/);
  assert.notEqual(served.childNamed('core'), core);
  await logIn(terminal, OPERATOR);
  const [record] = await audited('RebootKma');
  assert.deepEqual([record?.condition, record?.entityId], ['Reboot', OPERATOR.name]);
});

test('an Operator shuts the KMA down for good, and without it there is no console', async () => {
  await using terminal = atConsole();
  await using other = atConsole();
  const menu = await logIn(terminal, OPERATOR);
  const otherMenu = await logIn(other, AUDITOR_NOW);
  await choose(terminal, menu, 'Shut down KMA');
  await terminal.answer(
    /nobody can do that from\s+elsewhere[\s\S]*Type kma-test to go on: $/,
    `kma-test${ENTER}`,
  );
  await terminal.shows(/kma-test has shut down/);
  assert.equal(await terminal.ended(), EXIT.ok);
  assert.equal(await served.ended(), EXIT.ok);
  await choose(other, otherMenu, 'Show root CA certificate');
  await other.shows(/NOT_RUNNING/);
  assert.equal(await other.ended(), EXIT.unavailable);
  await using none = atConsole();
  await none.shows(/NOT_RUNNING/);
  assert.equal(await none.ended(), EXIT.unavailable);
});

test('without a terminal it is refused', async () => {
  for (const options of [[], ['--json']]) {
    const { status, stderr } = await kmaCommand('--data', kma.data, ...options, 'console');
    assert.equal(status, EXIT.usage);
    assert.match(stderr, /code: USAGE/);
  }
});

test('a Security Officer resets it: nothing of it is left, and its process has ended', async () => {
  served = await ServedKma.start(kma);
  await using terminal = atConsole();
  const menu = await logIn(terminal, OFFICER);
  await choose(terminal, menu, 'Reset to factory default');
  await terminal.answer(/goes for good[\s\S]*Zeroise \[n\]: $/, `y${ENTER}`);
  await terminal.answer(/Type kma-test to go on: $/, `kma-test${ENTER}`);
  await terminal.shows(/kma-test is gone/);
  assert.equal(await terminal.ended(), EXIT.ok);
  assert.equal(await served.ended(), EXIT.ok);
  for (const path of [kma.data, `${kma.data}.unlock-key`]) assert.ok(!existsSync(path));
  assert.match(served.stderr, /files were removed/);
});
