/** A certificate of another CA at the web Manager's port: from the request to the browser's side, while the others of the KMA stay, and back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { OFFICER, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const pages = join(kma.folder, 'pages');
mkdirSync(pages, { mode: 0o755 });
writeFileSync(join(pages, 'index.html'), '<!doctype html><title>here</title>');
await kma.stop();
const web = await TestKma.on(kma.data, kma.folder, { pages });
after(() => web.stop());

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: web.folder });
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-keyout',
  'ca.key',
  '-out',
  'ca.pem',
  '-days',
  '3',
  '-subj',
  '/CN=House CA',
);
const ca = readFileSync(join(web.folder, 'ca.pem'), 'utf8');

interface Shown {
  readonly loaded: boolean;
  readonly requested: boolean;
  readonly names: string;
  readonly issuer: string;
}
const shown = () => web.ask<Shown>('ShowWebCertificate', {}, OFFICER);

/** As a browser that trusts the house's CA alone. */
function visit(): Promise<{ readonly hsts: string; readonly issuer: string } | string> {
  return new Promise((resolve) => {
    const asked: ClientRequest = request(
      {
        host: '127.0.0.1',
        port: web.webPort,
        servername: 'kma-1.example.com',
        headers: { Host: `kma-1.example.com:${web.webPort}` },
        ca,
        agent: false,
      },
      (response: IncomingMessage) => {
        const { issuer } = (response.socket as TLSSocket).getPeerCertificate();
        const hsts = String(response.headers['strict-transport-security'] ?? '');
        response.resume();
        resolve(
          response.statusCode === 200 ? { hsts, issuer: String(issuer.CN) } : String(response.statusCode),
        );
      },
    );
    asked.on('error', (error) => resolve(String(error)));
    asked.end();
  });
}

test('what was asked for and signed elsewhere is shown to browsers alone, and taken away again', async () => {
  assert.match(String(await visit()), /certificate|verify/i);
  const names = ['kma-1.example.com', '127.0.0.1'];
  const { requestPem } = await web.ask<{ requestPem: string }>('RequestWebCertificate', { names }, OFFICER);
  assert.deepEqual([(await shown()).loaded, (await shown()).requested], [false, true]);
  writeFileSync(join(web.folder, 'request.pem'), requestPem);
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    'web.pem',
  );
  await web.ask(
    'LoadWebCertificate',
    { certificate: readFileSync(join(web.folder, 'web.pem'), 'utf8') },
    OFFICER,
  );
  const visited = await until('browsers see it', async () => {
    const answer = await visit();
    return typeof answer === 'string' ? null : answer;
  });
  assert.deepEqual(visited, { hsts: 'max-age=86400', issuer: 'House CA' });
  const { loaded, requested, issuer } = await shown();
  assert.deepEqual([loaded, requested, issuer], [true, false, 'CN=House CA']);
  const management = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: web.managementPort, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().issuer.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
  assert.equal(management, 'RootCA');
  await web.ask('RemoveWebCertificate', {}, OFFICER);
  await until('browsers see the own one again', async () => typeof (await visit()) === 'string');
  assert.equal((await shown()).loaded, false);
});

test('a certificate without its key, of another key, or of yesterday is refused, and nothing changes', async () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'other.key',
    '-out',
    'other.pem',
    '-days',
    '3',
    '-subj',
    '/CN=other',
  );
  const certificate = readFileSync(join(web.folder, 'other.pem'), 'utf8');
  await assert.rejects(
    web.ask('LoadWebCertificate', { certificate }, OFFICER),
    /WEB_CERTIFICATE_UNUSABLE|cannot be used/,
  );
  const key = readFileSync(join(web.folder, 'ca.key'), 'utf8');
  await assert.rejects(
    web.ask('LoadWebCertificate', { certificate, key }, OFFICER),
    /not that of the first certificate/,
  );
  assert.equal((await shown()).loaded, false);
  await web.ask(
    'LoadWebCertificate',
    { certificate, key: readFileSync(join(web.folder, 'other.key'), 'utf8') },
    OFFICER,
  );
  assert.equal((await shown()).loaded, true);
});
