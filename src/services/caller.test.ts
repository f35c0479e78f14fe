/** What a front tells the core of a caller's TLS connection: its exporter, to the certificate service alone and over TLS 1.3. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type SecureVersion } from 'node:tls';
import { EXPORTER_BYTES, EXPORTER_LABEL, encodeRequest } from '@openkma/protocol';
import type { Origin } from '../operations/operation.ts';
import type { SoapService } from '../ports.ts';
import {
  type Authority,
  type Leaf,
  makeAuthority,
  makeCore,
  openService,
  tlsOf,
} from './services.fixture.ts';

const authority: Authority = await makeAuthority();
const [kma, agent]: readonly Leaf[] = [await authority.issue('kma'), await authority.issue('agent')];

const BODIES = {
  certificate: encodeRequest('certificate', 'LogInUser', {
    entityId: 'olga',
    clientNonce: Buffer.alloc(32),
    clientProof: Buffer.alloc(32),
    clientKeySha256: Buffer.alloc(32),
  }),
  discovery: encodeRequest('discovery', 'DiscoverCluster', {}),
};

/** The origin that the core is told, and the exporter as the client computes it. */
async function callOver(
  t: TestContext,
  service: keyof typeof BODIES & SoapService,
  options: ConnectionOptions,
): Promise<{ readonly origin: Origin | undefined; readonly exporter: Buffer }> {
  assert.ok(kma !== undefined && agent !== undefined);
  const core = makeCore();
  const { port } = await openService(t, service, tlsOf(authority, kma, '1.0'), core.link);
  const identity = { cert: agent.certificatePem, key: agent.privateKeyPem, ca: authority.caPem };
  const socket = connect({ port, checkServerIdentity: () => undefined, ...identity, ...options });
  await once(socket, 'secureConnect');
  const exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
  const body = BODIES[service];
  socket.write(
    `POST / HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.resume();
  await once(socket, 'close');
  return { origin: core.calls[0]?.origin, exporter };
}
const only = (version: SecureVersion): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers: 'DEFAULT:@SECLEVEL=0',
});

test("over TLS 1.3 the certificate service's core learns what both ends of the connection know, and each connection has another", async (t) => {
  const [first, second] = [
    await callOver(t, 'certificate', only('TLSv1.3')),
    await callOver(t, 'certificate', only('TLSv1.3')),
  ];
  for (const { origin, exporter } of [first, second])
    assert.deepEqual(Buffer.from(origin?.exporter ?? []), exporter);
  assert.notDeepEqual(first.exporter, second.exporter);
});

test('below TLS 1.3 there is none, and no other service is told of one', async (t) => {
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const) {
    const { origin } = await callOver(t, 'certificate', only(version));
    assert.equal(origin?.service, 'certificate');
    assert.equal(origin?.exporter, undefined);
  }
  const { origin } = await callOver(t, 'discovery', only('TLSv1.3'));
  assert.equal(origin?.service, 'discovery');
  assert.equal(origin?.exporter, undefined);
});
