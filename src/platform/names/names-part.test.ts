/** How the part "names" speaks of its servers: to the status, and once each to the audit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsSetting } from '../../platform-settings/dns.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import type { PlatformConfig } from '../config.ts';
import type { PlatformNote, PlatformTools } from '../part.ts';
import { placeAt } from '../place.fixture.ts';
import { NamesPart } from './names-part.ts';
import { addressRecord, OddDns, reply, TYPE_AAAA } from './odd-dns.fixture.ts';

function partWith(notes: PlatformNote[]): NamesPart {
  const unused = () => assert.fail('not used');
  const tools: PlatformTools = {
    directory: '',
    place: placeAt('127.0.0.1'),
    socketDirectory: '',
    states: unused,
    resolve: unused,
    audit: { newestRow: unused, read: unused, onNew: unused },
    note: (note) => notes.push(note),
    changed: () => undefined,
    log: () => undefined,
    nowMs: () => 0,
  };
  return new NamesPart(tools);
}

const configOf = (dns: DnsSetting): PlatformConfig => ({
  kma: { id: '', name: '', version: '', addresses: [] },
  members: [],
  clustered: false,
  clockOffsetMs: 0,
  snmpManagers: [],
  ...readPlatformSettings(() => undefined),
  dns,
});

test('servers that fall silent are recorded once, and once when they answer again', async () => {
  const notes: PlatformNote[] = [];
  const part = partWith(notes);
  assert.match(part.state().summary, /no DNS server/);
  await using dns = await OddDns.start((asked) => [reply(asked, [], 5)]);
  part.apply(configOf({ servers: [dns.server], domain: '' }));
  for (let i = 0; i < 6; i++) await assert.rejects(part.resolve(`silent-${i}.example`), /refuse/);
  assert.deepEqual(
    notes.map(({ condition }) => condition),
    ['DNS does not answer'],
  );
  assert.match(part.state().summary, /no answer/);
  assert.equal(part.state().troubles.length, 1);
  dns.answer = (asked) => [reply(asked, asked.type === TYPE_AAAA ? [] : [addressRecord('192.0.2.7')])];
  assert.deepEqual(await part.ask({ name: 'sound.example' }), { addresses: ['192.0.2.7'] });
  assert.deepEqual(
    notes.map(({ condition }) => condition),
    ['DNS does not answer', 'DNS answers again'],
  );
  assert.match(part.state().summary, /answering/);
  assert.deepEqual(part.state().troubles, []);
  await assert.rejects(part.ask({ name: 7 }));
  await part.stop();
  await assert.rejects(part.resolve('sound.example'), /no DNS server is set/);
});

test('other servers begin anew, the same ones go on', async () => {
  const part = partWith([]);
  await using dns = await OddDns.start((asked) => [
    reply(asked, asked.type === TYPE_AAAA ? [] : [addressRecord('192.0.2.7')]),
  ]);
  const setting = { servers: [dns.server], domain: '' };
  part.apply(configOf(setting));
  await part.resolve('kept.example');
  part.apply(configOf({ ...setting }));
  await part.resolve('kept.example');
  assert.equal(dns.asked.length, 2, 'one question of each family');
  part.apply(configOf({ ...setting, domain: 'example.com' }));
  await part.resolve('kept.example');
  assert.equal(dns.asked.length, 4, 'what others said is forgotten');
});
