/** By which names a KMA's page is found, and that no other leads to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, ownOrigin } from './own-origins.ts';

const at = (address: string, port = 443) => ({ address, port });

test('its own address, its certificate names and, to itself, localhost; as browsers write them', () => {
  assert.equal(ownOrigin('192.0.2.1', at('192.0.2.1'), []), 'https://192.0.2.1');
  assert.equal(ownOrigin('192.0.2.1:8443', at('192.0.2.1', 8443), []), 'https://192.0.2.1:8443');
  assert.equal(ownOrigin('[2001:db8::1]', at('2001:db8::1'), []), 'https://[2001:db8::1]');
  assert.equal(ownOrigin('192.0.2.1', at('::ffff:192.0.2.1'), []), 'https://192.0.2.1');
  assert.equal(ownOrigin('KMA-1.example', at('192.0.2.1'), ['kma-1.example']), 'https://kma-1.example');
  assert.equal(ownOrigin('localhost:8443', at('127.0.0.11', 8443), []), 'https://localhost:8443');
});

test('another name, another port, or none is nobody here', () => {
  for (const host of [
    undefined,
    '',
    'evil.example',
    '192.0.2.1:444',
    '192.0.2.2',
    'localhost',
    '192.0.2.1.evil.example',
    '192.0.2.1@evil.example',
  ])
    assert.equal(ownOrigin(host, at('192.0.2.1'), ['kma-1.example']), null, String(host));
  assert.equal(ownOrigin('192.0.2.1', at('192.0.2.1', 8443), []), null, 'the port belongs to the name');
});

test('names of a certificate are single names', () => {
  assert.deepEqual(
    namesOf('DNS:kma-1.example, DNS:*.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:x'),
    ['kma-1.example', '192.0.2.1', '[2001:db8:0:0:0:0:0:1]'],
  );
  assert.deepEqual(namesOf(undefined), []);
});
