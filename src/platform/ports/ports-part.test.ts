/** The part that looks at the ports: what it answers, and when it says that something is not as it was set. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PLATFORM_SETTING_SCHEMAS } from '../../platform-settings/index.ts';
import type { PortState } from '../../ports.ts';
import { type PlatformConfig, platformConfig } from '../config.ts';
import type { PlatformNote, PlatformTools } from '../part.ts';
import { placeAt } from '../place.fixture.ts';
import { PortsPart } from './ports-part.ts';

const LOOK_MS = 20_000;
const SERVICES = ['ca', 'certificate', 'management', 'agent', 'discovery'];

const nothingSet: PlatformConfig = platformConfig.parse({
  kma: { id: 'id', name: 'kma-1', version: '1', addresses: [] },
  ...{ members: [], clustered: false, clockOffsetMs: 0, snmpManagers: [] },
  ...Object.fromEntries(Object.keys(PLATFORM_SETTING_SCHEMAS).map((name) => [name, {}])),
});

/** Of a KMA that has no process, so none of its services listens. */
function partWith(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const notes: PlatformNote[] = [];
  const unused = () => assert.fail('not used');
  const tools: PlatformTools = {
    directory: '',
    socketDirectory: '',
    states: unused,
    place: placeAt('192.0.2.10'),
    resolve: unused,
    audit: { newestRow: unused, read: unused, onNew: unused },
    note: (note) => notes.push(note),
    changed: () => undefined,
    log: unused,
    nowMs: () => 0,
  };
  const part = new PortsPart(tools, { parent: process.pid, instance: 'of nobody' });
  t.after(() => part.stop());
  const ask = async () =>
    ((await part.ask({ states: 'now' })) as { readonly ports: readonly PortState[] }).ports;
  return { part, notes, ask };
}

test('what is wrong twice in a row is a trouble and noted once, and not at the first look', (t) => {
  const { part, notes } = partWith(t);
  part.apply(nothingSet);
  assert.deepEqual([part.state().troubles, notes], [[], []]);
  t.mock.timers.tick(LOOK_MS);
  const { troubles, summary } = part.state();
  assert.equal(troubles.length, SERVICES.length);
  assert.match(
    troubles[0] ?? '',
    /^port 3331\/tcp \(CA service, HTTP\) should listen, and nothing does: see/,
  );
  assert.equal(summary, '5 NOT as the settings say');
  t.mock.timers.tick(3 * LOOK_MS);
  assert.deepEqual(
    notes.map(({ condition, message }) => [condition, /port=(\S+)/.exec(message)?.[1]]),
    SERVICES.map((name) => ['Port Not As Set', name]),
  );
});

test('before it knows the settings it says of no port what it is', async (t) => {
  const { part, ask } = partWith(t);
  assert.ok((await ask()).every(({ state }) => ['unknown', 'not managed'].includes(state)));
  part.apply(nothingSet);
  assert.ok((await ask()).every(({ state }) => state !== 'unknown'));
  await assert.rejects(async () => part.ask({ states: 'later' }));
});

test('whom the settings name is a target of its row', async (t) => {
  const { part, ask } = partWith(t);
  const member = { id: 'other', name: 'kma-2', managementAddress: '192.0.2.11', addresses: [] };
  part.apply({
    ...nothingSet,
    members: [member],
    clustered: true,
    dns: { ...nothingSet.dns, servers: ['2001:db8::53'] },
    ntp: { server: '192.0.2.123', port: 1123 },
  });
  const targets = new Map((await ask()).map((row) => [row.name, row.targets]));
  assert.deepEqual(targets.get('dns'), ['[2001:db8::53]:53']);
  assert.deepEqual(targets.get('ntp-client'), ['192.0.2.123:1123', '192.0.2.11:1']);
  assert.deepEqual(targets.get('member-replication'), ['192.0.2.11:3336']);
  assert.deepEqual(targets.get('snmp-inform'), []);
});
