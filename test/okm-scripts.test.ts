/** The commands of one word that scripts use, against a running KMA with keys: agents, lists of any length, destruction. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operationNamed } from '../src/cli/okm/operation-named.ts';
import { pagesOf } from '../src/cli/okm/pages.ts';
import { logIn } from '../src/client/log-in.ts';
import { Manager } from '../src/client/manager.ts';
import { COMPLIANCE, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { asUser } from './support/kma-command.ts';
import { logInAt, oddKma } from './support/odd-kma.ts';
import { OkmShell } from './support/okm-shell.ts';
import { RawAgent } from './support/raw-agent.ts';
import { ServedKma } from './support/served-kma.ts';

const OLGA = { name: 'olga', passphrase: 'Turns-another-wheel-3' };
const COMMENT = ['--comment', 'end of retention'];
/** Keys of each are compromised: of the first two all, of the third none. */
const units: string[] = [];
const keys: string[][] = [];

let kma: TestKma;
let served: ServedKma;
let okm: OkmShell;
let caKeySha256: string;
before(async () => {
  kma = await TestKma.start();
  const roles = ['OPERATOR', 'COMPLIANCE_OFFICER'];
  await kma.ask('CreateUser', { user: OLGA.name, roles, passphrase: OLGA.passphrase }, OFFICER, QUORUM);
  const drive = await RawAgent.create(kma, 'drive-1');
  for (const count of [2, 1, 1]) {
    const unit = await drive.createUnit('', `VOL00${units.length}`);
    const made = [];
    for (let key = 0; key < count; key += 1) made.push((await drive.createKey(unit)).keyId);
    units.push(unit);
    keys.push(made);
  }
  for (const dataUnitId of units.slice(0, 2))
    await kma.ask('CompromiseKeys', { dataUnitId, comment: 'stolen' }, COMPLIANCE);
  const ca = await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER);
  caKeySha256 = ca.publicKeySha256;
  await kma.stop();
  served = await ServedKma.start(kma);
  okm = new OkmShell(kma.folder);
  const place = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', caKeySha256);
  await okm.text('login', OLGA.name, ...asUser(kma.folder, OLGA).slice(2));
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

const file = (name: string, content: string) => {
  const path = join(kma.folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};
interface Usage {
  readonly dataUnitId: string;
  readonly keyId: string;
  readonly state: string;
  readonly inUse: boolean;
}

test('scripts create, change, list and delete an agent', async () => {
  const secret = ['--passphrase-file', file('drive-9', 'Enrol-me-once-9\n')];
  await okm.text('createagent', '--agent', 'drive-9', '--onetimepassphrase', 'false', ...secret);
  await okm.text('modifyagent', '--agent', 'drive-9', '--enabled', 'false', '--keygroup', 'group-a');
  const agents = () =>
    okm.json<{ agent: string; enabled: boolean; oneTimePassphrase: boolean; defaultKeyGroup: string }[]>(
      'listagents',
    );
  const found = (await agents()).find(({ agent }) => agent === 'drive-9');
  assert.deepEqual(
    [found?.enabled, found?.oneTimePassphrase, found?.defaultKeyGroup],
    [false, false, 'group-a'],
  );
  assert.deepEqual(
    (await okm.json<{ agent: string }[]>('listagents', '--filter', 'enabled=false')).map(
      ({ agent }) => agent,
    ),
    ['drive-9'],
  );
  assert.match((await okm.run('modifyagent', '--agent', 'drive-9', '--enabled', 'no')).stderr, /USAGE/);
  assert.match((await okm.run('modifyagent', '--agent', 'drive-9')).stderr, /USAGE/);
  const versioned = ['--agent', 'drive-9', '--enabled', 'true', '--if-match', '0123456789abcdef'];
  assert.match((await okm.run('modifyagent', ...versioned)).stderr, /USAGE/);
  await okm.text('deleteagent', '--agent', 'drive-9');
  assert.ok(!(await agents()).some(({ agent }) => agent === 'drive-9'));
});

test('load and performance are told', async () => {
  const load = await okm.json<{ logIns: number; managers: number }>('currload');
  assert.ok(load.logIns >= 1 && load.managers >= 1, JSON.stringify(load));
  const byAgent = await okm.json<{ agent: string; createKey: number }[]>('listagentperformance');
  assert.deepEqual(
    byAgent.map(({ agent, createKey }) => [agent, createKey]),
    [['drive-1', 4]],
  );
  const byHour = await okm.json<{ createKey: number }[]>('listkmaperformance', '--span', 'week');
  assert.equal(
    byHour.reduce((sum, { createKey }) => sum + createKey, 0),
    4,
  );
  for (const command of ['listagentperformance', 'listkmaperformance'])
    assert.match((await okm.run(command, '--span', 'year')).stderr, /INVALID_PARAMETERS/);
});

test('data units are listed whole or filtered, in every form', async () => {
  const all = await okm.json<{ dataUnitId: string }[]>('listdus', '--listwait', '0');
  assert.deepEqual(all.map(({ dataUnitId }) => dataUnitId).toSorted(), units.toSorted());
  const lines = (await okm.text('listdus', '--filter', 'externalTag=VOL001', '--tsv')).split('\n');
  assert.match(lines[0] ?? '', /^dataUnitId\t/);
  assert.ok(lines[1]?.startsWith(`${units[1]}\t`));
  assert.match(await okm.text('listdus'), /^DATA UNIT ID .*\n([0-9A-F]{32} .*\n){3}$/);
  assert.deepEqual(await okm.json('listdus', '--filter', 'externalTag=nothing'), []);
});

test('keys and their use are listed, all or those of the data units of a file', async () => {
  const one = file('one.txt', `\n ${units[0]?.toLowerCase()}\r\n`);
  const usage = await okm.json<Usage[]>('listku', '--duids', one);
  assert.deepEqual(usage.map(({ keyId }) => keyId).toSorted(), keys[0]?.toSorted());
  assert.ok(usage.every(({ dataUnitId, inUse }) => dataUnitId === units[0] && inUse));
  const handedOut = await okm.json<Usage[]>('listku');
  assert.deepEqual(
    handedOut.map(({ keyId }) => keyId).toSorted(),
    keys.flat().toSorted(),
    'none of the pool',
  );
  const compromised = await okm.json<Usage[]>('listku', '--filter', 'state=COMPROMISED');
  assert.deepEqual(compromised.map(({ keyId }) => keyId).toSorted(), keys.slice(0, 2).flat().toSorted());
  const wrong = await okm.run('listku', '--duids', file('wrong.txt', `${units[0]}\nVOL001\n`));
  assert.match(wrong.stderr, /wrong\.txt, line 2: a data unit ID is 32 hex digits/);
});

test('audit events are told in the time zone of this computer where that is wanted', async () => {
  const listed = ['auditevents', '--maxcount', '20'];
  const events = await okm.json<{ operation: string; createdAt: string }[]>(...listed);
  assert.equal(events.length, 20);
  assert.ok(events.every(({ createdAt }) => createdAt.endsWith('Z')));
  const local = await okm.json<{ createdAt: string }[]>(...listed, '--localtimezone=true');
  assert.ok(local.every(({ createdAt }) => /T\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(createdAt)));
  assert.match((await okm.run(...listed)).stderr, /the newest 20 events; there may be more/);
  const none = await okm.json<unknown[]>('auditevents', '--filter', 'operation=NoSuch');
  assert.deepEqual(none, []);
});

test('destruction says whose keys and which, or destroys none', async () => {
  const some = file('some.txt', units.join('\n'));
  for (const wrong of [
    ['--keystate', 'both', ...COMMENT],
    ['--keystate', 'both', '--all', ...COMMENT],
    ['--keystate', 'both', '--all=false', ...COMMENT],
    ['--keystate', 'both', '--all=true', '--duids', some, ...COMMENT],
    ['--keystate', 'active', '--duids', some, ...COMMENT],
    ['--keystate', 'both', '--duids', some],
    ['--keystate', 'both', '--duids', file('empty.txt', '\n'), ...COMMENT],
  ]) {
    const { status, stderr } = await okm.run('destroykeys', ...wrong);
    assert.equal(status, 2, stderr);
  }
  assert.deepEqual(await okm.json('destroykeys', '--keystate', 'deactivated', '--duids', some, ...COMMENT), [
    ...units.map((dataUnitId) => ({ dataUnitId, keysDestroyed: 0 })),
  ]);
});

test('what cannot be destroyed ends the run, and what was destroyed before is told', async () => {
  const unknown = '0'.repeat(32);
  const some = file('half.txt', `${units[1]}\n${unknown}\n${units[0]}\n`);
  const { status, stdout, stderr } = await okm.run(
    ...['destroykeys', '--keystate', 'compromised', '--duids', some, ...COMMENT, '--tsv'],
  );
  assert.equal(status, 3, stderr);
  assert.equal(stdout, `dataUnitId\tkeysDestroyed\n${units[1]}\t1\n`);
  assert.match(stderr, new RegExp(`line 2, ${unknown}: .*done before: 1 data unit`));
});

test('all that is left to be destroyed is, and no other key', async () => {
  assert.deepEqual(
    await okm.json('destroykeys', '--keystate', 'deactivated+compromised', '--all=true', ...COMMENT),
    [{ dataUnitId: units[0], keysDestroyed: 2 }],
  );
  const usage = await okm.json<Usage[]>('listku', '--duids', file('all.txt', units.join('\n')));
  const states = usage.map(({ dataUnitId, state }) => [
    units.indexOf(dataUnitId),
    /^DESTROYED_COMPROMISED/.test(state),
  ]);
  assert.deepEqual(states.toSorted(), [
    [0, true],
    [0, true],
    [1, true],
    [2, false],
  ]);
});

test('a list longer than a page goes on where the page ended, and ends at the number that was asked for', async () => {
  const { name: user, passphrase } = OLGA;
  const [timeoutMs, address] = [60_000, '127.0.0.1'];
  const place = { address, portOffset: served.portOffset, caKeySha256 };
  const session = await logIn({ place, user, passphrase, timeoutMs });
  const manager = new Manager(session, { timeoutMs, retries: 0, waitMs: 0 });
  try {
    const rows: number[] = [];
    const options = { rowsMax: 8, pageRows: 3 };
    for await (const page of pagesOf(manager, operationNamed('ListAuditEvents'), {}, options))
      rows.push(...page.map(({ row }) => Number(row)));
    const newest = rows[0] ?? 0;
    assert.deepEqual(
      rows,
      Array.from({ length: 8 }, (_, i) => newest - i),
    );
  } finally {
    await manager.call(operationNamed('LogOut'), {});
    manager.close();
  }
});

test('a list is printed as it comes: who reads its beginning need not wait for its end', async () => {
  const rows = Array.from({ length: 100 }, (_, row) => ({ row }));
  await using endless = await oddKma(() => ({ status: 200, body: JSON.stringify({ rows, next: 'X' }) }));
  const elsewhere = new OkmShell(kma.folder);
  await logInAt(endless, elsewhere);
  for (const form of [[], ['--tsv'], ['--json']])
    for (const command of [['listdus'], ['auditevents', '--maxcount', '100000000']]) {
      const { stdout } = await elsewhere.piped([...command, ...form], 'head -n 1');
      assert.match(stdout, /^(ROW|row|\[)\n$/i);
    }
});
