/** The MIB file as Debian's snmptranslate reads it: without a complaint, and with a name for everything that is sent and shown. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { healthObjects } from '../src/platform/hmp/kma-health.ts';
import { type AlarmRecord, alarmVarbinds } from '../src/platform/snmp/alarm-varbinds.ts';
import type { Oid } from '../src/platform/snmp/ber.ts';

const MIBS = fileURLToPath(new URL('../deploy', import.meta.url));
/** The modules of the IETF that every MIB begins with; Debian has them for download only. */
const BASE = fileURLToPath(new URL('../node_modules/net-snmp/lib/mibs', import.meta.url));
const OPTIONS = ['-M', `${MIBS}:${BASE}`, '-m', 'OPENKMA-MIB', '-Pe'];
const PRODUCT = '1.3.6.1.4.1.42.2.22.99';

const RECORD = {
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
  assert.deepEqual([status, stdout.trim(), stderr], [0, `.${PRODUCT}.109.1`, '']);
});

test('the variables of an alarm have the names of what they hold', () => {
  const ours = alarmVarbinds(RECORD, 0).filter(({ oid }) => oid.join('.').startsWith(PRODUCT));
  assert.deepEqual(
    ours.map(({ oid }) => nameOf(oid)),
    [
      'DateTime',
      'Class',
      'Operation',
      'Condition',
      'Severity',
      'EntityID',
      'NetworkAddress',
      'Message',
      'Solution',
    ].map((name) => `OPENKMA-MIB::kmaAlarm${name}.0`),
  );
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
