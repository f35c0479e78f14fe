/** The MIB file as Debian's snmptranslate reads it: without a complaint, and with a name for everything that is sent and shown. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { healthObjects } from '../src/platform/hmp/kma-health.ts';
import { type AlarmRecord, alarmVarbinds } from '../src/platform/snmp/alarm-varbinds.ts';
import type { Oid } from '../src/platform/snmp/ber.ts';
import { informsTo } from '../src/platform/snmp/informs.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import { freeUdpPort } from './support/snmptrapd.ts';
import { until } from './support/until.ts';

const MIBS = fileURLToPath(new URL('../deploy', import.meta.url));
/** The modules of the IETF that every MIB begins with; Debian has them for download only. */
const BASE = fileURLToPath(new URL('../node_modules/net-snmp/lib/mibs', import.meta.url));
const OPTIONS = ['-M', `${MIBS}:${BASE}`, '-m', 'OPENKMA-MIB', '-Pe'];
const COMMUNITY = 'far-from-public-12';
const PRODUCT = '1.3.6.1.4.1.42.2.22.99';

const RECORD = {
  kmaName: 'kma-1',
  createdAt: 0,
  class: 'System',
  operation: 'NoteTrouble',
  condition: 'x',
  severity: 'error',
  entityId: '',
  entityAddress: '',
  message: '',
  solution: '',
} as const satisfies AlarmRecord;
const HEALTH = {
  ...{ locked: false, errorState: '', poolReadyPercent: 0, poolSize: 0 },
  members: [{ name: 'kma-2', responding: true, lagEntries: 0 }],
  storage: { totalBytes: 0, freeBytes: 0 },
};

const nameOf = (oid: Oid) =>
  execFileSync('snmptranslate', [...OPTIONS, oid.join('.')], { encoding: 'utf8' }).trim();

test('it is read without an error or a warning', () => {
  const { status, stdout, stderr } = spawnSync('snmptranslate', [...OPTIONS, '-IR', '-On', 'kmaAlarm'], {
    encoding: 'utf8',
  });
  // On a machine where nobody has used it before it makes a directory of its own.
  const complaints = stderr.replace(/^Created directory: .*\n/gm, '');
  assert.deepEqual([status, stdout.trim(), complaints], [0, `.${PRODUCT}.109.1`, '']);
});

test('the variables of an alarm have the names of what they hold', () => {
  const ours = alarmVarbinds(RECORD, 0).filter(({ oid }) => oid.join('.').startsWith(PRODUCT));
  assert.deepEqual(
    ours.map(({ oid }) => nameOf(oid)),
    [
      'AlarmDateTime',
      'AlarmClass',
      'AlarmOperation',
      'AlarmCondition',
      'AlarmSeverity',
      'AlarmEntityID',
      'AlarmNetworkAddress',
      'AlarmMessage',
      'AlarmSolution',
      'Name',
    ].map((name) => `OPENKMA-MIB::kma${name}.0`),
  );
});

test('snmptrapd shows alarms with these names where it is started as docs/snmp.md says', async (t) => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const [, line = ''] = /^snmptrapd (.*)$/m.exec(readFileSync(join(root, 'docs/snmp.md'), 'utf8')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'openkma-mib-'));
  const configuration = join(folder, 'snmptrapd.conf');
  writeFileSync(configuration, `authCommunity log ${COMMUNITY}\n`);
  const port = await freeUdpPort();
  const words = line.split(' ').map((word) => (word === 'snmptrapd.conf' ? configuration : word));
  const child = spawn('snmptrapd', [...words, `udp:127.0.0.1:${port}`], {
    cwd: root,
    env: { ...process.env, SNMP_PERSISTENT_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const security = { protocol: 'v2c', community: SecretBytes.fromText(COMMUNITY) } as const;
  const informs = informsTo('127.0.0.1', port, security, { timeoutMs: 10_000, retries: 1 });
  t.after(async () => {
    informs.close();
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });
  await until('snmptrapd runs', () => said.includes('NET-SNMP version'));
  assert.equal(await informs.send(alarmVarbinds(RECORD, 0)), null);
  await until('it is shown', () => said.includes('kmaName'));
  assert.match(said, /OPENKMA-MIB::kmaAlarm\s.*OPENKMA-MIB::kmaAlarmSeverity\.0 = STRING: error\s/);
  assert.match(said, /OPENKMA-MIB::kmaName\.0 = STRING: kma-1\s/);
  assert.doesNotMatch(said, /Cannot find module|Did not find/);
});

test('whatever the agent shows of a KMA has a name, and nothing with a name is left out', () => {
  const shown = healthObjects(HEALTH, 'kma-1', '1').map(({ oid }) => nameOf(oid));
  assert.deepEqual(shown, [
    'OPENKMA-MIB::kmaName.0',
    'OPENKMA-MIB::kmaVersion.0',
    'OPENKMA-MIB::kmaLocked.0',
    'OPENKMA-MIB::kmaErrorState.0',
    'OPENKMA-MIB::kmaPoolReadyPercent.0',
    'OPENKMA-MIB::kmaPoolSize.0',
    'OPENKMA-MIB::kmaMemberName.1',
    'OPENKMA-MIB::kmaMemberResponds.1',
    'OPENKMA-MIB::kmaMemberLag.1',
  ]);
  const tree = execFileSync('snmptranslate', [...OPTIONS, '-Tz'], { encoding: 'utf8' });
  const readable = [...tree.matchAll(/"(kma\w+)"\s+"(\S+)"/g)].filter(
    ([, name = '', oid = '']) => oid.startsWith(`${PRODUCT}.200.`) && !/(Table|Entry|Index)$/.test(name),
  );
  assert.deepEqual(
    readable.map(([, name]) => name).sort(),
    shown.map((name) => name.replace(/^.*::|\.\d+$/g, '')).sort(),
  );
});
