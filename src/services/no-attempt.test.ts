/** Who only looks whether a port is open, or goes away again when he sees its certificate, is not counted among those who were refused. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { until } from '../../test/support/until.ts';
import { HTTP_LIMITS } from './http-server.ts';
import { makeAuthority, makeCore, openService, tlsOf } from './services.fixture.ts';

const run = promisify(execFile);
const authority = await makeAuthority();
const tls = tlsOf(authority, await authority.issue('kma1'), '1.2');
/** None of them to be waited for longer than a test takes. */
const LIMITS = { ...HTTP_LIMITS, headersTimeoutMs: 300, requestTimeoutMs: 300, checkIntervalMs: 50 };

/** Whatever it ends with. */
function gone(socket: Socket): Promise<void> {
  return new Promise(
    (resolve) =>
      void socket
        .on('error', () => undefined)
        .once('close', () => resolve())
        .resume(),
  );
}

/** Each of these leaves without having asked anything. */
const LOOKS: Readonly<Record<string, (port: number) => Promise<void>>> = {
  async 'connects and closes'(port) {
    const socket = connect(port, '127.0.0.1', () => socket.end());
    await gone(socket);
  },
  async 'connects and resets'(port) {
    const socket = connect(port, '127.0.0.1', () => socket.resetAndDestroy());
    await gone(socket);
  },
  async 'connects and is silent'(port) {
    await gone(connect(port, '127.0.0.1'));
  },
};
/** As a browser that does not know the root CA: closes, once it has seen the certificate. */
const closes = (port: number, version: 'TLSv1.2' | 'TLSv1.3') =>
  gone(connectTls({ port, host: '127.0.0.1', minVersion: version, maxVersion: version }));
/** As another one: says why, in an alert of TLS. */
const alerts = (port: number, version: '-tls1_2' | '-tls1_3') =>
  run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', version]).then(
    () => assert.fail('it took the certificate'),
    ({ stderr }: { readonly stderr: string }) => assert.match(stderr, /verify error/),
  );
const TLS_LOOKS: typeof LOOKS = {
  'closes within TLS 1.2': (port) => closes(port, 'TLSv1.2'),
  'closes within TLS 1.3': (port) => closes(port, 'TLSv1.3'),
  'refuses the certificate in TLS 1.2': (port) => alerts(port, '-tls1_2'),
  'refuses the certificate in TLS 1.3': (port) => alerts(port, '-tls1_3'),
};

for (const [service, looks] of [
  ['ca', LOOKS],
  // Silence there ends with the deadline of handshakes.
  ['certificate', { ...LOOKS, ...TLS_LOOKS, 'connects and is silent': async () => undefined }],
] as const)
  test(`at the port of the service "${service}" whoever asks nothing counts for nothing, and who sends garbage does`, async (t) => {
    const core = makeCore();
    const { port } = await openService(t, service, tls, core.link, LIMITS);
    for (const [what, look] of Object.entries(looks)) {
      await look(port);
      assert.deepEqual(core.refusals, [], what);
    }
    const garbage = connect(port, '127.0.0.1', () => void garbage.write('NONSENSE\r\n\r\n'));
    await gone(garbage);
    assert.equal(core.refusals.length, 1, core.refusals.join());
    assert.match(core.refusals[0] ?? '', new RegExp(`^${service} (HPE|ERR_SSL)_.* 127\\.0\\.0\\.1$`));
  });

test('a certificate of somebody else is refused and counted, though nothing is asked with it', async (t) => {
  const core = makeCore();
  const { port } = await openService(t, 'agent', tls, core.link, LIMITS);
  const foreign = await (await makeAuthority()).issue('drive-1');
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const identity = { cert: foreign.certificatePem, key: foreign.privateKeyPem };
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false, ...identity };
    await gone(connectTls({ ...options, minVersion: version, maxVersion: version }));
    await until('it is counted', () => core.refusals.length > 0);
    assert.match(
      core.refusals.splice(0).join(),
      /^agent (CERT|UNABLE|SELF_SIGNED|DEPTH_ZERO|ERR_SSL)\S+ 127\.0\.0\.1$/,
      version,
    );
  }
});
