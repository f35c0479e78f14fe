/** okm against a running KMA: sessions, commands of the catalogue over port 3333, quorum, output for people and programs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Command } from 'commander';
import { readCoreSecurityFile } from '../src/backup/core-security-file.ts';
import { callUnlessChanged } from '../src/cli/okm/lost-updates.ts';
import { okmProgram } from '../src/cli/okm/okm.ts';
import { operationNamed } from '../src/cli/okm/operation-named.ts';
import { logIn } from '../src/client/log-in.ts';
import { Manager } from '../src/client/manager.ts';
import { OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { asQuorum, asUser } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ServedKma } from './support/served-kma.ts';

const OLGA = { name: 'olga', passphrase: 'Turns-another-wheel-3' };

let kma: TestKma;
let served: ServedKma;
let okm: OkmShell;
let place: string[];
let caFile: string;
let caKeySha256: string;
before(async () => {
  kma = await TestKma.start({ bare: true });
  const ca = await kma.ask<{ publicKeySha256: string; certificatePem: string }>('ShowRootCa', {}, OFFICER);
  caKeySha256 = ca.publicKeySha256;
  caFile = join(kma.folder, 'ca.pem');
  writeFileSync(caFile, ca.certificatePem);
  await kma.stop();
  served = await ServedKma.start(kma);
  place = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
  okm = new OkmShell(kma.folder);
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', ca.publicKeySha256);
  await okm.text('login', OFFICER.name, ...asUser(kma.folder, OFFICER).slice(2));
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

const managerOf = async ({ name: user, passphrase }: typeof OFFICER) => {
  const [timeoutMs, address] = [60_000, '127.0.0.1'];
  const at = { address, portOffset: served.portOffset, caKeySha256 };
  const session = await logIn({ place: at, user, passphrase, timeoutMs });
  return new Manager(session, { timeoutMs, retries: 0, waitMs: 0 });
};

const file = (name: string, content: string) => {
  const path = join(kma.folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

test('who is logged in works without a passphrase, and is told who he is', async () => {
  const me = await okm.json<{ user: string; roles: string[] }>('whoami');
  assert.deepEqual([me.user, me.roles], [OFFICER.name, ['SECURITY_OFFICER']]);
});

test('an operation with a quorum is carried out with credentials that were sealed here', async () => {
  await okm.text(
    ...['user', 'create', OLGA.name, '--roles', 'OPERATOR,COMPLIANCE_OFFICER'],
    ...['--passphrase-file', file('olga', `${OLGA.passphrase}\n`)],
    ...asQuorum(kma.folder, QUORUM),
  );
  const users = await okm.rows<{ user: string; roles: string[] }>('user', 'list');
  assert.deepEqual(users.find(({ user }) => user === OLGA.name)?.roles.toSorted(), [
    'COMPLIANCE_OFFICER',
    'OPERATOR',
  ]);
});

test('a list is printed as a table, tab-separated, or into a file of its owner', async () => {
  await okm.text('site', 'create', 'berlin', '--description', 'hall 2');
  assert.match(await okm.text('site', 'list'), /^SITE .*\nberlin .* hall 2\n$/);
  const [heading = '', row = ''] = (await okm.text('site', 'list', '--tsv')).split('\n');
  const cells = Object.fromEntries(heading.split('\t').map((name, i) => [name, row.split('\t')[i]]));
  assert.deepEqual([cells['site'], cells['description']], ['berlin', 'hall 2']);
  const to = join(kma.folder, 'sites.json');
  assert.equal(await okm.text('site', 'list', '--json', '--output', to), '');
  assert.equal(statSync(to).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(to, 'utf8')).rows[0].site, 'berlin');
});

test('a core security backup is written here, read back and counts', async () => {
  const directory = join(kma.folder, 'fetched');
  const made = await okm.json<{ backupId: string; file: string }>(
    ...['core-security-backup', 'fetch', '--directory', directory],
  );
  assert.equal(statSync(made.file).mode & 0o777, 0o600);
  const content = readCoreSecurityFile(readFileSync(made.file, 'utf8'));
  assert.equal('backupId' in content && content.backupId, made.backupId);
  const { warnings } = await kma.ask<{ warnings: string[] }>('ShowStatus', {});
  assert.ok(!warnings.some((text) => text.includes('core-security-backup')), warnings.join());
});

test('what another changes between reading and changing is not overwritten, unless that is forced', async () => {
  const operation = operationNamed('ModifySecurityParameters');
  const manager = await managerOf(OFFICER);
  /** Changes by itself what was just read. */
  const crossed: Pick<Manager, 'call'> = {
    async call(called, ...rest) {
      const answer = await manager.call(called, ...rest);
      if (called.http?.method === 'GET') await manager.call(operation, { loginAttemptLimit: 9 });
      return answer;
    },
  };
  try {
    const change = { loginAttemptLimit: 4 };
    await assert.rejects(callUnlessChanged(crossed, operation, change), { code: 'PRECONDITION_FAILED' });
    await callUnlessChanged(manager, operation, change);
  } finally {
    await manager.call(operationNamed('LogOut'), {});
    manager.close();
  }
  const limit = async () =>
    (await okm.json<{ loginAttemptLimit: number }>('security', 'show')).loginAttemptLimit;
  assert.equal(await limit(), 4);
  const set = (n: number, ...more: string[]) =>
    okm.run('security', 'modify', '--login-attempt-limit', String(n), ...more);
  assert.equal((await set(5)).status, 0);
  assert.match((await set(6, '--if-match', '0123456789abcdef')).stderr, /PRECONDITION_FAILED/);
  assert.match((await set(6, '--if-match', '0123456789abcdef', '--force')).stderr, /USAGE/);
  assert.equal(await limit(), 5);
  assert.equal((await set(7, '--force')).status, 0);
  assert.equal(await limit(), 7);
});

test('a version that show tells of is good for one change of that thing', async () => {
  const versionOf = async () => {
    const { stderr } = await okm.run('site', 'show', 'berlin', '--verbose');
    return /^version ([0-9a-f]{16})$/m.exec(stderr)?.[1] ?? '';
  };
  const seen = await versionOf();
  await okm.text('site', 'modify', 'berlin', '--description', 'hall 3', '--if-match', seen);
  const late = await okm.run('site', 'delete', 'berlin', '--if-match', seen);
  assert.equal(late.status, 5);
  assert.match(late.stderr, /PRECONDITION_FAILED/);
  assert.notEqual(await versionOf(), seen);
});

test('refusals of the KMA end with their exit codes', async () => {
  for (const [status, code, ...argv] of [
    [5, 'SITE_EXISTS', 'site', 'create', 'berlin'],
    [3, 'SITE_DOES_NOT_EXIST', 'site', 'delete', 'rome'],
    [4, 'ACCESS_DENIED', 'policy', 'list'],
    [2, 'USAGE', 'site', 'create'],
  ] as const) {
    const refused = await okm.run(...argv);
    assert.equal(refused.status, status, refused.stderr);
    assert.match(refused.stderr, new RegExp(code));
  }
});

test('a user of one command logs in, asks and leaves no session; only the root CA has to be known', async () => {
  const elsewhere = new OkmShell(kma.folder);
  const asOlga = asUser(kma.folder, OLGA);
  const trust = [...place, '--cacert', caFile];
  assert.match(await elsewhere.text('site', 'list', ...trust, ...asOlga), /^SITE /);
  const sessions = await okm.rows<{ user: string }>('session', 'list');
  assert.deepEqual(
    sessions.map(({ user }) => user),
    [OFFICER.name],
  );
  assert.match((await elsewhere.run('site', 'list', ...place, ...asOlga)).stderr, /PROFILE_DOES_NOT_EXIST/);
});

test('agents of a CSV file are created with their groups; a run that broke off goes on', async () => {
  const asOlga = asUser(kma.folder, OLGA);
  const periods = ['--encryption-period', '2y', '--cryptoperiod', '10y'];
  await okm.text('policy', 'create', 'tapes', ...periods, ...asOlga);
  await okm.text('group', 'create', 'tapes-1', '--policy', 'tapes', ...asOlga);
  const csv = (site: string) =>
    file(
      'agents.csv',
      `agent,description,site,onetimepassphrase,passphrase,keygroup
drive-1,"left, first",berlin,false,Enrol-me-once-6,tapes-1
drive-2,,${site},,Enrol-me-once-7,tapes-1
drive-3,,,,Enrol-me-once-8,
`,
    );
  const broken = await okm.run('agent', 'import', csv('rome'), ...asOlga);
  assert.equal(broken.status, 3);
  assert.match(broken.stderr, /record 3, drive-2: .*\n(.*\n)*.*SITE_DOES_NOT_EXIST/);
  assert.match(broken.stderr, /1 of 3 agents are as .* says; what came before the failure stays/);
  const made = await okm.json<object[]>('agent', 'import', csv('berlin'), ...asOlga);
  assert.deepEqual(made, [
    { agent: 'drive-1', group: 'tapes-1', result: 'exists' },
    { agent: 'drive-2', group: 'tapes-1', result: 'created' },
    { agent: 'drive-3', group: '', result: 'created' },
  ]);
  const agents = await okm.rows<{ agent: string; oneTimePassphrase: boolean }>('agent', 'list', ...asOlga);
  const oneTime = Object.fromEntries(agents.map((agent) => [agent.agent, agent.oneTimePassphrase]));
  assert.deepEqual(oneTime, { 'drive-1': false, 'drive-2': true, 'drive-3': true });
  chmodSync(csv('berlin'), 0o644);
  const open = await okm.run('agent', 'import', join(kma.folder, 'agents.csv'), ...asOlga);
  assert.match(open.stderr, /others may read it/);
});

test('a whole list goes into a file of its owner, page by page, as JSON lines or tab-separated', async () => {
  const path = join(kma.folder, 'events.out');
  const list = ['audit', 'list', '--limit', '5', '--all', '--output', path];
  await okm.text(...list, '--json');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
  const numbers = rows.map((line) => Number(Object(JSON.parse(line)).row));
  assert.ok(numbers.length > 10, 'several pages');
  assert.deepEqual([numbers.at(-1), new Set(numbers).size], [1, numbers.length]);
  await okm.text(...list, '--tsv', '--filter', 'operation=CreateUser');
  const [heading, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.match(heading ?? '', /^row\t/);
  assert.ok(lines.length > 0 && lines.every((line) => /^\d+\t/.test(line)));
  assert.match(
    await okm.text('audit', 'list', '--all', '--filter', 'operation=CreateUser'),
    /^ROW +CREATED +OPERATION/,
  );
});

test('what does not come in pages has no --all, and leaves no file', async () => {
  const path = join(kma.folder, 'nothing.out');
  const refused = await okm.run('session', 'show', '--all', '--output', path);
  assert.match(refused.stderr, /USAGE/);
  assert.throws(() => statSync(path), { code: 'ENOENT' });
});

test('a session that the KMA has ended is over here too', async () => {
  await okm.text('logout');
  assert.match((await okm.run('whoami')).stderr, /NOT_LOGGED_IN/);
});

const commandsBelow = (command: Command): Command[] =>
  command.commands.flatMap((child) => [child, ...commandsBelow(child)]);

const helpOf = (command: Command): string => {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
};
const wordsOf = (command: Command): string =>
  command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;

test('every command has an example in its help that begins with its own words', () => {
  const leaves = commandsBelow(okmProgram()).filter(({ commands }) => commands.length === 0);
  assert.ok(leaves.length > 60, `${leaves.length} commands`);
  const wrong = leaves.filter((command) => !helpOf(command).includes(`Example:\n  ${wordsOf(command)}`));
  assert.deepEqual(wrong.map(wordsOf), []);
});

test('help tells of commands that okm has, or that are given at the appliance', () => {
  const program = okmProgram();
  const all = commandsBelow(program);
  const leaves = all
    .filter(({ commands, options }) => commands.length === 0 || options.length > 0)
    .map(wordsOf);
  const unknown = [program, ...all].flatMap((command) => {
    const told = helpOf(command).replace(/\s+/g, ' ');
    const here = [...told.matchAll(/(?:"|Example: )(okm [a-z][^"]*)/g)].map(([, text = '']) => text);
    const elsewhere = [...told.matchAll(/(?<!-)\bkma [a-z][^"]*(?:"(?: at the appliance)?)?/g)].map(
      ([text]) => text,
    );
    return [
      ...here.filter((text) => !leaves.some((leaf) => `${text} `.startsWith(`${leaf} `))),
      ...elsewhere.filter((text) => !text.endsWith('" at the appliance')),
    ];
  });
  assert.deepEqual(unknown, []);
  const backup = all.find((command) => wordsOf(command) === 'okm backup create');
  assert.match(backup?.description() ?? '', /"okm backup --directory DIR" makes and fetches them/);
});

test('bash completes commands, their commands and options', async () => {
  const script = await okm.text('completion', 'bash');
  const complete = (...words: string[]) => {
    const asked = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _okm; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', `${script}\n${asked}`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
  };
  assert.deepEqual(complete('okm', 'logi'), ['login']);
  assert.ok(complete('okm', '--json', 'user', '').includes('create'));
  assert.ok(complete('okm', 'user', 'create', '--ro').includes('--roles'));
});
