/** Where each field of an input goes in a request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpCall } from './http-call.ts';

test('fields of the path stand there, whatever characters a name has', () => {
  const route = { method: 'PATCH', path: '/v1/users/{user}' } as const;
  const call = httpCall(route, { user: 'a/b? Ö..', enabled: false });
  assert.deepEqual(call, {
    method: 'PATCH',
    target: '/v1/users/a%2Fb%3F%20%C3%96..',
    body: '{"enabled":false}',
  });
});

test('the rest of a GET is its query: lists repeat their name, nothing stands for what is not given', () => {
  const route = { method: 'GET', path: '/v1/users' } as const;
  const input = { filter: ['a=1&b', 'c~d'], limit: 5, all: true, after: undefined };
  assert.equal(httpCall(route, input).target, '/v1/users?filter=a%3D1%26b&filter=c%7Ed&limit=5&all=true');
  assert.deepEqual(httpCall(route, {}), { method: 'GET', target: '/v1/users', body: null });
});

test('a POST always has a body, a DELETE only where something is left for it', () => {
  assert.equal(httpCall({ method: 'POST', path: '/v1/lock' }, {}).body, '{}');
  const route = { method: 'DELETE', path: '/v1/sites/{site}' } as const;
  assert.equal(httpCall(route, { site: 'berlin' }).body, null);
  assert.equal(httpCall(route, { site: 'berlin', comment: 'gone' }).body, '{"comment":"gone"}');
});

test('sealed credentials go beside the input as base64', () => {
  const { body } = httpCall({ method: 'POST', path: '/v1/unlock' }, {}, Uint8Array.of(1, 2, 3));
  assert.equal(body, '{"quorum":"AQID"}');
});

test('a path whose field is missing is a mistake of the caller', () => {
  assert.throws(() => httpCall({ method: 'GET', path: '/v1/users/{user}' }, {}), TypeError);
});
