/** The appliance command as a person uses it: every kind of command as a process of its own on one KMA, from the first user to a restored copy. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { EXIT } from '../src/cli/exit-codes.ts';
import {
  AGENT_PASSPHRASE,
  AUDITOR,
  BACKUP,
  COMPLIANCE,
  HOLDERS,
  OFFICER,
  OPERATOR,
  type Person,
  QUORUM,
  TestKma,
} from './support/kma.ts';
import { KMA_PROGRAM, kmaCommand } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start({ bare: true });
after(() => kma[Symbol.asyncDispose]());
const shell = new KmaShell(kma.data, kma.folder);
const secret = (person: Person) => ({ ...person, passphrase: `New-${person.passphrase}` });

type Row = Readonly<Record<string, unknown>>;
const row = (rows: readonly Row[], field: string, value: string) => rows.find((one) => one[field] === value);

test('users: create, list, modify, passphrases, delete', async () => {
  await kma.letIn(COMPLIANCE, OPERATOR, BACKUP);
  const created = await shell.text('user create auditor --roles AUDITOR,QUORUM_MEMBER --passphrase-file -', {
    user: OFFICER,
    quorum: QUORUM,
    input: `${AUDITOR.passphrase}\n`,
  });
  assert.equal(created, 'done\n');
  const users = await shell.rows<Row>('user list', { user: OFFICER });
  assert.deepEqual(row(users, 'user', 'auditor')?.['roles'], ['AUDITOR', 'QUORUM_MEMBER']);
  await shell.text(['user', 'modify', 'auditor', '--description', 'Looks, and asks', '--roles', 'AUDITOR'], {
    user: OFFICER,
    quorum: QUORUM,
  });
  const table = await shell.text('user list', { user: OFFICER });
  assert.match(table, /^USER +ROLES +ENABLED +PASSPHRASE USABLE +FAILED LOGINS +CREATED +DESCRIPTION\n/);
  assert.match(table, /^auditor +AUDITOR +yes +yes +0 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}Looks, and asks$/m);
  const set = { user: OFFICER, quorum: QUORUM, input: secret(BACKUP).passphrase };
  await shell.text('user set-passphrase backups --passphrase-file -', set);
  await shell.refused(
    'user change-own-passphrase --new-passphrase-file -',
    'denied',
    'AUTHENTICATION_FAILED',
    {
      user: BACKUP,
      input: 'Whatever-it-is-1',
    },
  );
  await shell.text('user change-own-passphrase --new-passphrase-file -', {
    user: secret(BACKUP),
    input: BACKUP.passphrase,
  });
  const someone = { name: 'someone', passphrase: 'Comes-and-goes-9' };
  const input = { user: someone.name, roles: ['OPERATOR'], passphrase: someone.passphrase };
  await kma.ask('CreateUser', input, OFFICER, QUORUM);
  await shell.text('user delete someone', { user: OFFICER });
  await shell.refused('agent list', 'denied', 'AUTHENTICATION_FAILED', { user: someone });
});

test('sites: create, list, modify, delete', async () => {
  await shell.text('site create berlin', { user: OFFICER });
  await kma.ask('CreateSite', { site: 'rome' }, OFFICER);
  await shell.refused('site create rome', 'conflict', 'SITE_EXISTS', { user: OFFICER });
  await shell.text(['site', 'modify', 'berlin', '--description', 'hall 2'], { user: OFFICER });
  await shell.text('site delete rome', { user: OFFICER });
  assert.match(await shell.text('site list', { user: OFFICER }), /^SITE .*\nberlin .* hall 2\n$/);
});

test('key policies: create, list, modify, delete', async () => {
  const periods = '--encryption-period 2y --cryptoperiod 10y';
  await shell.text(`policy create tapes ${periods}`, { user: COMPLIANCE });
  const disks = { policy: 'disks', encryptionPeriod: '1y', cryptoperiod: '1y' };
  await kma.ask('CreateKeyPolicy', disks, COMPLIANCE);
  await shell.text('policy modify tapes --allow-export-from', { user: COMPLIANCE });
  await shell.text('policy delete disks', { user: COMPLIANCE });
  const policies = await shell.rows<Row>('policy list', { user: COMPLIANCE });
  assert.equal(policies.length, 1);
  const { encryptionPeriod, cryptoperiod, allowExportFrom } = policies[0] ?? {};
  assert.deepEqual([encryptionPeriod, cryptoperiod, allowExportFrom], ['2y', '10y', true]);
  await shell.refused(
    'policy create odd --encryption-period 2y --cryptoperiod 1y',
    'usage',
    'INVALID_PARAMETERS',
    { user: COMPLIANCE },
  );
});

test('key groups, agents and which agent has which group', async () => {
  const [compliance, operator] = [{ user: COMPLIANCE }, { user: OPERATOR }];
  await shell.text('group create tapes-1 --policy tapes', compliance);
  for (const group of ['tapes-2', 'unused'])
    await kma.ask('CreateKeyGroup', { group, policy: 'tapes' }, COMPLIANCE);
  await shell.text('group modify tapes-2 --description second', compliance);
  await shell.text('group delete unused', compliance);
  await shell.text('agent create drive-1 --site berlin --no-one-time-passphrase --passphrase-file -', {
    ...operator,
    input: AGENT_PASSPHRASE,
  });
  await kma.ask('CreateAgent', { agent: 'drive-2', passphrase: AGENT_PASSPHRASE }, OPERATOR);
  await shell.text(['agent', 'modify', 'drive-1', '--description', 'left one', '--no-enabled'], operator);
  await shell.text('agent modify drive-1 --enabled', operator);
  for (const [agent, group] of [
    ['drive-1', 'tapes-2'],
    ['drive-2', 'tapes-2'],
  ])
    await kma.ask('AssignKeyGroup', { agent, group, default: true }, COMPLIANCE);
  await shell.text('group assign drive-1 tapes-1', compliance);
  await shell.text('group set-default drive-1 tapes-1', compliance);
  await shell.text('group unassign drive-2 tapes-2', compliance);
  assert.equal(
    await shell.text('group assignments', compliance),
    'AGENT    GROUP    DEFAULT\ndrive-1  tapes-1  yes\ndrive-1  tapes-2  no\n',
  );
  await shell.text('agent set-passphrase drive-2 --passphrase-file -', {
    ...operator,
    input: 'Another-secret-8',
  });
  await shell.text('agent delete drive-2', operator);
  const agents = await shell.rows<Row>('agent list', operator);
  assert.deepEqual(
    agents.map(({ description, enabled, oneTimePassphrase }) => [description, enabled, oneTimePassphrase]),
    [['left one', true, false]],
  );
  const groups = await shell.rows<Row>('group list', compliance);
  assert.deepEqual(
    groups.map(({ group, agents: count }) => [group, count]),
    [
      ['tapes-1', 1],
      ['tapes-2', 1],
    ],
  );
});

test('backups: the status asks for them, they are read back, and then keys are Ready', async () => {
  const to = kma.backups;
  const before = await shell.text('status');
  assert.match(before, /^KMA kma-test is running and unlocked\.$/m);
  assert.match(before, /To do:\n(?: {2}- .*\n)* {2}- .*core-security-backup --to DIR/);
  const early = ['backup', '--to', join(kma.folder, 'early')];
  await shell.refused(early, 'conflict', 'NEED_CORE_SECURITY_BACKUP', { user: BACKUP });
  await shell.refused(['core-security-backup', '--to', join(kma.data, 'x')], 'usage', 'BACKUP_INSIDE_DATA', {
    user: OFFICER,
  });
  const taken = await shell.run(['core-security-backup', '--to', to], { user: OFFICER });
  assert.match(
    taken.stderr,
    new RegExp(`^${to} was not there and was made: .*\nWritten and read back\\. Keep it`),
  );
  const core = taken.stdout;
  assert.match(core, new RegExp(`^Backup ID +[0-9A-F]{32}\nFiles +${to}/\\S+\n$`));
  await kma.poolFilled();
  const made = await shell.run(['backup', '--to', to], { user: BACKUP });
  assert.equal(made.status, 0, made.stderr);
  assert.match(
    made.stderr,
    /(?:^|\n)Written and read back\. Keep them away from this machine, and apart from/,
  );
  const backupId = /^Backup ID +([0-9A-F]{32})$/m.exec(made.stdout)?.[1];
  assert.equal(readdirSync(to).length, 3);
  for (const file of readdirSync(to)) assert.equal(statSync(join(to, file)).mode & 0o077, 0, file);
  const after = await shell.text('status');
  assert.match(after, /1000 of 1000 keys Ready \(100 %\)$/m);
  assert.match(after, /Nothing needs to be done\.\n$/);
  const list = await shell.text('backup-list', { user: BACKUP });
  assert.match(list, /^BACKUP ID +KMA +CREATED +COMPLETED +DOWNLOADED +USABLE +FILE SIZE\n/);
  assert.match(list, new RegExp(`^${backupId} .* \\d+\\.\\d MB$`, 'm'));
});

test('data units and keys of an agent: list, show, history, move, compromise, destroy', async () => {
  const client = await kma.agent('drive-1', { create: false });
  const unit = await client.createDataUnit({ externalTag: 'VOL001', externalUniqueId: 'AA01' });
  const key = await client.createKey({ dataUnitId: unit.dataUnitId });
  client.close();
  const [operator, compliance] = [{ user: OPERATOR }, { user: COMPLIANCE }];
  const { dataUnitId } = unit;
  assert.match(
    await shell.text('data-unit list', operator),
    new RegExp(`^DATA UNIT ID .*\n${dataUnitId} +VOL001 .* drive-1 +AA01\n$`),
  );
  await shell.text(['data-unit', 'modify', dataUnitId, '--description', 'first tape'], operator);
  const shown = await shell.text(`data-unit show ${dataUnitId}`, operator);
  assert.match(shown, /^Description +first tape$/m);
  assert.match(shown, /^Keys +1$/m);
  const keys = await shell.rows<Row>(`key list --data-unit-id ${dataUnitId}`, operator);
  assert.deepEqual(
    keys.map(({ keyId, state, group }) => [keyId, state, group]),
    [[key.keyId, 'PROTECT_AND_PROCESS', 'tapes-1']],
  );
  await shell.text(`key change-group ${key.keyId} tapes-2`, compliance);
  const record = await shell.text(`key show ${key.keyId}`, operator);
  assert.match(record, new RegExp(`^Key ID +${key.keyId}$`, 'm'));
  assert.match(record, /^Group +tapes-2$/m);
  assert.match(record, /^Compromised +-$/m);
  const page = await shell.run('key list --limit 2', operator);
  assert.equal(page.stdout.split('\n').length, 4, 'a heading, two rows');
  assert.match(page.stderr, /^2 rows; for more: --after [\w-]+\n$/);
  const comment = ['--comment', 'drive was stolen'];
  await shell.text(['key', 'compromise', key.keyId, ...comment], compliance);
  const destroyed = await shell.text(
    ['data-unit', 'destroy-keys', dataUnitId, '--compromised', ...comment],
    operator,
  );
  assert.match(destroyed, /^Destroyed +1$/m);
  const holding = await shell.text(`data-unit backups ${dataUnitId}`, { user: BACKUP });
  assert.match(holding, /^BACKUP ID +CREATED +KMA\n[0-9A-F]{32} .*\n$/, 'the backup that still has the key');
  const auditor = { user: AUDITOR };
  const history = await shell.text(`key history ${key.keyId}`, auditor);
  assert.match(history, /^ROW +CREATED +OPERATION +SEVERITY /);
  assert.match(history, / CompromiseKeys? /);
  assert.match(await shell.text(`data-unit history ${dataUnitId}`, auditor), / CreateDataUnit /);
  assert.match(await shell.text('agent history drive-1', auditor), / EnrolAgent /);
});

test('the audit log is listed with filters, and its chains are verified', async () => {
  const failures = await shell.rows<Row>('audit list --filter severity=error --limit 50', { user: AUDITOR });
  assert.ok(failures.length > 0);
  assert.ok(failures.every(({ severity }) => severity === 'error'));
  const since = await shell.rows<Row>('audit list --filter createdAt>=2999-01-01', { user: AUDITOR });
  assert.deepEqual(since, []);
  const chains = await shell.text('audit verify', { user: AUDITOR });
  assert.equal(chains.match(/ intact$/gm)?.length, 3);
});

test('settings: pool, TLS, security', async () => {
  await shell.text('pool resize 1200', { user: BACKUP });
  await until('the status shows it', async () => /of 1200 keys/.test(await shell.text('status')));
  await shell.refused('pool resize 7', 'usage', 'INVALID_PARAMETERS', { user: BACKUP });
  await shell.text('tls set 1.1', { user: OFFICER });
  assert.match(await shell.text('status'), /TLS +1\.1 and higher\n(?:.*\n)*.*kma --data \S+ tls set 1\.2/);
  await kma.ask('SetAcceptableTls', { minimum: '1.2' }, OFFICER);
  await shell.text('security modify --login-attempt-limit 4', { user: OFFICER });
  assert.match(await shell.text('security show', { user: AUDITOR }), /^Login attempt limit +4$/m);
});

test('exit codes: usage, not found, denied, conflict, quorum', async () => {
  const officer = { user: OFFICER };
  await shell.refused('agent list --colour red', 'usage', 'USAGE', officer);
  await shell.refused('agent', 'usage', 'USAGE');
  await shell.refused('pool resize many', 'usage', 'USAGE', officer);
  await shell.refused('site create milan --passphrase x', 'usage', 'USAGE', officer);
  await shell.refused('agent modify nobody --enabled', 'notFound', 'AGENT_DOES_NOT_EXIST', {
    user: OPERATOR,
  });
  await shell.refused('agent modify drive-1 --enabled', 'denied', 'ACCESS_DENIED', { user: AUDITOR });
  await shell.refused('site list', 'denied', 'AUTHENTICATION_FAILED', { user: secret(AUDITOR) });
  await shell.refused('user create u --roles AUDITOR --passphrase-file -', 'quorum', 'QUORUM_NOT_MET', {
    ...officer,
    quorum: HOLDERS.slice(0, 1),
    input: 'Some-passphrase-1',
  });
  await shell.refused('user create u --roles AUDITOR --passphrase-file -', 'usage', 'INVALID_PASSPHRASE', {
    ...officer,
    quorum: QUORUM,
    input: 'short',
  });
});

test('passphrases: a missing file, an empty one, and standard input given twice are named', async () => {
  const none = await shell.refused('site list --user officer', 'usage', 'USAGE');
  assert.match(none.stderr, /no terminal to ask on for "passphrase of officer": give --user-passphrase-file/);
  const missing = ['site', 'list', '--user', 'officer', '--user-passphrase-file', join(kma.folder, 'none')];
  assert.match((await shell.refused(missing, 'usage', 'USAGE')).stderr, /no file .*\/none/);
  const empty = await shell.refused('site list --user officer --user-passphrase-file -', 'usage', 'USAGE');
  assert.match(empty.stderr, /no passphrase in the first line/);
  const twice = 'user create u --roles AUDITOR --user officer --user-passphrase-file - --passphrase-file -';
  const refused = await shell.refused(twice, 'usage', 'USAGE', { input: 'Some-passphrase-1' });
  assert.match(refused.stderr, /standard input is read once/);
});

test('lock and unlock: too few shares are refused', async () => {
  await shell.text('lock', { user: OFFICER });
  await until('the locked core answers', async () => /LOCKED/.test(await shell.text('status')));
  assert.match(await shell.text('lock-status', { user: OPERATOR }), /^Locked +yes$/m);
  await shell.refused('agent create drive-9 --passphrase-file -', 'conflict', 'APPLIANCE_LOCKED', {
    user: OPERATOR,
    input: AGENT_PASSPHRASE,
  });
  await shell.refused('unlock', 'quorum', 'QUORUM_NOT_MET', { user: OFFICER, quorum: HOLDERS.slice(0, 1) });
  await shell.text('unlock', { user: OFFICER, quorum: HOLDERS.slice(1) });
  assert.match(await shell.text('lock-status', { user: OPERATOR }), /^Locked +no$/m);
});

test('restore into another directory; the status of what does not run says how to start it', async () => {
  const to = kma.backups;
  const [core = ''] = readdirSync(to).filter((file) => file.endsWith('.json') && !file.includes('BackupKey'));
  const { files, stateHash } = await shell.json<{ files: string[]; stateHash: string }>(
    ['backup', '--to', to],
    {
      user: BACKUP,
    },
  );
  const [file = '', keyFile = ''] = files;
  const copy = new KmaShell(join(kma.folder, 'copy'), kma.folder);
  const command = [
    'restore',
    ...['--core-security-backup', join(to, core), '--backup', file, '--backup-key', keyFile],
  ];
  await copy.refused(command, 'quorum', 'QUORUM_NOT_MET', { quorum: HOLDERS.map(secret) });
  assert.ok(!existsSync(copy.data), 'a refused restore leaves nothing');
  const restored = await copy.run(command, { quorum: QUORUM });
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stdout, new RegExp(`^State hash restored +${stateHash}$`, 'm'));
  assert.match(
    restored.stdout,
    /^Next +bin\/kma --data \S+ serve --management-address 127\.0\.0\.1 --service-address 127\.0\.0\.1, then bin\/kma --data \S+ unlock --user NAME$/m,
  );
  assert.match(restored.stderr, /\.\.\.\n/, 'progress is talk');
  await copy.refused(command, 'conflict', 'RESTORE_TARGET_NOT_EMPTY', { quorum: QUORUM });
  const blind = await copy.refused(command, 'usage', 'USAGE');
  assert.match(blind.stderr, /no terminal to ask on for "name of key holder 1": give --quorum-file/);
  const down = await copy.refused('status', 'unavailable', 'NOT_RUNNING');
  assert.match(down.stderr, /what to do: Start it with "bin\/kma --data \/\S+ serve"/);
});

test('a command whose output nobody reads ends quietly', async () => {
  const child = spawn(process.execPath, [KMA_PROGRAM, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const ended = once(child, 'close');
  const said = await text(child.stderr);
  await ended;
  assert.equal(said, '');
  assert.equal(child.exitCode, EXIT.failure);
});

test('help and version of the program', async () => {
  const help = await kmaCommand('--help');
  assert.equal(help.status, 0);
  for (const part of [/kma init --answers/, /7 not running/, /^ {2}unlock /m, /agent +create, list/])
    assert.match(help.stdout, part);
  const command = await kmaCommand('agent', 'create', '--help');
  assert.match(command.stdout, /Global Options:\n(?:.*\n)* +--data (?:.*\n)*Example:\n {2}kma agent create/);
  assert.match((await kmaCommand('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
});
