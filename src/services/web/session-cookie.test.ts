/** The cookie of a log-in: what a browser is told, and which cookies count. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { cookieOf, NO_COOKIE, sessionOf } from './session-cookie.ts';

test('a token comes back as the hash by which the core knows the session', () => {
  const token = randomBytes(32);
  const [pair = ''] = cookieOf(token).split('; ');
  const expected = createHash('sha256').update(token).digest('hex').toUpperCase();
  assert.equal(sessionOf(`other=1; ${pair}`), expected);
});

test('no script sees it, no other site makes a browser send it, and it goes over TLS alone', () => {
  for (const cookie of [cookieOf(randomBytes(32)), NO_COOKIE])
    for (const part of ['__Host-', 'Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'])
      assert.ok(cookie.includes(part), part);
  assert.match(NO_COOKIE, /Max-Age=0/);
});

test('none, two, and what is no token are nobody', () => {
  const [pair = ''] = cookieOf(randomBytes(32)).split('; ');
  for (const cookies of [
    undefined,
    '',
    'a=b',
    `${pair}; ${pair}`,
    `${pair}0`,
    '__Host-openkma=',
    `__Host-openkma=${'g'.repeat(64)}`,
  ])
    assert.equal(sessionOf(cookies), null, String(cookies));
});
