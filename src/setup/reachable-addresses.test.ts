/** Which addresses of a newcomer and of members go together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachObjection } from './reachable-addresses.ts';

const objection = (own: string, ...members: string[]) =>
  reachObjection(
    [{ what: 'its address', address: own }],
    members.map((address, index) => ({ what: `that of member ${index + 1}`, address })),
  );

test('addresses of networks go together, and loopback addresses of one machine', () => {
  for (const [own, member] of [
    ['192.0.2.11', '192.0.2.10'],
    ['2001:db8::2', '192.0.2.10'],
    ['kma-2.example', '192.0.2.10'],
    ['127.0.0.12', '127.0.0.1'],
    ['::1', '127.0.0.1'],
    ['192.0.2.11', ''],
  ] as const)
    assert.equal(objection(own, member), null, `${own} ${member}`);
});

test('a loopback address on one side alone is named, whichever side it is', () => {
  for (const local of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.match(
      objection(local, '192.0.2.10') ?? '',
      new RegExp(`^its address is ${local}, which is reached from no other machine, and .*192\\.0\\.2\\.10$`),
    );
    assert.match(
      objection('192.0.2.11', '192.0.2.10', local) ?? '',
      /^that of member 2 is .* no other machine/,
    );
  }
});

test('a wildcard is no address, whatever the others have', () => {
  for (const address of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])
    assert.match(objection(address, '127.0.0.1') ?? '', /no address to call/);
});
