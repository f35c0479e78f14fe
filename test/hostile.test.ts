/** Bad input from strangers and from agents gone mad: a numbered fault or a closed connection each time, and the KMA serves an agent right after. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { encodeRequest } from '@openkma/protocol';
import { attack, post, residentMegabytes } from './support/attack.ts';
import { AUDITOR, TestKma } from './support/kma.ts';
import { enrolRaw, faultOf, RawAgent, unitOf } from './support/raw-agent.ts';
import { type HttpAnswer, open, soapCall } from './support/soap.ts';
import { inspectStore } from './support/stored-keys.ts';

const MAKE = { dataUnit: unitOf(''), keyGroupId: '' };
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');
const first = await agent.createKey();
const processes = new Map(kma.kma.pids());

/** After whatever was sent: the same processes, and an agent gets a new key and its first one. */
afterEach(async () => {
  const retrieve = { keyId: first.keyId, ...MAKE };
  const { key } = await agent.call('RetrieveKey', retrieve);
  assert.deepEqual(Buffer.from(key.key), Buffer.from(first.key));
  await agent.createKey();
  assert.deepEqual(new Map(kma.kma.pids()), processes, 'no process has ended');
});

const PORTS = [
  { name: 'the CA port', port: kma.ports.ca, identity: {} },
  { name: 'the agent port', port: kma.ports.agent, identity: { identity: agent.identity } },
];
const numberOf = ({ body }: HttpAnswer) => Number(/<faultstring>(\d+) /.exec(body.toString())?.[1] ?? 0);

const CLOCK = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'x' });
const RECORD = encodeRequest('agent', 'CreateAuditLog', {
  retention: 'AUDIT-LOG-SHORT-TERM-RETENTION',
  condition: 'AUDIT-LOG-SUCCESS-CONDITION',
  issueAlert: false,
  message: 'x',
});
/** A sound request of the port, with `change` made to its text. */
const changed = (port: number, change: (xml: string) => string) =>
  change(port === kma.ports.ca ? CLOCK : RECORD);
const inside = (content: string) => (xml: string) => xml.replace('>x<', `>${content}<`);
const before = (prolog: string) => (xml: string) => xml.replace('?>', `?>${prolog}`);
const LAUGHS = Array.from({ length: 10 }, (_, i) =>
  i === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`,
).join('');

const BAD_XML: Readonly<Record<string, (xml: string) => string | Uint8Array>> = {
  'a DOCTYPE': before('<!DOCTYPE a>'),
  'an external entity': (xml) =>
    before('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>')(inside('&e;')(xml)),
  'an entity bomb': (xml) => before(`<!DOCTYPE a [${LAUGHS}]>`)(inside('&l9;')(xml)),
  'a parameter entity': before('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>'),
  'an unknown entity': inside('&nobody;'),
  'a processing instruction': before('<?php echo 1 ?>'),
  'ten thousand levels': (xml) => inside(`${'<a>'.repeat(9000)}${'</a>'.repeat(9000)}`)(xml).slice(0, 65_000),
  'a hundred levels': inside(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`),
  'two thousand elements': inside('<a/>'.repeat(2000)),
  'a thousand attributes': inside(`<a ${Array.from({ length: 1000 }, (_, i) => `b${i}="1"`).join(' ')}></a>`),
  'an attribute twice': (xml) => xml.replace('<SOAP-ENV:Body', '<SOAP-ENV:Body a="1" a="2"'),
  'two roots': (xml) => xml + xml.slice(xml.indexOf('?>') + 2),
  'no body': (xml) => xml.replace(/<SOAP-ENV:Body.*<\/SOAP-ENV:Body>/s, ''),
  'an empty body': (xml) => xml.replace(/(<SOAP-ENV:Body[^>]*>).*(<\/SOAP-ENV:Body>)/s, '$1$2'),
  'the end missing': (xml) => xml.slice(0, -20),
  'only white space': () => '   \n ',
  'nothing at all': () => '',
  'no XML': () => '{"jsonrpc":"2.0"}',
  'a NUL by reference': inside('&#0;'),
  'a surrogate by reference': inside('&#xD800;'),
  'a byte that is no UTF-8': (xml) => Buffer.from(inside('\u00ff')(xml), 'latin1'),
  'UTF-16': (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le'),
  'another encoding declared': (xml) => xml.replace('UTF-8', 'UTF-7'),
  'an undeclared prefix': (xml) => xml.replaceAll('SOAP-ENV:Body', 'nobody:Body'),
  'a field that holds elements': inside('<b>bold</b>'),
  'a reference to itself': (xml) => xml.replace(/<(EntityID|Message)[^>]*>x</, '<$1 id="_1" href="#_1"><'),
  'a reference to nothing': (xml) => xml.replace(/<(EntityID|Message)[^>]*>x</, '<$1 href="#_9"><'),
  'sixty thousand quotes': inside('"'.repeat(60_000)),
  'operation __proto__': (xml) => xml.replaceAll(/RetrieveLocalClock|CreateAuditLog/g, '__proto__'),
  'operation constructor': (xml) => xml.replaceAll(/RetrieveLocalClock|CreateAuditLog/g, 'constructor'),
  'an operation of another namespace': (xml) => xml.replace(/KMS\/KMS-(CA|Agent)/, 'KMS/KMS-Manager'),
};

for (const [name, change] of Object.entries(BAD_XML))
  test(`XML: ${name} is a numbered fault`, async () => {
    for (const { name: where, port, identity } of PORTS) {
      const sound = port === kma.ports.ca ? CLOCK : RECORD;
      const answer = await attack({ port, bytes: post(change(sound)), halfClose: false, ...identity });
      assert.equal(answer.status, 500, where);
      assert.ok([1008, 1134].includes(numberOf(answer)), `${where}: ${answer.body}`);
      assert.doesNotMatch(answer.body.toString(), /root:|haha/);
    }
  });

test('XML: of a field given twice, or a second operation beside the first, nothing is mixed up', async () => {
  const twice = CLOCK.replace('</EntityID>', '</EntityID><EntityID>y</EntityID>');
  const answer = await attack({ port: kma.ports.ca, bytes: post(twice), halfClose: false });
  assert.ok(answer.status === 200 || numberOf(answer) === 1008);
  const stranger = '<Secret xmlns="urn:x">y</Secret>';
  const extra = await attack({
    port: kma.ports.ca,
    bytes: post(CLOCK.replace('</EntityID>', `</EntityID>${stranger}`)),
    halfClose: false,
  });
  assert.ok(extra.status === 200 || numberOf(extra) === 1008);
  assert.doesNotMatch(extra.body.toString(), /Secret/);
});

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
const CHUNKED = ['POST / HTTP/1.1', 'Host: kma', 'Transfer-Encoding: chunked', 'Connection: close'];

/** What is no request, or none of an agent's: the connection ends, and if something is said it is no success. */
const BAD_HTTP: Readonly<Record<string, string | Uint8Array>> = {
  'a GET': lines('GET / HTTP/1.1', 'Host: kma'),
  'an OPTIONS *': lines('OPTIONS * HTTP/1.1', 'Host: kma'),
  'a CONNECT': lines('CONNECT 127.0.0.1:22 HTTP/1.1', 'Host: kma'),
  'a TRACE': lines('TRACE / HTTP/1.1', 'Host: kma', 'Cookie: a=b'),
  'another path': Buffer.from(post(CLOCK).toString().replace('POST / ', 'POST /admin/../.. ')),
  'a method nobody knows': lines('BREW / HTTP/1.1', 'Host: kma'),
  'an upgrade': lines('GET / HTTP/1.1', 'Host: kma', 'Connection: Upgrade', 'Upgrade: websocket'),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n',
  'another version': lines('POST / HTTP/9.9', 'Host: kma'),
  'a compressed body': post(randomBytes(100), ['Content-Encoding: gzip', 'Connection: close']),
  'length and chunks at once': `${lines(...CHUNKED, 'Content-Length: 4')}0\r\n\r\n`,
  'two lengths': lines('POST / HTTP/1.1', 'Content-Length: 0', 'Content-Length: 4'),
  'a negative length': lines('POST / HTTP/1.1', 'Content-Length: -1'),
  'a length beyond numbers': lines('POST / HTTP/1.1', `Content-Length: ${'9'.repeat(40)}`),
  'a chunk size that is no number': `${lines(...CHUNKED)}xyz\r\n${CLOCK}\r\n0\r\n\r\n`,
  'a chunk size beyond numbers': `${lines(...CHUNKED)}${'F'.repeat(40)}\r\n${CLOCK}`,
  'a chunk longer than its size': `${lines(...CHUNKED)}5\r\n${CLOCK}\r\n0\r\n\r\n`,
  'endless chunk extensions': `${lines(...CHUNKED)}5;${'a'.repeat(100_000)}\r\n`,
  'endless trailers': `${lines(...CHUNKED)}0\r\n${'a: b\r\n'.repeat(20_000)}\r\n`,
  'another transfer encoding': lines('POST / HTTP/1.1', 'Transfer-Encoding: gzip, identity'),
  'a header of 100 kB': lines('POST / HTTP/1.1', `X: ${'a'.repeat(100_000)}`),
  'ten thousand headers': lines('POST / HTTP/1.1', ...Array.from({ length: 10_000 }, (_, i) => `h${i}: 1`)),
  'a header without a colon': lines('POST / HTTP/1.1', 'Host kma'),
  'a URL of 100 kB': lines(`POST /${'a'.repeat(100_000)} HTTP/1.1`),
  'a header with NUL': lines('POST / HTTP/1.1', 'X: a\0b'),
  'half a request line': 'POST / HT',
  'half a header': 'POST / HTTP/1.1\r\nHost: k',
  'half a body': post(CLOCK).subarray(0, -30),
  'random bytes': randomBytes(20_000),
  NULs: Buffer.alloc(20_000),
  'line ends alone': '\r\n'.repeat(20_000),
};

for (const [name, bytes] of Object.entries(BAD_HTTP))
  test(`HTTP: ${name} is refused or the connection closed`, async () => {
    for (const { name: where, port, identity } of PORTS) {
      const answer = await attack({ port, bytes, ...identity });
      const refused = [0, 400, 404, 405, 413, 415, 431].includes(answer.status) || numberOf(answer) > 0;
      assert.ok(refused, `${where}: ${answer.headers}`);
    }
  });

test('TLS: plain HTTP, random bytes and a broken hello end at once; TLS on the plain port too', async () => {
  for (const service of ['certificate', 'agent', 'discovery'] as const)
    for (const bytes of [post(CLOCK), randomBytes(5000), Buffer.from('160301ffff0100', 'hex')]) {
      const { status } = await attack({ port: kma.ports[service], bytes });
      assert.equal(status, 0);
    }
  const socket = connectTls({ port: kma.ports.ca, host: '127.0.0.1', rejectUnauthorized: false });
  await assert.rejects(
    new Promise((resolve, reject) => socket.on('secureConnect', resolve).on('error', reject)),
  );
});

test('a request in single bytes is answered; one whose caller has closed its side is answered or closed', async () => {
  for (const { port, identity } of PORTS) {
    const bytes = post(changed(port, (xml) => xml));
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assert.equal((await attack({ port, bytes: single, halfClose: false, ...identity })).status, 200);
    assert.ok([0, 200].includes((await attack({ port, bytes, ...identity })).status));
  }
});

/** The status of each answer of a connection, in order. */
function statusesOf({ headers, body }: HttpAnswer): readonly string[] {
  return [...`${headers}\r\n\r\n${body}`.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');
}

test('pipelined requests are answered in their order, good ones and bad ones', async () => {
  for (const { port, identity } of PORTS) {
    const sound = post(
      changed(port, (xml) => xml),
      [],
    );
    const bytes = Buffer.concat([sound, post('<a>', []), sound, post('<a>', []), sound, post('<a>')]);
    const answer = await attack({ port, bytes, halfClose: false, ...identity });
    assert.deepEqual(statusesOf(answer), ['200', '500', '200', '500', '200', '500']);
  }
});

test('garbage behind a request ends the connection, and its fault is not taken for the answer', async () => {
  for (const { port, identity } of PORTS) {
    const bytes = Buffer.concat([
      post(
        changed(port, (xml) => xml),
        [],
      ),
      Buffer.from('\0garbage\r\n\r\n'),
    ]);
    const [status] = statusesOf(await attack({ port, bytes, halfClose: false, ...identity }));
    assert.ok(status === undefined || status === '200', status);
  }
});

test('a connection that never ends its requests is ended after a thousand', async () => {
  const bytes = Buffer.concat(Array.from({ length: 1500 }, () => post(CLOCK, [])));
  const answer = await attack({ port: kma.ports.ca, bytes, halfClose: false });
  assert.ok(statusesOf(answer).length <= 1000);
});

/** A body as chunks of 64 kB. */
function chunkedBody(megabytes: number): (string | Uint8Array)[] {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x20), Buffer.from('\r\n')]);
  return [lines(...CHUNKED), ...Array.from({ length: megabytes * 16 }, () => chunk), '0\r\n\r\n'];
}

test('bodies beyond the limit are refused, announced or not, and the memory of the front stays bounded', async () => {
  const front = processes.get('front 1') ?? 0;
  const before = residentMegabytes(front);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, residentMegabytes(front));
  }, 20);
  const announced = [lines('POST / HTTP/1.1', `Content-Length: ${2 ** 31}`), Buffer.alloc(8 * 2 ** 20, 0x20)];
  for (const bytes of [chunkedBody(8), announced])
    for (const { port, identity } of PORTS) {
      // 60 connections with 8 MB each: kept, they would be half a gigabyte.
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => attack({ port, bytes, halfClose: false, ...identity })),
      );
      for (const answer of answers) assert.ok([0, 1008].includes(numberOf(answer)) && answer.status !== 200);
    }
  clearInterval(watch);
  assert.ok(most - before < 250, `the front grew from ${before} to ${most} MB`);
});

test('silent, dribbling and half-open connections do not keep an agent out, nor fill the memory', async () => {
  const front = processes.get('front 1') ?? 0;
  const before = residentMegabytes(front);
  const beginnings = [
    '',
    'POST / HTTP/1.1\r\nX: ',
    post(CLOCK).subarray(0, -5),
    Buffer.from('1603010200', 'hex'),
  ];
  const held = [kma.ports.ca, kma.ports.certificate, kma.ports.agent, kma.ports.discovery].flatMap((port) =>
    beginnings.flatMap((bytes) =>
      Array.from({ length: 40 }, () => {
        const socket = open(port);
        socket.on('error', () => {});
        socket.write(bytes);
        return socket;
      }),
    ),
  );
  await Promise.all(Array.from({ length: 20 }, () => agent.createKey()));
  assert.equal((await soapCall({ port: kma.ports.ca, body: CLOCK })).status, 200);
  assert.ok(residentMegabytes(front) - before < 250);
  for (const socket of held) socket.destroy();
});

test('a hundred callers who leave in the middle of their call get at most one key each, and each is audited once', async () => {
  const handedOut = async () => {
    const keys = await kma.rows<{ keyId: string }>(
      'ListKeys',
      { filter: ['state=PROTECT_AND_PROCESS'], limit: 1000 },
      AUDITOR,
    );
    return keys.map(({ keyId }) => keyId);
  };
  const before = await handedOut();
  const body = encodeRequest('agent', 'CreateKey', MAKE);
  await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const socket = open(kma.ports.agent, agent.identity);
      socket.on('error', () => {});
      const gone = new Promise((resolve) => socket.on('close', resolve));
      socket.write(post(body), () => setTimeout(() => socket.destroy(), i % 20));
      await gone;
    }),
  );
  await agent.createKey();
  const after = await handedOut();
  assert.ok(after.length > before.length && after.length <= before.length + 101);
  const { missing, notAuditedOnce, damage } = inspectStore(kma.data, after);
  assert.deepEqual([missing, notAuditedOnce, damage], [[], [], []]);
});

test('guesses of one address are slowed down (1001) and agents with a certificate go on', async () => {
  let slowed = 0;
  for (let i = 0; i < 40 && slowed === 0; i++) {
    const { answer } = await enrolRaw(kma.ports, `guess-${i}`, 'Whatever-it-is-5');
    const fault = faultOf(answer);
    assert.ok(fault === 1002 || fault === 1001);
    if (fault === 1001) slowed += 1;
  }
  assert.equal(slowed, 1, 'within forty guesses');
  await agent.createKey();
});

test('after all of it the audit is whole, and strangers are in it as counts', async () => {
  const chains = await kma.ask<{ verdict: string; records: number }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
  // Thousands of refused requests of strangers: one record each would fill the audit for them.
  const records = await kma.rows<unknown>(
    'ListAuditEvents',
    { filter: ['operation=RetrieveEntityCertificate'], limit: 1000 },
    AUDITOR,
  );
  assert.ok(records.length < 5, `${records.length} records`);
});
