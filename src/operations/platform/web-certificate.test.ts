/** The certificate of the web Manager's port: asked for with all names, loaded only with the key it is of, never shown with that key, and taken away again. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readWebSetting, webRow } from '../../platform-settings/web.ts';
import { makeWebCertificateRequest } from '../../security/web-certificate-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-web-certificate-'));
after(() => rmSync(folder, { recursive: true }));

test('a request names everything that browsers come by, in a form that another program reads', async () => {
  const { keyPem, requestPem } = await makeWebCertificateRequest([
    'kma-1.example.com',
    '192.0.2.10',
    '2001:db8::1',
  ]);
  const file = join(folder, 'request.pem');
  writeFileSync(file, requestPem);
  const text = execFileSync('openssl', ['req', '-in', file, '-noout', '-text', '-verify'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.match(text, /CN ?= ?kma-1\.example\.com/);
  assert.match(text, /DNS:kma-1\.example\.com, IP Address:192\.0\.2\.10, IP Address:2001:DB8:0:0:0:0:0:1/);
  assert.match(keyPem, /BEGIN PRIVATE KEY/);
  assert.ok(!readFileSync(file, 'utf8').includes('PRIVATE'));
});

test('a row that is missing or malformed is a certificate that was not loaded', () => {
  const none = { requestedKeyPem: '', certificatePem: '', keyPem: '' };
  assert.deepEqual(
    readWebSetting(() => undefined),
    none,
  );
  for (const odd of ['', '[]', '{"more":1}', '{"keyPem":1}'])
    assert.deepEqual(
      readWebSetting(() => odd),
      none,
      odd,
    );
  const set = { ...none, requestedKeyPem: 'x' };
  assert.deepEqual(
    readWebSetting(() => Object.values(webRow(set))[0]),
    set,
  );
});
