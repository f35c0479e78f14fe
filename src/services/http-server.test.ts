/** The listeners of the services over real sockets: limits of HTTP, faults, draining. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { before, type TestContext, test } from 'node:test';
import { forbiddenWord } from '@openkma/protocol';
import { refuse } from '../core/refusal.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import type { TlsMaterial } from '../processes/messages.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-server.ts';
import { makeAuthority, makeCore, openService, type TestCore, tlsOf } from './services.fixture.ts';
import { faultBody } from './soap-fault.ts';
import { HANDSHAKE_TIMEOUT_MS } from './tls-settings.ts';

let tls: TlsMaterial;
before(async () => {
  const authority = await makeAuthority();
  tls = tlsOf(authority, await authority.issue('kma1'), '1.2');
});

const CLOCK = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:KMS-CA="http://www.sun.com/KMS/KMS-CA"><SOAP-ENV:Body><KMS-CA:RetrieveLocalClock><EntityID>agent1</EntityID></KMS-CA:RetrieveLocalClock></SOAP-ENV:Body></SOAP-ENV:Envelope>`;

function post(body: string, headers: readonly string[] = [], path = '/'): string {
  const all = ['Host: kma', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `POST ${path} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}
const CLOSE = 'Connection: close';

async function openPlain(t: TestContext, limits?: Partial<HttpLimits>) {
  const core = makeCore();
  const opened = await openService(t, 'ca', tls, core.link, { ...HTTP_LIMITS, ...limits });
  return { core, ...opened, ask: (bytes: string | Buffer) => ask(opened.port, bytes) };
}

/** Sends the bytes and reads until the server closes. */
async function ask(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return readAll(socket);
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  await once(socket, 'close');
  return text;
}

/** Also where it has been closed before. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

async function readResponse(socket: Socket): Promise<string> {
  let text = '';
  for (;;) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    text += data;
    if (text.includes('</SOAP-ENV:Envelope>')) return text;
  }
}

test("an agent's request is answered with its length and without compression", async (t) => {
  const { ask, core } = await openPlain(t);
  const response = await ask(post(CLOCK, [CLOSE]));
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(response, /\r\nContent-Type: text\/xml; charset=utf-8\r\n/);
  const [head = '', body = ''] = response.split('\r\n\r\n');
  assert.match(head, new RegExp(`\r\nContent-Length: ${Buffer.byteLength(body)}(\r\n|$)`));
  assert.match(body, /<CurrentTime>2026-11-23T07:30:00Z<\/CurrentTime>/);
  const { origin, operation } = core.calls[0] ?? assert.fail('no call');
  assert.equal(operation, 'RetrieveLocalClock');
  assert.deepEqual(origin, {
    service: 'ca',
    address: '127.0.0.1',
    localAddress: '127.0.0.1',
    fingerprint: null,
  });
});

test('a chunked body, HTTP/1.0 and a request without Host are understood', async (t) => {
  const { ask } = await openPlain(t);
  const half = CLOCK.length >> 1;
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const chunks = `${chunk(CLOCK.slice(0, half))}${chunk(CLOCK.slice(half))}0\r\n\r\n`;
  assert.match(
    await ask(`POST / HTTP/1.1\r\nHost: k\r\n${CLOSE}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`),
    /200 OK/,
  );
  assert.match(await ask(`POST / HTTP/1.0\r\nContent-Length: ${CLOCK.length}\r\n\r\n${CLOCK}`), /200 OK/);
  assert.match(
    await ask(`POST / HTTP/1.1\r\n${CLOSE}\r\nContent-Length: ${CLOCK.length}\r\n\r\n${CLOCK}`),
    /200 OK/,
  );
});

test('a connection serves several requests, and says when it has served enough', async (t) => {
  const { port, core } = await openPlain(t, { requestsPerConnection: 2 });
  const socket = connect(port, '127.0.0.1');
  socket.write(post(CLOCK));
  assert.match(await readResponse(socket), /\r\nConnection: keep-alive\r\n/);
  socket.write(post(CLOCK));
  assert.match(await readResponse(socket), /\r\nConnection: close\r\n/);
  assert.equal(core.calls.length, 2);
  socket.destroy();
});

test('only POST to / is served, and nothing compressed', async (t) => {
  const { ask, core } = await openPlain(t);
  assert.match(await ask('GET / HTTP/1.1\r\nHost: k\r\n\r\n'), /^HTTP\/1\.1 405 .*\r\nAllow: POST\r\n/);
  assert.match(await ask(post(CLOCK, [], '/admin')), /^HTTP\/1\.1 404 /);
  assert.match(await ask(post(CLOCK, ['Content-Encoding: gzip'])), /^HTTP\/1\.1 415 /);
  for (const [version, coding] of [
    ['1.1', 'gzip, chunked'],
    ['1.0', 'chunked'],
  ])
    assert.match(
      await ask(`POST / HTTP/${version}\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`),
      /^HTTP\/1\.1 501 /,
    );
  assert.equal(core.calls.length, 0);
  assert.deepEqual(core.refusals.splice(3), ['ca HTTP 501 127.0.0.1', 'ca HTTP 501 127.0.0.1']);
  assert.deepEqual(core.refusals, [
    'ca HTTP 405 127.0.0.1',
    'ca HTTP 404 127.0.0.1',
    'ca HTTP 415 127.0.0.1',
  ]);
});

test('an expectation that nobody knows is refused with an answer that has a length', async (t) => {
  const { ask, core } = await openPlain(t);
  const answer = await ask(post(CLOCK, ['Expect: a miracle']));
  assert.match(answer, /^HTTP\/1\.1 417 .*\r\nContent-Length: 19\r\n/s);
  assert.equal(core.calls.length, 0);
});

test('a body over the limit is refused, announced or not', async (t) => {
  const { ask, core } = await openPlain(t);
  const long = 'x'.repeat(HTTP_LIMITS.bodyBytes + 1);
  assert.match(
    await ask(`POST / HTTP/1.1\r\nHost: k\r\nContent-Length: ${long.length}\r\n\r\n`),
    /1008 Invalid parameters/,
  );
  const chunked = `${long.length.toString(16)}\r\n${long}`;
  assert.match(
    await ask(`POST / HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`),
    /1008 Invalid parameters/,
  );
  assert.equal(core.calls.length, 0);
  assert.deepEqual(core.refusals, [
    'ca too long or incomplete 127.0.0.1',
    'ca too long or incomplete 127.0.0.1',
  ]);
});

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

test('headers over the limit and what is not HTTP get a numbered fault', async (t) => {
  const { ask, core } = await openPlain(t);
  for (const bytes of [
    post(CLOCK, [`X: ${'x'.repeat(HTTP_LIMITS.headerBytes)}`]),
    'what is this\r\n\r\n',
    Buffer.from('1603010000', 'hex'),
    `POST / HTTP/1.1\r\nHost: k\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    post(CLOCK, ['Content-Length: 3']),
  ]) {
    const response = await ask(bytes);
    assert.match(response, /^HTTP\/1\.1 500 /);
    assert.match(response, /<faultstring>1008 /);
  }
  assert.equal(core.calls.length, 0);
  assert.equal(core.refusals.length, 5);
});

test('malformed XML, unknown operations and bad fields are numbered faults with HTTP 500', async (t) => {
  const { ask, core } = await openPlain(t);
  const cases: [string, RegExp][] = [
    ['', /1008/],
    ['<a>', /1008/],
    [CLOCK.replace('<SOAP-ENV:Body>', '<!DOCTYPE x><SOAP-ENV:Body>'), /1008/],
    [CLOCK.replaceAll('RetrieveLocalClock', 'MakeCoffee'), /1134/],
    [
      CLOCK.replaceAll('KMS-CA', 'KMS-Agent').replaceAll('RetrieveLocalClock', 'GetAgentKWKPublicKey'),
      /1134/,
    ],
    [CLOCK.replace('<EntityID>agent1</EntityID>', '<EntityID>a<b/></EntityID>'), /1008/],
  ];
  for (const [body, number] of cases) {
    const response = await ask(post(body, [CLOSE]));
    assert.match(response, /^HTTP\/1\.1 500 /, body);
    assert.match(/<faultstring>(.*)<\/faultstring>/.exec(response)?.[1] ?? '', number, body);
  }
  assert.equal(core.calls.length, 0);
  assert.equal(core.refusals.length, cases.length);
});

test("the core's refusals are faults with number and text, and unexpected ones say Server Error alone", async (t) => {
  const { ask, core } = await openPlain(t);
  const faultOf = async (code: ErrorCode) => {
    core.answer = refuse(code, 'a detail for insiders');
    const response = await ask(post(CLOCK, [CLOSE]));
    assert.match(response, /^HTTP\/1\.1 500 /);
    assert.ok(!response.includes('insiders'));
    return /<faultcode>SOAP-ENV:(.*)<\/faultcode><faultstring>(.*)<\/faultstring>/
      .exec(response)
      ?.slice(1)
      .join(' ');
  };
  assert.equal(await faultOf('ACCESS_DENIED'), 'Client 1000 Access denied');
  assert.equal(await faultOf('AGENT_NO_READY_KEYS'), 'Client 1021 No ready keys');
  assert.equal(await faultOf('INVALID_PARAMETERS'), 'Client 1008 Invalid parameters');
  assert.equal(await faultOf('APPLIANCE_LOCKED'), 'Client 1018 KMA is locked');
  for (const code of ['SERVER_ERROR', 'STORE_UNWRITABLE', 'CLOCK_ODD'] as const)
    assert.equal(await faultOf(code), 'Server Server Error');
});

test('no numbered fault has a word that agents take for a failure of the server', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const text = /<faultstring>(.*)<\/faultstring>/.exec(faultBody(code))?.[1] ?? '';
    if (text !== 'Server Error') assert.equal(forbiddenWord(text), null, code);
    if (text !== 'Server Error') assert.ok(text.startsWith(`${Number.parseInt(text, 10)} `), code);
  }
});

test('what would crash an agent is answered with Server Error instead', async (t) => {
  const { ask, core } = await openPlain(t);
  core.answer = { currentTime: 'tomorrow' };
  assert.match(await ask(post(CLOCK, [CLOSE])), /<faultstring>Server Error</);
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
    const answer = await readAll(socket);
    clearInterval(drip);
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

test('draining answers what is under way and accepts nothing more', async (t) => {
  const { core, front, port } = await openPlain(t);
  const reached = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const original = core.link.call.bind(core.link);
  Object.assign(core.link, {
    call: async (...args: Parameters<typeof original>) => {
      reached.resolve();
      await answer.promise;
      return original(...args);
    },
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(post(CLOCK));
  await reached.promise;
  const drained = front.drain(5_000);
  const late = connect(port, '127.0.0.1');
  await assert.rejects(once(late, 'connect'));
  answer.resolve();
  assert.match(await readAll(socket), /200 OK/);
  await drained;
});

test('an idle connection does not hold up draining', async (t) => {
  const { front, port } = await openPlain(t);
  const socket = connect(port, '127.0.0.1');
  socket.write(post(CLOCK));
  await readResponse(socket);
  await front.drain(60_000);
});
