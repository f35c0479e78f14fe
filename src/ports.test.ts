/** The table of ports has every row of the manual, and says of each what a reader has to know. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDITIONS, PORT_TABLE, PORTS } from './ports.ts';

const rowsOf = (owner: string, direction: string) =>
  PORT_TABLE.filter((row) => row.owner === owner && row.direction === direction)
    .map(({ port, transport }) => `${port}/${transport}`)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

test('a KMA listens on the ports of the manual, some under a condition, and on 111, 4045 and 123/tcp never', () => {
  assert.deepEqual(rowsOf('kma', 'listening'), [
    ...['22/tcp', '111/tcp', '111/udp', '123/udp', '123/tcp', '161/udp', '443/tcp'],
    ...['3331/tcp', '3332/tcp', '3333/tcp', '3334/tcp', '3335/tcp', '3336/tcp', '4045/tcp', '4045/udp'],
  ]);
  const never = PORT_TABLE.filter(({ condition }) => condition === 'never');
  assert.deepEqual(never.map(({ port, transport }) => `${port}/${transport}`).sort(), [
    ...['111/tcp', '111/udp', '123/tcp', '4045/tcp', '4045/udp'],
  ]);
  for (const { note } of never) assert.ok(note, 'says why');
});

test('a KMA connects to the ports of the manual, and to those of other KMAs', () => {
  assert.deepEqual(rowsOf('kma', 'connecting'), [
    ...['53/udp', '53/tcp', '68/udp', '123/udp', '161/udp', '514/tcp', '546/udp'],
    // The Certificate service of a member: to join, and to see whether it answers on the service network.
    ...['3331/tcp', '3332/tcp', '3332/tcp', '3336/tcp', '6514/tcp'],
  ]);
});

test('the service processor has ports of its own, both ways', () => {
  assert.deepEqual(rowsOf('service-processor', 'listening'), [
    '22/tcp',
    '80/tcp',
    '161/udp',
    '443/tcp',
    '623/udp',
  ]);
  assert.deepEqual(rowsOf('service-processor', 'connecting'), ['53/udp', '53/tcp', '68/udp', '161/udp']);
});

test('agents are let in on both networks, and managers and KMAs on the management network alone', () => {
  for (const { port, networks } of PORTS)
    assert.deepEqual(networks, [3333, 3336, 443].includes(port) ? ['management'] : ['management', 'service']);
});

test('each row has a name of its own, a condition in words, and somebody on the other side unless it is closed', () => {
  assert.equal(new Set(PORT_TABLE.map(({ name }) => name)).size, PORT_TABLE.length);
  for (const { condition, parties, name } of PORT_TABLE) {
    assert.ok(CONDITIONS[condition]);
    assert.equal(parties.length === 0, condition === 'never', name);
  }
});
