/** The DNS setting of one KMA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { World } from '../world.fixture.ts';
import { lookUpName, setDns, showDns } from './dns.ts';

const names = (summary: string) => ({
  running: true,
  wanted: true,
  goneForMs: 0,
  parts: new Map([['names', { summary, troubles: [], details: {} }]]),
});

test('what is set is shown, with how it fares; without servers nothing is set', async () => {
  const world = new World();
  const { output: none } = await world.did(showDns, {});
  assert.deepEqual(none, { servers: [], domain: '', state: 'off' });
  const { decision } = await world.did(setDns, {
    servers: ['192.0.2.53', '2001:db8::53'],
    domain: 'example.com',
  });
  assert.deepEqual(decision?.facts, [], 'no other KMA hears of it');
  assert.deepEqual(decision?.effects, [{ effect: 'platform-changed' }]);
  const { output } = await world.did(showDns, {}, { platformStates: () => names('answering') });
  assert.deepEqual(output, {
    servers: ['192.0.2.53', '2001:db8::53'],
    domain: 'example.com',
    state: 'answering',
  });
  await world.did(setDns, { servers: [] });
  assert.deepEqual((await world.did(showDns, {})).output.servers, []);
});

test('the record of a change says what was before', async () => {
  const world = new World();
  await world.did(setDns, { servers: ['192.0.2.53'] });
  const { decision } = await world.did(setDns, { servers: ['192.0.2.54'], domain: 'example.com' });
  assert.match(
    decision?.audit?.message ?? '',
    /servers=192\.0\.2\.54 domain=example\.com before=192\.0\.2\.53/,
  );
});

test('what is no server and no domain is refused', async () => {
  const world = new World();
  for (const servers of [
    ['dns.example.com'],
    ['0.0.0.0'],
    ['1.1.1.1', '1.1.1.1'],
    ['1', '2', '3', '4'],
    [''],
  ])
    assert.equal(await world.refusal(setDns, { servers }), 'INVALID_PARAMETERS', servers.join());
  for (const domain of ['a b', '-a.example', 'a..example', 'x'.repeat(300), '.'])
    assert.equal(
      await world.refusal(setDns, { servers: ['192.0.2.53'], domain }),
      'INVALID_PARAMETERS',
      domain,
    );
});

test('a name is looked up by the platform process, whose refusal is the answer', async () => {
  const world = new World();
  const asked: unknown[] = [];
  const platform = {
    ask: async (part: string, question: unknown) => {
      asked.push([part, question]);
      return { addresses: ['192.0.2.1'] };
    },
  };
  const { output } = await world.did(lookUpName, { hostName: 'ntp.example.com' }, { platform });
  assert.deepEqual(output, { addresses: ['192.0.2.1'] });
  assert.deepEqual(asked, [['names', { name: 'ntp.example.com' }]]);
  const silent = { ask: async () => refuse('DNS_NO_ANSWER', 'no answer in time') };
  assert.equal(await world.refusal(lookUpName, { hostName: 'a' }, { platform: silent }), 'DNS_NO_ANSWER');
  assert.equal(await world.refusal(lookUpName, { hostName: 'a' }), 'PLATFORM_NOT_THERE');
});
