/** The listeners of the services over real sockets: limits of HTTP, faults, draining. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { before, type TestContext, test } from 'node:test';
import { forbiddenWord } from '@openkma/protocol';
import { within } from '../../test/support/until.ts';
import { refuse } from '../core/refusal.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import type { TlsMaterial } from '../processes/messages.ts';
import { ask, CLOCK, CLOSE, post, readAll, readResponse } from './http-asking.fixture.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-server.ts';
import { makeAuthority, makeCore, openService, tlsOf } from './services.fixture.ts';
import { faultBody } from './soap-fault.ts';

let tls: TlsMaterial;
before(async () => {
  const authority = await makeAuthority();
  tls = tlsOf(authority, await authority.issue('kma1'), '1.2');
});

async function openPlain(t: TestContext, limits?: Partial<HttpLimits>) {
  const core = makeCore();
  const opened = await openService(t, 'ca', tls, core.link, { ...HTTP_LIMITS, ...limits });
  return { core, ...opened, ask: (bytes: string | Buffer) => ask(opened.port, bytes) };
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
  await within('it is drained', front.drain(600_000), 30_000);
});
