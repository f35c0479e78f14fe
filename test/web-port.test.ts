/** The web Manager's port as strangers, other sites and odd clients meet it: what they get, and that nobody acts in another's name. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { fromHex, toHex } from '../manager/src/proof/bytes.ts';
import { type Opening, prove } from '../manager/src/proof/scram.ts';
import { accepts } from './support/accepts.ts';
import { AUDITOR, OFFICER, type Person, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

const pages = mkdtempSync(join(tmpdir(), 'openkma-web-'));
mkdirSync(join(pages, 'assets'));
writeFileSync(join(pages, 'index.html'), '<!doctype html><title>here</title>');
const kma = await TestKma.start({ pages });
after(async () => {
  await kma[Symbol.asyncDispose]();
  rmSync(pages, { recursive: true });
});
const ORIGIN = `https://127.0.0.1:${kma.webPort}`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(`${ORIGIN}${path}`, {
      method,
      agent: false,
      rejectUnauthorized: false,
      headers: { ...type, ...headers },
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let got = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        got += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: got }),
      );
    });
    asked.end(text);
  });
}

/** The cookie, as a browser would send it. */
async function logIn({ name, passphrase }: Person): Promise<string> {
  const own = { Origin: ORIGIN };
  const clientNonce = randomBytes(32);
  const first = { user: name, clientNonce: toHex(clientNonce) };
  const opening = JSON.parse((await ask('POST', '/web/proof', own, first)).body) as Opening;
  const proof = await prove(name, passphrase, Uint8Array.from(clientNonce), opening, ORIGIN);
  const answer = await ask('POST', '/web/log-in', own, { ...first, clientProof: toHex(proof.clientProof) });
  assert.equal(answer.status, 200, answer.body);
  assert.ok(proof.accepts(fromHex((JSON.parse(answer.body) as { serverSignature: string }).serverSignature)));
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  return cookie.split(';')[0] ?? '';
}

const code = ({ body }: Answer) => (JSON.parse(body) as { code: string }).code;

test('the page for everybody who comes by a name of this KMA, with a policy; by another name nothing', async () => {
  const page = await ask('GET', '/agents/drive-1');
  assert.equal(page.status, 200);
  assert.match(page.body, /here/);
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  for (const host of ['evil.example', `evil.example:${kma.webPort}`, '127.0.0.1']) {
    const refused = await ask('GET', '/', { Host: host });
    assert.deepEqual([refused.status, code(refused)], [421, 'NOT_OWN_NAME'], host);
  }
});

test('without a session, with an invented one, or with one that has ended, the interface says who is missing', async () => {
  assert.equal(code(await ask('GET', '/v1/kmas')), 'SESSION_UNKNOWN');
  assert.equal((await ask('GET', '/web/session')).body, 'null');
  const invented = `__Host-openkma=${randomBytes(32).toString('hex')}`;
  const answer = await ask('GET', '/v1/kmas', { Cookie: invented });
  assert.equal(code(answer), 'SESSION_UNKNOWN');
  assert.match(String(answer.headers['set-cookie']), /Max-Age=0/);
  const Cookie = await logIn(AUDITOR);
  assert.equal((await ask('GET', '/v1/kmas', { Cookie })).status, 200);
  assert.equal((await ask('DELETE', '/v1/session', { Cookie, Origin: ORIGIN })).status, 204);
  assert.equal(code(await ask('GET', '/v1/kmas', { Cookie })), 'SESSION_UNKNOWN');
});

/** Keep-alive connections, each with what it heard so far and whether it has ended. */
function kept(count: number, request: string) {
  return Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port: kma.webPort, rejectUnauthorized: false }, () =>
      socket.write(request),
    );
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    let got = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      got += piece;
    });
    socket.on('error', () => undefined).on('close', () => resolve(got));
    return { socket, ended };
  });
}

test('who is nobody keeps no connection by asking, and nobody is kept out by many of them', async () => {
  const invented = () => `Cookie: __Host-openkma=${randomBytes(32).toString('hex')}`;
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${kma.webPort}\r\n${invented()}\r\n\r\n`;
  const begin = JSON.stringify({ user: 'nobody', clientNonce: randomBytes(32).toString('hex') });
  const own = `Host: 127.0.0.1:${kma.webPort}\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json`;
  const proof = `POST /web/proof HTTP/1.1\r\n${own}\r\nContent-Length: ${begin.length}\r\n\r\n${begin}`;
  // More than one source may have.
  const strangers = kept(40, get('/v1/kmas'));
  const Cookie = await logIn(AUDITOR);
  assert.equal((await ask('GET', '/v1/kmas', { Cookie })).status, 200);
  for (const { ended } of strangers) assert.match(`${await ended}`, /^(HTTP\/1\.1 401|$)/);
  for (const request of [get('/web/session'), proof]) {
    const [stranger] = kept(1, request);
    assert.match((await stranger?.ended) ?? '', /^HTTP\/1\.1 200 .*connection: close/is);
  }
});

test("another site's page changes nothing and reads nothing, whatever its visitor's cookie", async () => {
  const Cookie = await logIn(OFFICER);
  const site = { site: 'south' };
  const own = { Cookie, Origin: ORIGIN };
  for (const headers of [
    { Cookie },
    { Cookie, Origin: 'https://evil.example' },
    { Cookie, Origin: 'null' },
    { Cookie, Origin: `https://127.0.0.1:${kma.managementPort}` },
    { ...own, 'Sec-Fetch-Site': 'cross-site' },
    { ...own, 'Sec-Fetch-Site': 'same-site' },
  ])
    assert.equal(
      code(await ask('POST', '/v1/sites', headers, site)),
      'FOREIGN_PAGE',
      JSON.stringify(headers),
    );
  const read = {
    Cookie,
    'Sec-Fetch-Site': 'cross-site',
    'Sec-Fetch-Mode': 'no-cors',
    'Sec-Fetch-Dest': 'image',
  };
  assert.equal(code(await ask('GET', '/v1/users', read)), 'FOREIGN_PAGE');
  const visit = {
    'Sec-Fetch-Site': 'cross-site',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
  };
  assert.equal((await ask('GET', '/users', visit)).status, 200);
  assert.equal(
    (await ask('POST', '/v1/sites', { ...own, 'Sec-Fetch-Site': 'same-origin' }, site)).status,
    201,
  );
});

test('the proof is for pages of this KMA, and a wrong one is refused like an unknown name', async () => {
  const begin = { user: 'nobody', clientNonce: randomBytes(32).toString('hex') };
  assert.equal(code(await ask('POST', '/web/proof', {}, begin)), 'FOREIGN_PAGE');
  const own = { Origin: ORIGIN };
  assert.equal((await ask('POST', '/web/proof', own, begin)).status, 200, 'a decoy');
  const wrong = (user: string) =>
    ask('POST', '/web/log-in', own, { ...begin, user, clientProof: randomBytes(32).toString('hex') });
  const [unknown, known] = [await wrong('nobody'), await wrong(AUDITOR.name)];
  assert.deepEqual([unknown.status, unknown.body], [known.status, known.body]);
  for (const bad of [{}, { ...begin, clientNonce: 'zz' }, { ...begin, more: 1 }])
    assert.equal(code(await ask('POST', '/web/proof', own, bad)), 'INVALID_PARAMETERS');
  assert.equal(code(await ask('PUT', '/web/proof', own, begin)), 'METHOD_NOT_ALLOWED');
});

test("the management port takes no cookie, and this one no client's key", async () => {
  const Cookie = await logIn(AUDITOR);
  const at3333 = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: kma.managementPort, rejectUnauthorized: false }, () =>
      socket.write(`GET /v1/kmas HTTP/1.1\r\nHost: a\r\nCookie: ${Cookie}\r\nConnection: close\r\n\r\n`),
    );
    let got = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      got += piece;
    });
    socket.on('error', reject).on('close', () => resolve(got));
  });
  assert.match(at3333, /^HTTP\/1\.1 401/);
});

test('TLS 1.2 is not spoken here', async () => {
  const failed = await new Promise<string>((resolve) => {
    const socket = connect(
      { host: '127.0.0.1', port: kma.webPort, rejectUnauthorized: false, maxVersion: 'TLSv1.2' },
      () => resolve('connected'),
    );
    socket.on('error', (error) => resolve(String(error)));
  });
  assert.match(failed, /alert protocol version|SSL/);
});

test('a front that finds no pages any more serves managers all the same', async () => {
  const front = () => kma.kma.pids().get('management front');
  const before = front();
  assert.ok(before !== undefined);
  rmSync(join(pages, 'index.html'));
  process.kill(before, 'SIGKILL');
  await until('another front', () => ![undefined, before].includes(front()));
  await until('it serves', () => accepts('127.0.0.1', kma.managementPort));
  assert.equal(await accepts('127.0.0.1', kma.webPort), false);
});
