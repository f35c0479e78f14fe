/** How lists and records look to people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continuation } from './continuation.ts';
import { shellWord } from './shell-word.ts';
import { statusText } from './status-text.ts';
import { asText, tableText } from './text-layout.ts';
import { cut } from './width.ts';

const KEY_ID = '00000BF07C633A5766E99EBEF834C05D5E09DD8C1CCBE8A8793BBB648D0A';
const lines = (output: unknown) => asText(output).split('\n');

test('a list is a table: dates to the second, yes and no, numbers to the right, long text last', () => {
  const rows = [
    {
      site: 'berlin',
      description: 'hall 2',
      enabled: true,
      agents: 7,
      createdAt: '2026-11-23T22:12:11.119Z',
    },
    { site: 'rome', description: '', enabled: false, agents: 12, createdAt: '2026-11-23T22:12:12.000Z' },
  ];
  assert.deepEqual(lines(rows), [
    'SITE    ENABLED  AGENTS  CREATED               DESCRIPTION',
    'berlin  yes           7  2026-11-23 22:12:11Z  hall 2',
    'rome    no           12  2026-11-23 22:12:12Z  -',
    '',
  ]);
});

test('a table that is wider than the terminal comes as records, broken between words', () => {
  const rows = [
    {
      keyId: KEY_ID,
      dataUnitId: '0'.repeat(32),
      comment: 'stolen from the hall, with the drive in it, at night',
    },
    { keyId: KEY_ID, dataUnitId: '1'.repeat(32), comment: '' },
  ];
  assert.deepEqual(asText(rows, 75).split('\n'), [
    `Key ID        ${KEY_ID}`,
    `Data unit ID  ${'0'.repeat(32)}`,
    'Comment       stolen from the hall, with the drive in it, at night',
    '',
    `Key ID        ${KEY_ID}`,
    `Data unit ID  ${'1'.repeat(32)}`,
    'Comment       -',
    '',
  ]);
  assert.deepEqual(asText({ comment: 'from the hall, at night' }, 24).split('\n'), [
    'Comment  from the hall,',
    '         at night',
    '',
  ]);
  assert.match(asText(rows, 160), /^KEY ID /);
});

test('a table may have more rows than a function takes arguments', () => {
  const rows = Array.from({ length: 200_000 }, (_, row) => ({ row }));
  assert.match(asText(rows), /^ {3}ROW\n {5}0\n/);
});

async function longTable(...pages: readonly (readonly Record<string, unknown>[])[]): Promise<string> {
  async function* given() {
    yield* pages;
  }
  let text = '';
  for await (const piece of tableText(given())) text += piece;
  return text;
}

test('a list of several pages has one heading, no column is left out, and widths grow', async () => {
  const text = await longTable(
    [{ site: 'berlin', description: '', agents: 7 }],
    [],
    [{ site: 'rio', description: 'hall 2', agents: 12 }],
    [{ site: 'los angeles', description: '', agents: 100 }],
  );
  assert.equal(
    text,
    `SITE    AGENTS  DESCRIPTION
berlin       7  -
rio         12  hall 2
los angeles     100  -
`,
  );
});

test('a list of one page is the table that it is without --all', async () => {
  const rows = [{ site: 'berlin', description: '', agents: 7 }];
  assert.equal(await longTable([], rows, []), asText(rows));
  assert.equal(await longTable([]), '(none)\n');
});

test('what a heading or label is made of is printable', () => {
  assert.equal(asText([{ 'a\u001b[31mB': 1 }]).split('\n')[0], 'A\\U{1B}[31M B');
  assert.equal(asText({ 'a\u202eb': 1 }), 'A\\u{202e}b  1\n');
});

test('a command that is to be copied is one line, however long', () => {
  assert.equal(
    asText({ next: 'bin/kma --data /somewhere serve' }, 20),
    'Next  bin/kma --data /somewhere serve\n',
  );
  const takeOther = `okm agent revoke-certificate ${'A'.repeat(64)}`;
  assert.ok(asText([{ what: 'agent one', takeOther }], 20).includes(takeOther));
  assert.ok(asText([{ what: 'agent one', takeOther }]).includes(takeOther));
});

test('a line that is drawn anew is cut before it would break', () => {
  assert.equal(cut('12345', 6), '12345');
  assert.equal(cut('12345', 5), '1234');
  assert.equal(cut('\u6f22\u5b57x', 4), '\u6f22');
  assert.equal(cut('12345', Number.POSITIVE_INFINITY), '12345');
});

test('a column without any value is left out, but never the first', () => {
  const rows = [{ agent: '', site: '', roles: [], comment: null, passphraseUsable: false }];
  assert.deepEqual(lines(rows), ['AGENT  PASSPHRASE USABLE', '-      no', '']);
});

test('long hex is whole in the first column and in records, shortened elsewhere, also within text', () => {
  const [, row = ''] = lines([
    { keyId: KEY_ID, dataUnitId: '0'.repeat(32), message: `key=${KEY_ID} group=a` },
  ]);
  assert.equal(row, `${KEY_ID}  000000000000..0000  key=00000BF07C63..8D0A group=a`);
  assert.ok(asText({ backupId: 'A'.repeat(32), fingerprint: KEY_ID }).includes(KEY_ID));
});

test('audit records start with row and time, without what their operation says already', () => {
  const rows = [
    { row: 9, operation: 'LockKma', message: 'm', class: 'System', term: 'long', createdAt: 'c', id: 'F00D' },
  ];
  assert.equal(lines(rows)[0], 'ROW  CREATED  OPERATION  MESSAGE');
});

test('a record is lines of name and value, with units, and - for nothing', () => {
  const record = {
    kmaName: 'k',
    fileBytes: 1_569_336,
    longTermDays: 730,
    keyId: '',
    sessionInactivityMinutes: 1,
  };
  assert.deepEqual(lines(record), [
    'KMA name            k',
    'File size           1.6 MB',
    'Long term           730 days',
    'Key ID              -',
    'Session inactivity  1 minute',
    '',
  ]);
});

test('a long list within a record has a line for each item, a short one a line', () => {
  assert.deepEqual(lines({ names: ['a', 'b'] }), ['Names  a, b', '']);
  const files = [`/media/${'x'.repeat(60)}`, `/media/${'y'.repeat(60)}`];
  assert.deepEqual(lines({ files }), [`Files  ${files[0]}`, `       ${files[1]}`, '']);
});

test('a certificate is printed so that it can be copied', () => {
  assert.deepEqual(lines({ caPem: '-----BEGIN\nAAAA\n-----END\n' }), [
    'CA PEM:',
    '-----BEGIN',
    'AAAA',
    '-----END',
    '',
  ]);
});

test('nothing, and an empty list, are said', () => {
  assert.equal(asText(null), 'done\n');
  assert.equal(asText([]), '(none)\n');
  assert.equal(asText({ rows: [], next: null }), '(none)\n');
});

test('wide characters keep the columns in line', () => {
  const rows = [
    { site: '東京', agents: 1 },
    { site: 'rome', agents: 2 },
  ];
  assert.deepEqual(lines(rows).slice(1, 3), ['東京       1', 'rome       2']);
});

test('what agents and users wrote cannot command the terminal', () => {
  const evil = 'a\u001b[2J\u202eb';
  for (const text of [
    asText([{ tag: evil }]),
    asText({ tag: evil }),
    asText({ tag: `${evil}\n` }),
    asText(evil),
  ])
    assert.match(text, /a\\u\{1b\}\[2J\\u\{202e\}b/);
});

test('a page that is not the last one says how to go on', () => {
  const rows = [{ keyId: 'A' }, { keyId: 'B' }];
  assert.equal(continuation({ rows, next: '101' }), '2 rows; for more: --after 101');
  assert.equal(continuation({ rows, next: null }), null);
  assert.equal(continuation({ key: 'A' }), null);
});

test('a path is quoted for the shell where it has to be', () => {
  assert.equal(shellWord('/var/lib/kma-1'), '/var/lib/kma-1');
  assert.equal(shellWord("/tmp/it's here"), "'/tmp/it'\\''s here'");
});

const STATUS = {
  kma: 'kma-1',
  errorState: '',
  storeTrouble: [],
  lacksRoot: false,
  lostKmas: [],
  closedLogs: [],
  membersOfBefore: [],
  locked: false,
  keyPoolSize: 1000,
  keysReady: 997,
  keysUnissued: 1000,
  readyPercent: 100,
  keysTakenPerHour: 0,
  poolLastsHours: null,
  cutOff: false,
  backupDue: false,
  backupOverdue: false,
  lastBackupAt: '2026-11-23T22:12:11.119Z',
  coreSecurityBackup: true,
  keySplitBackedUp: true,
  agents: 2,
  agentsEnrolled: 1,
  agentsWithLegacyProof: 1,
  minimumTls: '1.2',
  nameConflicts: [],
  conflicts: 0,
  replicationVersion: 2,
  replicationVersions: [{ kma: 'kma-1', reads: 2 }],
  clockOffsetSeconds: 0,
  clockOdd: '',
  platform: [],
  cluster: 'member' as const,
  coreStartedAt: '2026-11-23T20:00:00.000Z',
  operations: 1300,
  commits: 400,
  warnings: [],
};

test('the status says what runs, what is left and what to do', () => {
  assert.equal(
    statusText(STATUS, null),
    `KMA kma-1 is running and unlocked.

  Key pool   997 of 1000 keys Ready (100 %); 3 generated, waiting for a backup or another KMA
  Backups    last database backup 2026-11-23 22:12:11Z; core security backup taken
  Agents     2 agents, 1 enrolled, 1 of them with the legacy proof
  Load       1300 operations since 2026-11-23 20:00:00Z, 3.3 to a commit
  TLS        1.2 and higher

Nothing needs to be done.
`,
  );
  const warnings = ['locked: unlock it', 'take a backup'];
  const bad = statusText(
    {
      ...STATUS,
      locked: true,
      warnings,
      nameConflicts: ['drive-1~beef'],
      lastBackupAt: '',
      clockOffsetSeconds: -20,
    },
    null,
  );
  assert.match(bad, /^KMA kma-1 is running and LOCKED\.$/m);
  const away = statusText({ ...STATUS, cluster: 'logged-out' }, null);
  assert.match(away, /unlocked, and NO MEMBER of its cluster: logged-out\.$/m);
  const behind = statusText({ ...STATUS, cluster: 'catching-up' }, null);
  assert.match(behind, /unlocked, and CATCHES UP with its cluster\.$/m);
  assert.match(bad, /^ {2}Conflict {3}drive-1~beef$/m);
  assert.match(bad, /no database backup/);
  const busy = statusText({ ...STATUS, keysTakenPerHour: 400, poolLastsHours: 2.4 }, null);
  assert.match(busy, /; 400 taken an hour: enough for about 2\.4 hours$/m);
  assert.match(bad, /adjusted by hand: 20 s behind the machine/);
  assert.match(statusText({ ...STATUS, clockOffsetSeconds: 5 }, null), /5 s ahead of the machine/);
  const platform = [
    { part: 'names', summary: '192.0.2.53: answering' },
    { part: 'doctor', summary: 'fine at 2026-11-23T22:12:11.119Z' },
    { part: 'snmp', summary: 'off' },
    { part: 'hmp', summary: 'off' },
  ];
  const parts = statusText({ ...STATUS, platform }, null);
  assert.match(parts, /^ {2}Names {6}192\.0\.2\.53: answering$/m);
  assert.match(parts, /^ {2}Doctor {5}fine at 2026-11-23 22:12:11Z$/m);
  assert.match(parts, /^ {2}SNMP {7}off\n {2}HMP {8}off$/m);
  assert.match(bad, /To do:\n {2}- locked: unlock it\n {2}- take a backup\n$/);
});
