/** Requests of the catalogue's own operations, as path, query and body, and the input that comes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../core/refusal.ts';
import { operations } from '../../operations/catalogue.ts';
import { SEALED_QUORUM_BYTES_MAX } from '../../operations/http-route.ts';
import { readInput } from './request-input.ts';
import { routerOf } from './routes.ts';

const router = routerOf(operations);

function find(method: string, path: string) {
  const match = router.match(method, path);
  assert.ok(typeof match === 'object' && 'operation' in match, `${method} ${path}: ${JSON.stringify(match)}`);
  return match;
}
function read(method: string, path: string, body: string | null = null, query = '') {
  return readInput(find(method, path), query, body === null ? null : Buffer.from(body));
}
const refused = (answer: ReturnType<typeof read>) => {
  assert.ok(isRefusal(answer), JSON.stringify(answer));
  assert.equal(answer.refused, 'INVALID_PARAMETERS');
};

test('a path is decoded once and after it was cut, and one that is not UTF-8 is told apart', () => {
  assert.deepEqual(find('DELETE', '/v1/users/a%2Fb%2525').path, { user: 'a/b%25' });
  assert.equal(router.match('DELETE', '/v1/users/%ff'), 'bad-path');
  for (const path of [
    '/v1/users/',
    '/v1/nothing',
    'https://kma/v1/users',
    '*',
    '/v1/users/a/b/c',
    '/v1//users',
  ])
    assert.equal(router.match('GET', path), 'no-route', path);
});

test('a path that knows other methods names them, and only what makes something tells where it is', () => {
  const other = router.match('TRACE', '/v1/users');
  assert.ok(typeof other === 'object' && 'allow' in other);
  assert.deepEqual([...other.allow].sort(), ['GET', 'POST']);
  assert.equal(find('POST', '/v1/users').creates, 'user');
  assert.equal(find('PATCH', '/v1/users/olga').creates, null);
});

test('fields come from the query of a GET and from the body of what changes', () => {
  assert.deepEqual(read('GET', '/v1/backups', null, 'limit=7'), { input: { limit: 7 } });
  assert.deepEqual(read('PATCH', '/v1/users/olga', '{"enabled":false}'), {
    input: { user: 'olga', enabled: false },
  });
  refused(read('GET', '/v1/backups', '{"limit":7}'));
  refused(read('PATCH', '/v1/users/olga', '{}', 'enabled=false'));
});

test('unknown, doubled, mistyped and misplaced fields are refused', () => {
  for (const query of [
    'limit=1&limit=2',
    'limit=1e3',
    'limit=',
    'limits=1',
    '__proto__=1',
    'limit=%ff',
    'a&'.repeat(200),
  ])
    refused(read('GET', '/v1/backups', null, query));
  for (const body of ['{"user":"igor"}', '{"__proto__":{}}', '{"toString":1}', '[]'])
    refused(read('PATCH', '/v1/users/olga', body));
});

test('sealed credentials are taken for operations with a quorum, and are no field elsewhere', () => {
  const sealed = Buffer.from('sealed');
  const quorum = sealed.toString('base64');
  assert.deepEqual(read('PATCH', '/v1/users/olga', JSON.stringify({ quorum })), {
    input: { user: 'olga' },
    quorum: sealed,
  });
  refused(read('PATCH', '/v1/users/olga', '{"quorum":"not base 64"}'));
  refused(read('PATCH', '/v1/users/olga', '{"quorum":[]}'));
  const long = Buffer.alloc(SEALED_QUORUM_BYTES_MAX + 1).toString('base64');
  refused(read('PATCH', '/v1/users/olga', JSON.stringify({ quorum: long })));
  refused(read('PATCH', '/v1/sites/berlin', JSON.stringify({ quorum })));
});
