/** The SNMP agent as Debian's snmpget, snmpwalk and snmpset find it: what it shows, whom it refuses, and that no bytes of strangers end it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { freeUdpPort } from '../../../test/support/snmptrapd.ts';
import { until } from '../../../test/support/until.ts';
import { engineIdOf } from '../../core/snmp-engine-id.ts';
import { type HmpSetting, hmpSetting } from '../../platform-settings/hmp.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { localizedSnmpKey, type SnmpPrivacy, snmpKey } from '../../security/snmp-keys.ts';
import { AuditSource } from '../audit-source.fixture.ts';
import { HmpPart } from './hmp-part.ts';

const run = promisify(execFile);
const PATH = [process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter);
const KMA = { id: 'C'.repeat(32), name: 'kma-1', version: '9.9.9' };
const PASSPHRASE = 'Correct-Horse-1';
const PRIVACY_PASSPHRASE = 'Battery-Staple-2';
const PRODUCT = '.1.3.6.1.4.1.42.2.22.99';
const SYSTEM_NAME = '.1.3.6.1.2.1.1.5.0';
const HEALTH = {
  locked: true,
  errorState: '',
  poolReadyPercent: 73,
  poolSize: 1_000,
  members: [
    { name: 'kma-2', responding: true, lagEntries: 0 },
    { name: 'kma-3', responding: false, lagEntries: 12 },
  ],
};

function setting(authentication: HmpSetting['authentication'], privacy: SnmpPrivacy = 'AES-128'): HmpSetting {
  const engineId = Buffer.from(engineIdOf(KMA.id), 'hex');
  const key = (text: string) => {
    const made = snmpKey(SecretBytes.fromText(text), authentication);
    return localizedSnmpKey(made, engineId, authentication).reveal().toString('base64');
  };
  const keys = { authenticationKey: key(PASSPHRASE), privacyKey: key(PRIVACY_PASSPHRASE) };
  return { enabled: true, user: 'okm', authentication, privacy, ...keys };
}

async function begin(t: TestContext, hmp = setting('SHA-256')) {
  const port = await freeUdpPort();
  const audit = new AuditSource();
  const part = new HmpPart(audit.tools(t, port));
  t.after(() => part.stop());
  part.health(HEALTH);
  part.apply({ kma: KMA, hmp });
  if (hmp.enabled) await until('the agent listens', () => part.state().details['listening'] === true);
  part.health(HEALTH);
  return { port, part, audit };
}

interface As {
  readonly user?: string;
  readonly level?: string;
  readonly hash?: string;
  readonly cipher?: string;
  readonly passphrase?: string;
  readonly privacyPassphrase?: string;
}
/** What the tool printed; rejects with what it complained of. */
async function ask(tool: string, port: number, given: readonly string[], as: As = {}): Promise<string> {
  const { user = 'okm', level = 'authPriv', hash = 'SHA-256', cipher = 'AES' } = as;
  const { passphrase = PASSPHRASE, privacyPassphrase = PRIVACY_PASSPHRASE } = as;
  const who = [
    '-v3',
    '-u',
    user,
    '-l',
    level,
    '-a',
    hash,
    '-A',
    passphrase,
    '-x',
    cipher,
    '-X',
    privacyPassphrase,
  ];
  const args = [...who, '-On', '-m', '', '-t', '2', '-r', '1', `127.0.0.1:${port}`, ...given];
  const { stdout, stderr } = await run(tool, args, {
    env: { PATH, MIBS: '', SNMP_PERSISTENT_DIR: '/nonexistent' },
  });
  return `${stdout}${stderr}`;
}

test('it shows who it is, the machine and how the KMA fares', async (t) => {
  const { port, part } = await begin(t);
  assert.match(await ask('snmpget', port, [SYSTEM_NAME]), /STRING: "?kma-1"?/);
  const health = await until('its health', async () => {
    const walked = await ask('snmpwalk', port, [`${PRODUCT}.200`]);
    return walked.includes('kma-2') ? walked : null;
  });
  const lines = health
    .trim()
    .split('\n')
    .filter((line) => !line.includes('No more variables'));
  const values = lines.map((line) => line.replace(`${PRODUCT}.200.`, '').replaceAll('"', ''));
  assert.deepEqual(values, [
    '1.0 = STRING: kma-1',
    '2.0 = STRING: 9.9.9',
    '3.0 = INTEGER: 1',
    '4.0 = ',
    '5.0 = Gauge32: 73',
    '6.0 = Gauge32: 1000',
    '7.1.2.1 = STRING: kma-2',
    '7.1.2.2 = STRING: kma-3',
    '7.1.3.1 = INTEGER: 1',
    '7.1.3.2 = INTEGER: 2',
    '7.1.4.1 = Gauge32: 0',
    '7.1.4.2 = Gauge32: 12',
  ]);
  const all = await ask('snmpbulkwalk', port, ['.1.3']);
  assert.match(all, /\.1\.3\.6\.1\.2\.1\.25\.2\.2\.0 = INTEGER: \d{5,}/, 'memory');
  assert.match(all, /\.25\.2\.3\.1\.3\.3 = STRING: "?Data directory/);
  assert.match(all, /\.25\.2\.3\.1\.5\.3 = INTEGER: [1-9]\d+\n/, 'its size');
  assert.match(all, /\.25\.3\.3\.1\.2\.1 = INTEGER: \d+/, 'the load of the first processor');
  assert.deepEqual(part.state().troubles, []);
});

test('every hash and cipher that it may be set to is understood', async (t) => {
  for (const [authentication, hash, privacy, cipher] of [
    ['SHA-1', 'SHA', 'AES-128', 'AES'],
    ['SHA-224', 'SHA-224', 'AES-128', 'AES'],
    ['SHA-384', 'SHA-384', 'AES-128', 'AES'],
    ['SHA-512', 'SHA-512', 'AES-256', 'AES-256'],
    ['SHA-1', 'SHA', 'DES', 'DES'],
  ] as const) {
    const { port, part } = await begin(t, setting(authentication, privacy));
    assert.match(await ask('snmpget', port, [SYSTEM_NAME], { hash, cipher }), /kma-1/);
    await part.stop();
  }
});

test('nobody else is answered: other users and passphrases, without signature or cipher, other versions', async (t) => {
  const { port, part, audit } = await begin(t);
  const refused = (as: As, words: RegExp) => assert.rejects(ask('snmpget', port, [SYSTEM_NAME], as), words);
  await refused({ user: 'nobody' }, /Unknown user name/i);
  await refused({ passphrase: 'Wrong-Horse-1' }, /Authentication failure/i);
  await refused({ hash: 'SHA' }, /Authentication failure/i);
  await refused({ privacyPassphrase: 'Wrong-Staple-2' }, /Decryption error|Timeout/i);
  await refused({ level: 'authNoPriv' }, /Unsupported security level/i);
  await refused({ level: 'noAuthNoPriv' }, /Unsupported security level/i);
  for (const version of ['-v1', '-v2c'])
    await assert.rejects(
      run('snmpget', [version, '-c', 'public', '-t', '0.2', '-r', '0', `127.0.0.1:${port}`, SYSTEM_NAME]),
      /Timeout/,
    );
  assert.match(await ask('snmpget', port, [SYSTEM_NAME]), /kma-1/);
  await until('it is noted', () => audit.notes.length > 0);
  const [note] = audit.notes;
  assert.deepEqual([note?.condition, note?.class], ['SNMP questions refused', 'Security Violation']);
  assert.ok(Number(part.state().details['refused']) >= 5);
});

test('nothing can be set', async (t) => {
  const { port } = await begin(t);
  await assert.rejects(ask('snmpset', port, [SYSTEM_NAME, 's', 'mine']), /notWritable/i);
  assert.match(await ask('snmpget', port, [SYSTEM_NAME]), /kma-1/);
});

test('what there is not, and what follows the last, is said so', async (t) => {
  const { port } = await begin(t);
  assert.match(
    await ask('snmpget', port, ['.1.3.6.1.2.1.1.99.0', SYSTEM_NAME]),
    /No Such Object[\s\S]*kma-1/,
  );
  assert.match(await ask('snmpgetnext', port, ['.1.3.6.1.6']), /No more variables/);
});

test('off it is closed, and on again it has started once more', async (t) => {
  const { port, part } = await begin(t);
  assert.match(await ask('snmpget', port, [SYSTEM_NAME]), /kma-1/);
  part.apply({ kma: KMA, hmp: hmpSetting.parse({}) });
  await until('nobody listens', () => canBind(port));
  assert.equal(part.state().summary, 'off');
  part.apply({ kma: KMA, hmp: setting('SHA-512') });
  await until('it listens', () => part.state().details['listening'] === true);
  assert.match(await ask('snmpget', port, [SYSTEM_NAME], { hash: 'SHA-512' }), /kma-1/);
});

test('a port that somebody else has is told of, and taken once it is free', async (t) => {
  const port = await freeUdpPort();
  const other = createSocket('udp4');
  await new Promise<void>((resolve) => other.bind(port, '127.0.0.1', resolve));
  const part = new HmpPart(new AuditSource().tools(t, port));
  t.after(() => part.stop());
  part.apply({ kma: KMA, hmp: setting('SHA-256') });
  await until('it says so', () => part.state().troubles[0]?.includes('the port is taken'));
  other.close();
  await until('it listens', () => part.state().details['listening'] === true);
  assert.deepEqual(part.state().troubles, []);
});

test('an agent that is killed is back by itself, with a later start', async (t) => {
  const { port, part } = await begin(t);
  const first = await until('its process', () => agents()[0]);
  process.kill(first, 'SIGKILL');
  await until('another one listens', () => {
    const [now] = agents();
    return now !== undefined && now !== first && part.state().details['listening'] === true;
  });
  assert.match(await ask('snmpget', port, [SYSTEM_NAME]), /kma-1/);
  await part.stop();
  await until('none is left', () => agents().length === 0);
});

/** Children of this test; the kernel may leave some out while others end. */
function agents(): readonly number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return children.filter((pid) => pid !== '' && commandOf(pid).includes('hmp/main.ts')).map(Number);
}
/** "" of one that has ended meanwhile. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function canBind(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) =>
      socket.once('error', reject).bind(port, '127.0.0.1', resolve),
    );
    return true;
  } finally {
    socket.close();
  }
}
