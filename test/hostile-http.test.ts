/** HTTP and TLS as weapons: smuggled requests, bombs of chunks and of compression, answers that nobody reads, resets, renegotiation. An agent is served after each. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { encodeRequest } from '@openkma/protocol';
import { attack, post, residentMegabytes } from './support/attack.ts';
import { AUDITOR, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { open } from './support/soap.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');
const first = await agent.createKey();
const pids = new Map(kma.kma.pids());
const memory = new Map([...pids].map(([name, pid]) => [name, residentMegabytes(pid)]));
const GROWTH_MEGABYTES_MAX = 300;

/** The same processes, of a bounded size; the agent's key is there, and a new one is made. */
afterEach(async (t) => {
  const { key } = await agent.call('RetrieveKey', {
    keyId: first.keyId,
    dataUnit: unitOf(''),
    keyGroupId: '',
  });
  assert.deepEqual(Buffer.from(key.key), Buffer.from(first.key));
  await agent.createKey();
  assert.deepEqual(new Map(kma.kma.pids()), pids, 'no process has ended');
  for (const [name, pid] of pids) {
    const grown = residentMegabytes(pid) - (memory.get(name) ?? 0);
    if (grown > 50) t.diagnostic?.(`${name} grew by ${Math.round(grown)} MB`);
    assert.ok(grown < GROWTH_MEGABYTES_MAX, `${name} grew by ${grown} MB`);
  }
});

const CLOCK = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
const LENGTH = Buffer.byteLength(CLOCK);
const CHUNKS = `${LENGTH.toString(16)}\r\n${CLOCK}\r\n0\r\n\r\n`;
/** What an attacker would like to have taken for another caller's request. */
const INNER = post(CLOCK).toString();
const AGENTS = { port: kma.ports.agent, identity: agent.identity };
const PLACES = [{ port: kma.ports.ca }, AGENTS];

const request = (headers: readonly string[], body: string, line = 'POST / HTTP/1.1') =>
  `${[line, ...headers].join('\r\n')}\r\n\r\n${body}${INNER}`;

/** Messages whose end two programs could see in two places; INNER lies behind one of them. */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  'length and chunks': request(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  'chunks and length': request(['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n'),
  'the same length twice': request([`Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`], CLOCK),
  'two lengths': request([`Content-Length: ${LENGTH}`, 'Content-Length: 0'], CLOCK),
  'a list of lengths': request([`Content-Length: ${LENGTH}, ${LENGTH}`], CLOCK),
  'a length with a sign': request([`Content-Length: +${LENGTH}`], CLOCK),
  'a length in hex': request(['Content-Length: 0x10'], CLOCK),
  'a space before the colon of the length': request([`Content-Length : ${LENGTH}`], CLOCK),
  'a space before the colon of the coding': request(['Transfer-Encoding : chunked'], CHUNKS),
  'a coding that is nearly chunked': request(['Transfer-Encoding: xchunked'], CHUNKS),
  'chunked twice': request(['Transfer-Encoding: chunked, chunked'], CHUNKS),
  'chunked, then identity': request(['Transfer-Encoding: chunked, identity'], CHUNKS),
  'identity, then chunked, in two lines': request(
    ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
    CHUNKS,
  ),
  'gzip, then chunked': request(['Transfer-Encoding: gzip, chunked'], CHUNKS),
  'a vertical tab before the coding': request(['Transfer-Encoding: \x0bchunked'], CHUNKS),
  'chunks in HTTP/1.0': request(['Transfer-Encoding: chunked'], CHUNKS, 'POST / HTTP/1.0'),
  'a folded header': request(['X: a', ' b', `Content-Length: ${LENGTH}`], CLOCK),
  'a folded length': request(['Content-Length:', ` ${LENGTH}`], CLOCK),
  'a folded coding': request(['Transfer-Encoding:', ' chunked'], CHUNKS),
  'line feeds alone': request([`Content-Length: ${LENGTH}`], CLOCK).replaceAll('\r\n', '\n'),
  'one line feed alone': request([`X: a\nContent-Length: ${LENGTH}`], CLOCK),
  'one carriage return alone': request([`X: a\rContent-Length: ${LENGTH}`], CLOCK),
  'a line feed alone after a chunk size': request(
    ['Transfer-Encoding: chunked'],
    CHUNKS.replace('\r\n', '\n'),
  ),
  'a line feed alone in a chunk extension': request(
    ['Transfer-Encoding: chunked'],
    CHUNKS.replace('\r\n', ';a=\n\r\n'),
  ),
  'a chunk size with 0x': request(['Transfer-Encoding: chunked'], `0x${CHUNKS}`),
  'a chunk size with a sign': request(['Transfer-Encoding: chunked'], `+${CHUNKS}`),
  'a chunk size with a space': request(['Transfer-Encoding: chunked'], CHUNKS.replace('\r\n', ' \r\n')),
  'a length in the trailers': request(
    ['Transfer-Encoding: chunked'],
    CHUNKS.replace('\r\n0\r\n', '\r\n0\r\nContent-Length: 5\r\n'),
  ),
  'a body behind a GET': request([`Content-Length: ${INNER.length}`], '', 'GET / HTTP/1.1'),
};

for (const [name, bytes] of Object.entries(AMBIGUOUS))
  test(`smuggling: ${name} is refused, and what lies behind it is never answered`, async () => {
    for (const place of PLACES) {
      const { headers, body } = await attack({ ...place, bytes, halfClose: false });
      const statuses = [...`${headers}\r\n\r\n${body}`.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(
        ([, status]) => status,
      );
      assert.ok(statuses.length <= 1, statuses.join());
      assert.ok(!statuses.includes('200'));
    }
  });

const CHUNKED = 'POST / HTTP/1.1\r\nHost: kma\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';

test('a sound request in chunks of one byte is answered', async () => {
  const single = [...CLOCK].map((byte) => `1\r\n${byte}\r\n`).join('');
  const { status } = await attack({
    port: kma.ports.ca,
    bytes: `${CHUNKED}${single}0\r\n\r\n`,
    halfClose: false,
  });
  assert.equal(status, 200);
});

test('a million chunks of one byte are cut off at the limit of a body', async () => {
  const bytes = [CHUNKED, ...Array<string>(100).fill('1\r\na\r\n'.repeat(10_000))];
  for (const place of PLACES)
    assert.notEqual((await attack({ ...place, bytes, halfClose: false })).status, 200);
});

test('chunk extensions and trailers are cut off, in one chunk and over many', async () => {
  const long = `5;${'a'.repeat(1_000_000)}\r\n`;
  const many = `1;${'a'.repeat(1_000)}\r\na\r\n`.repeat(1_000);
  const trailers = `0\r\n${'a: b\r\n'.repeat(100_000)}\r\n`;
  for (const place of PLACES)
    for (const body of [long, many, trailers])
      assert.notEqual((await attack({ ...place, bytes: CHUNKED + body })).status, 200);
});

test('bodies in tens of thousands of one-byte chunks are cut off before they cost much work', async () => {
  const bytes = CHUNKED + '1\r\na\r\n'.repeat(60_000);
  for (let round = 0; round < 2; round++) {
    const answers = Array.from({ length: 50 }, () => attack({ port: kma.ports.ca, bytes, halfClose: false }));
    for (const { status } of await Promise.all(answers)) assert.notEqual(status, 200);
  }
});

test('three hundred callers who hold back a body of two thousand chunks cost little memory', async () => {
  const held: Socket[] = [];
  for (let i = 0; i < 300; i++) {
    const socket = open(kma.ports.ca);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(CHUNKED + '1\r\na\r\n'.repeat(2_000));
    held.push(socket);
  }
  await agent.createKey();
  for (const socket of held) assert.equal(socket.destroyed, false);
  for (const socket of held) socket.destroy();
});

test('compressed bodies are refused unread, and a bomb is never unpacked', async () => {
  const zeros = Buffer.alloc(50_000_000);
  const bombs = {
    gzip: gzipSync(zeros),
    deflate: deflateSync(zeros).subarray(0, 60_000),
    br: brotliCompressSync(zeros.subarray(0, 1_000_000)),
  };
  for (const [coding, bytes] of Object.entries(bombs))
    for (const headers of [`Content-Encoding: ${coding}`, `Content-Encoding: identity, ${coding}`])
      for (const place of PLACES) {
        const { status } = await attack({
          ...place,
          bytes: post(bytes.subarray(0, 60_000), [headers]),
          halfClose: false,
        });
        assert.equal(status, 415);
      }
});

test('two hundred connections that are reset at any moment leave nothing behind', async () => {
  const bytes = post(
    encodeRequest('agent', 'CreateAuditLog', {
      retention: 'AUDIT-LOG-SHORT-TERM-RETENTION',
      condition: 'AUDIT-LOG-SUCCESS-CONDITION',
      issueAlert: false,
      message: 'x',
    }),
  );
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const tcp = open(kma.ports.agent);
      tcp.on('error', () => undefined);
      const closed = new Promise((resolve) => tcp.once('close', resolve));
      await once(tcp, 'connect');
      tcp.write(i % 2 === 0 ? bytes : Buffer.from('160301', 'hex'));
      setTimeout(() => tcp.resetAndDestroy(), i % 30);
      await closed;
    }),
  );
});

test('callers who send request after request and read no answer are held back, and fill no memory', async () => {
  const sound = post(CLOCK, []);
  const held = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const socket = open(kma.ports.ca);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.pause();
      for (let i = 0; i < 900; i++) socket.write(sound);
      return socket;
    }),
  );
  await agent.createKey();
  for (const socket of held) socket.destroy();
});

test('connections closed on one side at any point of a request are ended', async () => {
  const whole = post(CLOCK, []);
  for (const place of PLACES)
    for (const part of [0, 1, 20, whole.length - 1, whole.length]) {
      const { status } = await attack({ ...place, bytes: whole.subarray(0, part) });
      assert.ok(part === whole.length || status !== 200);
    }
});

test('TLS renegotiation that a client asks for is refused, on every port with TLS', async () => {
  const pem = join(kma.folder, 'agent.pem');
  writeFileSync(pem, agent.identity.cert + agent.identity.key, { mode: 0o600 });
  for (const service of ['certificate', 'agent', 'discovery'] as const) {
    const options = ['-connect', `127.0.0.1:${kma.ports[service]}`, '-tls1_2', '-cert', pem];
    const client = spawn('openssl', ['s_client', ...options], { stdio: 'pipe' });
    const closed = once(client, 'close');
    let output = '';
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    client.stdin.on('error', () => undefined);
    await until('the handshake', () => /Verify return code/.test(output));
    client.stdin.write('R\n');
    await until('the refusal', () => /no renegotiation/i.test(output));
    client.stdin.end();
    client.kill();
    await closed;
    assert.match(output, /RENEGOTIATING/);
    assert.equal(output.match(/Verify return code/g)?.length, 1, 'no second handshake');
  }
});

test('after all of it the audit is intact', async () => {
  const chains = await kma.ask<{ verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
});
