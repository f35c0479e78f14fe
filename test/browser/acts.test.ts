/** The main act of each screen of the web Manager, done in a real browser by who may do it, and looked for at the KMA afterwards. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AUDITOR, BACKUP, COMPLIANCE, OFFICER, OPERATOR, type Person, QUORUM } from '../support/kma.ts';
import { act, type Filled, fill, openForm } from './forms.ts';
import { ManagerKma } from './manager-kma.ts';

/** A KMA writes down once a minute what it counted, and the page asks four times a minute. */
const COUNTED_WITHIN_MS = 180_000;

let manager: ManagerKma;
let held: { keyId: string; dataUnitId: string };

before(async () => {
  manager = await ManagerKma.start({ host: '127.0.0.71' });
  const drive = await manager.kma.agent('drive-1');
  const { dataUnitId } = await drive.createDataUnit({ externalTag: 'TAPE-1' });
  const { keyId } = await drive.createKey({ dataUnitId });
  held = { keyId, dataUnitId };
  drive.close();
});
after(() => manager?.[Symbol.asyncDispose]());

interface Act {
  readonly who: Person;
  readonly at: string;
  readonly name: string;
  readonly fields?: Filled;
  readonly quorum?: readonly Person[];
  /** What the KMA has afterwards: a question, and the part of its answer. */
  readonly shows: readonly [operation: string, input: object, expected: RegExp];
}

const ACTS: readonly Act[] = [
  {
    ...{ who: COMPLIANCE, at: '/key-policies', name: 'Create key policy' },
    fields: { 'Key policy': 'short', 'Encryption period': '1m', Cryptoperiod: '1y' },
    shows: ['ShowKeyPolicy', { policy: 'short' }, /"cryptoperiod":"1y"/],
  },
  {
    ...{ who: COMPLIANCE, at: '/key-groups', name: 'Create key group' },
    fields: { 'Key group': 'vault', 'Key policy': 'short' },
    shows: ['ShowKeyGroup', { group: 'vault' }, /"policy":"short"/],
  },
  {
    ...{ who: OPERATOR, at: '/agents', name: 'Create agent' },
    fields: { 'Agent ID': 'drive-9', 'Passphrase to enrol with': 'Enrol-me-now-7', Site: 'site-a' },
    shows: ['ShowAgent', { agent: 'drive-9' }, /"site":"site-a"/],
  },
  {
    ...{ who: OFFICER, at: '/snmp-managers', name: 'Create SNMP manager' },
    fields: {
      'SNMP manager': 'watch',
      Address: '127.0.0.72',
      Protocol: { choose: 'v3' },
      'SNMP user': 'alarms',
      Passphrase: 'Shouts-very-loud-8',
    },
    shows: ['ShowSnmpManager', { manager: 'watch' }, /"userName":"alarms"/],
  },
  {
    ...{ who: OFFICER, at: '/syslog-servers', name: 'Create syslog server' },
    fields: { Server: 'logs', Address: '127.0.0.72', Port: '10514', Transport: { choose: 'tcp' } },
    shows: ['ShowSyslogServer', { server: 'logs' }, /"port":10514/],
  },
  {
    ...{ who: BACKUP, at: '/backup-schedule', name: 'Modify backup schedule' },
    fields: { 'A backup every so many hours': '24' },
    shows: ['ShowBackupSchedule', {}, /"everyHours":24/],
  },
  {
    ...{ who: BACKUP, at: '/kmas', name: 'Change the size of the key pool' },
    fields: { 'Keys in the pool of each KMA': '1001' },
    shows: ['ShowStatus', {}, /"keyPoolSize":1001/],
  },
  {
    ...{ who: OFFICER, at: '/security-parameters', name: 'Modify security parameters' },
    fields: { 'Shortest passphrase (characters)': '10' },
    shows: ['ShowSecurityParameters', {}, /"passphraseMinimumLength":10/],
  },
  {
    ...{ who: OFFICER, at: '/dns', name: 'Set DNS' },
    fields: { 'DNS servers': '127.0.0.72\n127.0.0.73\n', 'Domain of short names': 'kma.example' },
    shows: ['ShowDns', {}, /"servers":\["127\.0\.0\.72","127\.0\.0\.73"\]/],
  },
  {
    ...{ who: OFFICER, at: '/acceptable-tls', name: 'Set the lowest TLS version' },
    fields: { 'Lowest TLS version': { choose: '1.3' } },
    shows: ['ShowAcceptableTls', {}, /"minimum":"1\.3"/],
  },
  {
    ...{ who: OFFICER, at: '/autonomous-unlock', name: 'Set autonomous unlock' },
    fields: { 'Unlock itself at a start': false },
    quorum: QUORUM,
    shows: ['ShowAutonomousUnlock', {}, /"autonomousUnlock":false/],
  },
  {
    ...{ who: OFFICER, at: '/kmas', name: 'Create KMA', quorum: QUORUM },
    fields: {
      KMA: 'kma-next',
      'Passphrase to join with': 'Joins-them-all-9',
      'Address on the service network': '127.0.0.74',
      'Address on the management network': '127.0.0.74',
    },
    shows: ['ShowKma', { kma: 'kma-next' }, /"serviceAddress":"127\.0\.0\.74"/],
  },
];

for (const { who, at, name, fields, quorum, shows } of ACTS)
  test(`${who.name} at ${at}: ${name}`, async () => {
    await using opened = await manager.at(who, at);
    await act(opened.page, name, fields, quorum);
    const [operation, input, expected] = shows;
    assert.match(JSON.stringify(await manager.kma.ask(operation, input, who)), expected);
  });

test('a key group gets an agent on its own page, and loses it on that of the agent', async () => {
  await using opened = await manager.at(COMPLIANCE, '/key-groups/group-b');
  const { page } = opened;
  await act(page, 'Assign key group', { 'Agent ID': 'drive-1' });
  await page.getByRole('row', { name: /drive-1/ }).waitFor();
  await page.goto('/agents/drive-1');
  const row = page.getByRole('row', { name: /group-b/ });
  const form = await openForm(page, 'Unassign key group', row);
  await form.getByRole('button', { name: 'Unassign key group' }).click();
  await form.waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  const rows = await manager.kma.rows<{ group: string }>(
    'ListAgentKeyGroups',
    { filter: ['agent=drive-1'] },
    COMPLIANCE,
  );
  assert.deepEqual(
    rows.map(({ group }) => group),
    ['group-a'],
  );
});

test('a data unit shows its keys in a tab, and whether one is in use is said there', async () => {
  await using opened = await manager.at(OPERATOR, `/data-units/${held.dataUnitId}`);
  const { page } = opened;
  await page.getByRole('tab', { name: 'Keys', exact: true }).waitFor();
  const names = await page.getByRole('tab').allTextContents();
  assert.deepEqual(names, ['Keys', 'Backups with keys', 'Backups with destroyed keys']);
  const form = await openForm(
    page,
    'Say whether a key is in use',
    page.getByRole('row', { name: held.keyId }),
  );
  await fill(form, { 'The data unit uses the key': false });
  await form.getByRole('button', { name: 'Say whether a key is in use' }).click();
  await page.getByText('Say whether a key is in use: Done').waitFor();
  const key = await manager.kma.ask<{ dataUnits: { inUse: boolean }[] }>(
    'ShowKey',
    { keyId: held.keyId },
    OPERATOR,
  );
  assert.match(JSON.stringify(key), /"inUse":false/);
});

test('a key is declared compromised, and then destroyed with its data unit: both say what is lost and want its name', async () => {
  {
    await using opened = await manager.at(COMPLIANCE, `/keys/${held.keyId}`);
    await act(opened.page, 'Declare compromised', {
      Reason: 'the tape was left in a train',
      [`Type ${held.keyId} to confirm`]: held.keyId,
    });
  }
  await using opened = await manager.at(OPERATOR, `/data-units/${held.dataUnitId}`);
  const { page } = opened;
  const form = await openForm(page, 'Destroy keys');
  await form.getByText('1 compromised keys of this data unit').waitFor();
  await fill(form, { 'Compromised keys': true, Reason: 'found, and not needed any more' });
  const sure = form.getByRole('button', { name: 'Destroy keys' });
  assert.ok(await sure.isDisabled(), 'before its name is typed');
  await form.getByLabel(`Type ${held.dataUnitId} to confirm`).fill(held.dataUnitId);
  await sure.click();
  await page.getByRole('dialog', { name: 'Destroy keys' }).getByText('Destroyed keys').waitFor();
  const { state } = await manager.kma.ask<{ state: string }>('ShowKey', { keyId: held.keyId }, OPERATOR);
  assert.match(state, /^DESTROYED_COMPROMISED/);
});

test('a system dump is made, told of and downloaded', async () => {
  await using opened = await manager.at(OPERATOR, '/system-dump');
  const { page } = opened;
  await page.getByRole('button', { name: 'Create system dump' }).click();
  await page.getByText('The dump is made').waitFor();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the dump' }).click();
  const file = await downloading;
  assert.match(file.suggestedFilename(), /^OKM-SystemDump-kma-test-\d{4}-[\dTZ-]+\.json$/);
  const dump = JSON.parse(readFileSync(await file.path(), 'utf8')) as Record<string, unknown[]>;
  assert.equal(dump['format'] as unknown, 'openkma system dump 1');
  assert.ok((dump['auditRecords']?.length ?? 0) > 10 && (dump['kmas']?.length ?? 0) > 0);
});

test('the doctor looks from the KMA, and names the server that does not answer and the place to see to it', async () => {
  await using opened = await manager.at(AUDITOR, '/doctor');
  const { page } = opened;
  await page.getByRole('button', { name: 'Let the doctor look' }).click();
  await page.getByText('Something is broken').waitFor();
  await page
    .getByText(/syslog server logs.*nobody listens at 10514/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: /syslog server logs/ }).click();
  const steps = page.getByRole('grid', { name: /Steps to/ });
  await steps.getByText('failed').first().waitFor();
  assert.equal(await page.getByText(/"(kma|okm) [^"]*"(?! at the appliance)/).count(), 0, 'no commands');
});

test('ports are listed as they are at this KMA, with the process that holds each', async () => {
  await using opened = await manager.at(AUDITOR, '/ports');
  const row = opened.page.getByRole('row', { name: String(manager.kma.ports.agent) });
  await row.waitFor();
  assert.match((await row.textContent()) ?? '', /listening/);
});

test('what agents asked for is drawn: by the hour, and agent by agent', async () => {
  await using opened = await manager.at(OPERATOR, '/kma-performance');
  const { page } = opened;
  await page.getByRole('heading', { name: 'Calls of agents in each hour' }).waitFor();
  await page.locator('.okm-chart canvas').waitFor({ timeout: COUNTED_WITHIN_MS });
  await page.goto('/agent-performance');
  const bars = page.locator('.okm-bars');
  await bars.getByRole('link', { name: 'drive-1' }).waitFor();
  assert.ok(Number(await bars.getByRole('meter').first().getAttribute('value')) >= 2);
  await page.getByLabel('Time shown').selectOption('last hour');
  await bars.getByRole('link', { name: 'drive-1' }).waitFor();
});

test('a certificate request for the web Manager is made and shown to be copied', async () => {
  await using opened = await manager.at(OFFICER, '/web-certificate');
  const { page } = opened;
  const form = await openForm(page, 'Request web certificate');
  await fill(form, { Names: 'kma.example' });
  await form.getByRole('button', { name: 'Request web certificate' }).click();
  await page.getByText('-----BEGIN CERTIFICATE REQUEST-----').waitFor();
});

test('the audit is verified, and its chains are shown whole', async () => {
  await using opened = await manager.at(AUDITOR, '/audit-events');
  const { page } = opened;
  const form = await openForm(page, 'Verify the audit chains');
  await form.getByRole('button', { name: 'Verify the audit chains' }).click();
  await page.getByText('Verify the audit chains: Done').waitFor();
});

test('the time is moved by a second, and says from when it can be moved again', async () => {
  await using opened = await manager.at(OFFICER, '/time');
  const { page } = opened;
  const form = await openForm(page, 'Adjust time');
  await fill(form, { 'By seconds': '1' });
  await form.getByRole('button', { name: 'Adjust time' }).click();
  await page.getByRole('dialog', { name: 'Adjust time' }).getByText('Can be moved again from').waitFor();
  assert.match(JSON.stringify(await manager.kma.ask('ShowTime', {}, OFFICER)), /"offsetSeconds":1[,.}]/);
});

test('a locked KMA says so on the overview, and a quorum unlocks it after a new log-in; the form says how many holders are needed', async () => {
  {
    const opened = await manager.at(OFFICER, '/lock');
    await act(opened.page, 'Lock KMA', { 'Type kma-test to confirm': 'kma-test' });
    await opened.page.getByText('yes', { exact: true }).waitFor();
    await opened.page.goto('/');
    const tile = opened.page.locator('.okm-cards .pf-v6-c-card').filter({ hasText: 'Locked' });
    await tile.getByText('kma-test').waitFor();
    await opened.page.goto('/lock');
    const form = await openForm(opened.page, 'Unlock KMA');
    await form.getByText('most often because it was locked or started anew since you logged in').waitFor();
    assert.equal(await form.getByLabel('Passphrase 1').count(), 0);
    await opened.context.close();
    // Whoever asked in the moment in which the core was replaced got no answer, and asked again.
    assert.deepEqual(
      opened.complaints.filter((text) => !/status of 50\d/.test(text)),
      [],
    );
  }
  // A core that was replaced has forgotten the keys that credentials were sealed to.
  await using opened = await manager.at(OFFICER, '/lock');
  const form = await openForm(opened.page, 'Unlock KMA');
  await form.getByText('2 of these 3 holders are needed: holder-one, holder-two, holder-three.').waitFor();
  await form.getByRole('button', { name: 'Cancel' }).click();
  await act(opened.page, 'Unlock KMA', {}, QUORUM);
  const { locked } = await manager.kma.ask<{ locked: boolean }>('ShowLockStatus', {}, OFFICER);
  assert.equal(locked, false);
});
