/** How much one caller, one source and all of them may ask of a listener: connections, requests, pieces and time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { before, type TestContext, test } from 'node:test';
import type { TlsMaterial } from '../processes/messages.ts';
import { ask, CLOCK, CLOSE, closed, post, readAll, readResponse } from './http-asking.fixture.ts';
import { createServiceServer, HTTP_LIMITS, type HttpLimits } from './http-server.ts';
import { makeAuthority, makeCore, openService, type TestCore, tlsOf } from './services.fixture.ts';
import { HANDSHAKE_TIMEOUT_MS } from './tls-settings.ts';

let tls: TlsMaterial;
before(async () => {
  const authority = await makeAuthority();
  tls = tlsOf(authority, await authority.issue('kma1'), '1.2');
});

async function openPlain(
  t: TestContext,
  limits?: Partial<HttpLimits>,
  change: (server: Server) => void = () => undefined,
) {
  const core = makeCore();
  const all = { ...HTTP_LIMITS, ...limits };
  const { server } = createServiceServer({ service: 'ca', transport: 'http' }, tls, core.link, all);
  change(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { core, port, ask: (bytes: string | Buffer) => ask(port, bytes) };
}

test('a body in thousands of pieces ends the connection, though it is short', async (t) => {
  const { ask, core } = await openPlain(t);
  const head = 'POST / HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.equal(await ask(`${head}${'1\r\n \r\n'.repeat(3_000)}0\r\n\r\n`), '');
  assert.deepEqual(core.refusals, ['ca a body in too many pieces 127.0.0.1']);
  assert.equal(core.calls.length, 0);
});

test('a caller with more requests under way than agents ever have is cut off, and each is served in its turn', async (t) => {
  const { ask, core } = await openPlain(t);
  let most = 0;
  let underWay = 0;
  const original = core.link.call.bind(core.link);
  Object.assign(core.link, {
    call: async (...args: Parameters<typeof original>) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return original(...args);
    },
  });
  const answered = await ask(post(CLOCK).repeat(20) + post(CLOCK, [CLOSE]));
  assert.equal(answered.match(/200 OK/g)?.length, 21);
  assert.equal(most, 1);
  await ask(post(CLOCK).repeat(100));
  assert.ok(core.calls.length < 21 + 40);
  assert.ok(core.refusals.includes('ca too many requests at once 127.0.0.1'));
});

test('an answered request whose successor drips in protects its connection no longer', async (t) => {
  const { port } = await openPlain(t, { connections: 1, connectionsPerSource: 1 });
  const dripping = connect(port, '127.0.0.1');
  dripping.on('error', () => {});
  dripping.write(`${post(CLOCK)}POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n `);
  assert.match(await readResponse(dripping), /200 OK/);
  assert.match(await ask(port, post(CLOCK, [CLOSE])), /200 OK/);
  await closed(dripping);
});

test('a caller whose address is not known any more is not answered, and nothing is done for him', async (t) => {
  const { port, core } = await openPlain(t, {}, (server) =>
    server.prependListener('connection', (socket: Socket) =>
      Object.defineProperty(socket, 'remoteAddress', { get: () => undefined }),
    ),
  );
  assert.equal(await ask(port, post(CLOCK)), '');
  assert.equal(core.calls.length, 0);
});

test('a caller who sends no more is cut off', { timeout: 20_000 }, async (t) => {
  const { ask, core } = await openPlain(t, {
    headersTimeoutMs: 300,
    requestTimeoutMs: 300,
    idleTimeoutMs: 300,
    checkIntervalMs: 50,
  });
  assert.equal((await ask('POST / HT')).includes('200'), false);
  assert.equal(
    (await ask('POST / HTTP/1.1\r\nHost: k\r\nContent-Length: 10\r\n\r\nabc')).includes('200'),
    false,
  );
  assert.equal(core.calls.length, 0);
});

test('a connection above the limit takes the place of the oldest that has proven nothing, and is served', async (t) => {
  for (const service of ['ca', 'certificate'] as const) {
    const core: TestCore = makeCore();
    const limits = { ...HTTP_LIMITS, connectionsPerSource: 2 };
    const { port } = await openService(t, service, tls, core.link, limits);
    const held: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      held.push(socket);
    }
    const [oldest, ...others] = held;
    assert.ok(oldest !== undefined);
    await closed(oldest);
    assert.equal(core.refusals[0], `${service} too many connections 127.0.0.1`);
    for (const socket of others) assert.equal(socket.destroyed, false);
    if (service === 'ca') {
      others[1]?.write(post(CLOCK, [CLOSE]));
      assert.match(await readAll(others[1] ?? assert.fail()), /200 OK/);
    }
    for (const socket of others) socket.destroy();
  }
});

test('a connection whose answer is on the way is never closed for another; then the other is', async (t) => {
  const { core, port } = await openPlain(t, { connectionsPerSource: 1 });
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const original = core.link.call.bind(core.link);
  Object.assign(core.link, {
    call: async (...args: Parameters<typeof original>) => {
      resolve();
      await released;
      return original(...args);
    },
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(post(CLOCK, [CLOSE]));
  await reached;
  const second = connect(port, '127.0.0.1');
  second.on('error', () => {});
  assert.equal(await readAll(second), '');
  release();
  assert.match(await readAll(socket), /200 OK/);
});

test('a source that fills its part leaves the rest to others, and makes room in its own part only', async (t) => {
  const { port, core } = await openPlain(t, { connections: 6, connectionsPerSource: 3 });
  const from = async (localAddress: string) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const stranger: Socket[] = [];
  for (let i = 0; i < 5; i++) stranger.push(await from('127.0.0.2'));
  const agents = [await from('127.0.0.3'), await from('127.0.0.4'), await from('127.0.0.5')];
  const last = await from('127.0.0.6');
  last.write(post(CLOCK, [CLOSE]));
  assert.match(await readAll(last), /200 OK/);
  assert.deepEqual(core.refusals, Array(3).fill('ca too many connections 127.0.0.2'));
  for (const socket of agents) assert.equal(socket.destroyed, false);
  for (const socket of [...stranger, ...agents]) socket.destroy();
});

test('a body that drips, however steadily, and headers that do end at their deadline', {
  timeout: 30_000,
}, async (t) => {
  const { port, core } = await openPlain(t, {
    headersTimeoutMs: 600,
    requestTimeoutMs: 600,
    checkIntervalMs: 50,
  });
  for (const begin of ['POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n', 'POST / HTTP/1.1\r\nX: ']) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(begin);
    const drip = setInterval(() => socket.write('a'), 20);
    const answer = await readAll(socket).finally(() => clearInterval(drip));
    assert.doesNotMatch(answer, /200 OK/);
  }
  assert.equal(core.calls.length, 0);
});

test('a caller may be silent before and between requests as long as agents are', () => {
  assert.ok(HTTP_LIMITS.idleTimeoutMs >= 60_000);
  assert.ok(HTTP_LIMITS.headersTimeoutMs >= 60_000);
  assert.ok(HTTP_LIMITS.requestTimeoutMs >= HTTP_LIMITS.headersTimeoutMs);
  assert.ok(HANDSHAKE_TIMEOUT_MS >= 20_000);
});
