/** HTTP as a front reads it, over real sockets in pieces: every answer is whole, none is a success without a call, and the connection ends. */
import { connect } from 'node:net';
import { encodeRequest } from '@openkma/protocol';
import { openFront } from '../../src/services/front.ts';
import { HTTP_LIMITS } from '../../src/services/http-server.ts';
import { makeAuthority, makeCore, tlsOf } from '../../src/services/services.fixture.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const CLOCK = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
/** The server ends what is not finished; an input that needs longer hangs. */
const END_MS = 10_000;
const LIMITS = { ...HTTP_LIMITS, idleTimeoutMs: 2_000 };
/** The highest bit of an input's first byte sends it to the port with TLS, the others say how it is cut. */
const TO_TLS = 0x80;

const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ': ',
  ' HTTP/1.1',
  ' HTTP/1.0',
  'POST / HTTP/1.1\r\n',
  'GET / HTTP/1.1\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 99999999999\r\n',
  'Content-Length: -1\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 5, 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: x, chunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'FFFFFFFFFFFFFFFF\r\n',
  '5;a=b\r\n',
  '\t',
  ' ',
  '\0',
  '\x7f',
  '\xff',
  'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Connection: Upgrade\r\n',
  'Content-Encoding: gzip\r\n',
  'Host: a\r\n',
  ' folded\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '/'.repeat(200),
  `X: ${'a'.repeat(2000)}\r\n`,
  '\x16\x03\x01\x02\x00\x01',
  CLOCK,
];

function generate(random: Random): Uint8Array {
  const requests = Array.from({ length: 1 + random.small(4) }, () => request(random)).join('');
  return Buffer.concat([
    Buffer.of(random.onceIn(10) ? TO_TLS : random.below(128)),
    Buffer.from(requests, 'latin1'),
  ]);
}

function request(random: Random): string {
  const body = random.onceIn(4) ? random.pick(WORDS) : CLOCK;
  const headers = [random.onceIn(4) ? random.pick(WORDS) : 'Host: kma\r\n'];
  if (random.onceIn(3)) headers.push(random.pick(WORDS));
  const chunked = random.onceIn(3);
  headers.push(
    chunked
      ? 'Transfer-Encoding: chunked\r\n'
      : `Content-Length: ${Buffer.byteLength(body) + (random.onceIn(6) ? 1 : 0)}\r\n`,
  );
  const half = random.below(body.length + 1);
  const chunk = (text: string) =>
    text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const sent = chunked ? `${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n` : body;
  return `POST / HTTP/1.1\r\n${random.shuffled(headers).join('')}\r\n${sent}`;
}

/** The statuses of whole answers, in order; throws where something else came. */
function statusesOf(answer: Buffer): string[] {
  const statuses: string[] = [];
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf('\r\n\r\n', at);
    const head = answer.subarray(at, end < 0 ? answer.length : end).toString('latin1');
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    promise(status !== undefined && end >= 0, 'what came is no answer of HTTP');
    if (status === '100') {
      at = end + 4;
      continue;
    }
    const length = Number(/\r\nContent-Length: (\d+)/.exec(head)?.[1] ?? 'NaN');
    promise(Number.isSafeInteger(length), `an answer ${status} without a length`);
    const body = answer.subarray(end + 4, end + 4 + length).toString();
    const fault = /<faultstring>(\d+) /.exec(body)?.[1];
    promise(status !== '200' || body.includes('Response>'), 'a success that is no response');
    promise(
      status !== '500' || fault !== undefined || answer.length < end + 4 + length,
      `a failure of the server: ${body.slice(-200)}`,
    );
    statuses.push(fault ?? status);
    at = end + 4 + length;
  }
  return statuses;
}

async function openHttp(): Promise<OpenTarget> {
  const core = makeCore();
  const authority = await makeAuthority();
  const tls = tlsOf(authority, await authority.issue('kma'), '1.2');
  const listens = [
    { service: 'ca', host: '127.0.0.1', port: 0 },
    { service: 'certificate', host: '127.0.0.1', port: 0 },
  ] as const;
  const front = await openFront({ listens, tls, link: core.link, sharePorts: false, limits: LIMITS });
  const [plain, secure] = front.listens.map(({ port }) => port);
  return {
    generate,
    async run(input) {
      const how = input[0] ?? 0;
      core.calls.splice(0);
      core.refusals.splice(0);
      const answer = await exchange(
        (how & TO_TLS) === 0 ? (plain ?? 0) : (secure ?? 0),
        cut(input.subarray(1), how & 0x7f),
      );
      if ((how & TO_TLS) !== 0) return `TLS ${answer.length === 0 ? 'closed' : 'alert'}`;
      const statuses = statusesOf(answer);
      const served = statuses.filter((status) => status === '200').length;
      promise(served <= core.calls.length, 'an answer was given without a call');
      return `${statuses.slice(0, 3).join(' ')}${statuses.length > 3 ? ' ...' : ''} closed, ${Math.min(core.calls.length, 3)} calls`;
    },
    close: () => front.drain(0),
  };
}

/** In up to three pieces, at places that `how` gives. */
function cut(bytes: Uint8Array, how: number): Uint8Array[] {
  const first = Math.floor((bytes.length * (how % 8)) / 8);
  const second = Math.max(first, Math.floor((bytes.length * (how >> 3)) / 16));
  return [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)].filter(
    ({ length }) => length > 0,
  );
}

async function exchange(port: number, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    socket.destroy();
  }, END_MS);
  // Not `once` of node:events, which takes a reset for its own failure: whoever is answered before he has said all may be reset.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  socket.end();
  await closed;
  clearTimeout(timer);
  promise(!hung, 'the connection was not ended');
  return Buffer.concat(chunks);
}

export const http: FuzzTarget = {
  name: 'http',
  smokeInputs: 400,
  words: WORDS,
  steered: false,
  open: openHttp,
};
