/** The management port against callers who mean harm, and against more managers than it serves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { AUDITOR, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, type ManagerKey, newManagerKey } from './support/manager.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start({ bare: true });
after(() => kma[Symbol.asyncDispose]());
for (const { name: user, passphrase } of [OPERATOR, AUDITOR])
  await kma.ask('CreateUser', { user, roles: ['AUDITOR'], passphrase }, OFFICER, QUORUM);
const key = await loggedIn(OFFICER);
const identity = { cert: key.certificatePem, key: key.privateKeyPem };

async function loggedIn(person: Person): Promise<ManagerKey> {
  const own = await newManagerKey();
  await logIn(kma, person, own);
  return own;
}

async function open(options: ConnectionOptions = identity): Promise<TLSSocket> {
  const socket = connect({
    port: kma.managementPort,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options,
  });
  // One that makes room for another may be reset at any time.
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** The bytes, and all that comes back until the connection ends. */
async function raw(bytes: string | Buffer, options?: ConnectionOptions): Promise<string> {
  const socket = await open(options);
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  socket.once('close', () => resolve(text));
  socket.write(bytes);
  return promise;
}

const head = (method: string, path: string, ...headers: string[]) =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: kma', ...headers].join('\r\n')}\r\n\r\n`;
const CLOSE = 'Connection: close';
const JSON_TYPE = 'Content-Type: application/json';

/** One request with a body, after which the caller wants no other. */
const post = (path: string, body: string, ...headers: string[]) =>
  raw(head('POST', path, CLOSE, `Content-Length: ${Buffer.byteLength(body)}`, ...headers) + body);

async function shows(answer: string | Promise<string>, status: number, code: string): Promise<void> {
  const text = await answer;
  assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), text.slice(0, 300));
  assert.match(text, new RegExp(`"code":"${code}"`));
  assert.match(text, /content-type: application\/problem\+json/i);
}

test('TLS 1.2 does not get in', async () => {
  await assert.rejects(open({ ...identity, maxVersion: 'TLSv1.2' }));
});

test('a stranger is told nothing but that he is nobody, whatever he sends, and his body is not read', async () => {
  const length = 'Content-Length: 100000';
  for (const bytes of [
    head('GET', '/v1/users'),
    head('GET', '/v1/nothing'),
    head('POST', '/v1/users', length),
    head('DELETE', '/v1/users/%ff'),
  ])
    await shows(raw(bytes, {}), 401, 'SESSION_UNKNOWN');
  const unknown = await newManagerKey();
  const stranger = { cert: unknown.certificatePem, key: unknown.privateKeyPem };
  await shows(raw(head('GET', '/v1/users'), stranger), 401, 'SESSION_UNKNOWN');
});

test('everybody who can connect may read what the port offers, and is served no further on that connection', async () => {
  const text = await raw(head('GET', '/v1/openapi.json'), {});
  assert.match(text, /^HTTP\/1.1 200 /);
  const document: unknown = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  assert.ok(typeof document === 'object' && document !== null && 'paths' in document);
  assert.match(text, /connection: close/i);
});

test('bodies of a wrong kind, size, depth, encoding or with a member twice are refused with a code', async () => {
  await shows(post('/v1/sites', '{"site":"a"}'), 415, 'CONTENT_TYPE');
  await shows(post('/v1/sites', '{"site":"a"}', 'Content-Type: text/plain'), 415, 'CONTENT_TYPE');
  await shows(post('/v1/sites', 'x', JSON_TYPE, 'Content-Encoding: gzip'), 415, 'CONTENT_TYPE');
  await shows(post('/v1/sites', '{"site":"a","site":"b"}', JSON_TYPE), 400, 'INVALID_PARAMETERS');
  await shows(post('/v1/sites', `{"site":${'['.repeat(1000)}`, JSON_TYPE), 400, 'INVALID_PARAMETERS');
  await shows(post('/v1/sites', '{"site":"a\\u0000"}', JSON_TYPE), 400, 'INVALID_PARAMETERS');
  await shows(post('/v1/sites', '{"site":{}}', JSON_TYPE), 400, 'INVALID_PARAMETERS');
  const length = 'Content-Length: 300000';
  await shows(raw(head('POST', '/v1/sites', JSON_TYPE, length)), 413, 'REQUEST_TOO_LONG');
});

test('a body whose length nobody has said ends at the bound', async () => {
  const piece = `${(64 * 1024).toString(16)}\r\n${'a'.repeat(64 * 1024)}\r\n`;
  const start = head('POST', '/v1/sites', JSON_TYPE, 'Transfer-Encoding: chunked');
  await shows(raw(start + piece.repeat(5)), 413, 'REQUEST_TOO_LONG');
});

test('what comes from a page in a browser, or is not HTTP, is refused', async () => {
  await shows(raw(head('GET', '/v1/users', 'Origin: https://example.com')), 403, 'FROM_A_BROWSER');
  await shows(raw('NO SUCH THING\r\n\r\n'), 400, 'INVALID_PARAMETERS');
  await shows(raw(head('GET', '/v1/users', 'Expect: miracles')), 400, 'INVALID_PARAMETERS');
});

test('an unknown path and another method are told apart, and wrong conditions are refused', async () => {
  await shows(raw(head('GET', '/v1/nothing', CLOSE)), 404, 'ROUTE_UNKNOWN');
  const other = await raw(head('PUT', '/v1/users', CLOSE, 'Content-Length: 0'));
  await shows(other, 405, 'METHOD_NOT_ALLOWED');
  assert.match(other, /allow: GET, POST/i);
  await shows(raw(head('GET', '/v1/users', CLOSE, 'If-Match: *')), 400, 'INVALID_PARAMETERS');
  await shows(post('/v1/sites', '{}', JSON_TYPE, 'Idempotency-Key: short'), 400, 'INVALID_PARAMETERS');
});

test('each connection proves its key: none is resumed', async () => {
  const socket = await open();
  const sessions: Buffer[] = [];
  socket.on('session', (session) => sessions.push(session));
  socket.write(head('GET', '/v1/session', CLOSE));
  socket.resume();
  await once(socket, 'close');
  const session = sessions.at(-1);
  const again = await open({ ...identity, ...(session === undefined ? {} : { session }) });
  assert.equal(again.isSessionReused(), false);
  again.destroy();
});

test('ten managers are served, the eleventh is told why he is not, and strangers take nobody his place', async () => {
  const [operator, auditor] = [await loggedIn(OPERATOR), await loggedIn(AUDITOR)];
  const ten = [key, key, key, key, operator, operator, operator, operator, auditor, auditor];
  const managers = ten.map((own) => ManagerConnection.of(kma, own));
  const status = async (manager: ManagerConnection) => (await manager.send('GET', '/v1/session')).status;
  for (const manager of managers) assert.equal(await status(manager), 200);
  const eleventh = ManagerConnection.of(kma, auditor);
  const refused = await eleventh.send('GET', '/v1/session');
  assert.equal(refused.status, 503);
  assert.match(refused.text, /TOO_MANY_CONNECTIONS/);
  assert.equal(refused.headers['retry-after'], '5');
  const strangers = await Promise.all(Array.from({ length: 100 }, () => open({}).catch(() => null)));
  for (const manager of managers) assert.equal(await status(manager), 200);
  managers[0]?.close();
  await until('the eleventh gets in', async () => (await status(eleventh)) === 200);
  for (const stranger of strangers) stranger?.destroy();
  for (const manager of [...managers, eleventh]) manager.close();
});

test('one user has four connections, whichever of his keys they come with, and takes no other user his place', async () => {
  const other = await loggedIn(OFFICER);
  const managers = [key, key, other, other].map((own) => ManagerConnection.of(kma, own));
  for (const manager of managers) assert.equal((await manager.send('GET', '/v1/session')).status, 200);
  for (const own of [key, other]) {
    const fifth = ManagerConnection.of(kma, own);
    const refused = await fifth.send('GET', '/v1/session');
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '5']);
    assert.match(refused.text, /TOO_MANY_OWN_CONNECTIONS/);
    fifth.close();
  }
  const auditor = ManagerConnection.of(kma, await loggedIn(AUDITOR));
  assert.equal((await auditor.send('GET', '/v1/session')).status, 200);
  for (const manager of [...managers, auditor]) manager.close();
});

test('who is nobody any more loses his connection, though he asks for nothing that there is', async () => {
  const own = await newManagerKey();
  await logIn(kma, OFFICER, own);
  const socket = await open({ cert: own.certificatePem, key: own.privateKeyPem });
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.write(head('GET', '/v1/nothing'));
  await until('the first answer', async () => text.includes('ROUTE_UNKNOWN'));
  assert.doesNotMatch(text, /connection: close/i);
  const other = ManagerConnection.of(kma, own);
  await other.send('DELETE', '/v1/session');
  other.close();
  const ended = once(socket, 'close');
  socket.write(head('GET', '/v1/nothing'));
  await ended;
  assert.match(text, /connection: close/i);
});
