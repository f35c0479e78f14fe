/** docs/agent-extension.md cannot drift: its vectors are written again by the code, its operations and elements are compared with the table. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, OPERATIONS } from './index.ts';

const DOCUMENT = readFileSync(new URL('../../docs/agent-extension.md', import.meta.url), 'utf8');
const [REQUEST = '', RESPONSE = ''] = [...DOCUMENT.matchAll(/```xml\n([\s\S]*?)\n```/g)].map(
  (match) => match[1] ?? '',
);
const FIELDS = { keyId: '0000F293E1C6215923C757F3CA3183B6A7E89AB12251AE0806F776AB5E83' };

test('the vectors are what the code writes and reads, byte for byte', () => {
  assert.equal(encodeRequest('agent', 'RevokeKey', FIELDS), REQUEST);
  assert.equal(encodeResponse('agent', 'RevokeKey', {}), RESPONSE);
  assert.deepEqual(decodeRequest('agent', Buffer.from(REQUEST)), {
    kind: 'request',
    name: 'RevokeKey',
    fields: FIELDS,
  });
  assert.deepEqual(decodeResponse('agent', 'RevokeKey', Buffer.from(RESPONSE)), {});
});

test('in the namespace of the OKM protocol the operation is unknown', () => {
  const guessed = REQUEST.replace('urn:openkma:agent:1', 'http://www.sun.com/KMS/KMS-Agent');
  assert.equal(decodeRequest('agent', Buffer.from(guessed)).kind, 'unknown-operation');
});

test('every operation of the namespace and every element is named', () => {
  const own = Object.entries(OPERATIONS).filter(
    ([, { namespace }]) => namespace.uri === 'urn:openkma:agent:1',
  );
  assert.equal(own.length, 1);
  for (const [name, { request, response }] of own) {
    assert.ok(DOCUMENT.includes(`## ${name}\n`));
    for (const { field } of [...request.shape.elements, ...response.shape.elements])
      assert.ok(DOCUMENT.includes(`| \`${field.name}\` |`), `${name}.${field.name}`);
  }
});
