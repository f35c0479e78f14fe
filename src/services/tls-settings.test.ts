/** TLS of the agents' ports over real sockets: versions, suites, certificates, resumption. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { constants, createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls';
import type { FrontOrigin, MinimumTls } from '../processes/messages.ts';
import { closed, readResponse } from './http-asking.fixture.ts';
import {
  type Authority,
  type Leaf,
  makeAuthority,
  makeCore,
  openService,
  tlsOf,
} from './services.fixture.ts';

const capture = (name: string) =>
  readFileSync(new URL(`../../protocol/vectors/captures/${name}.http`, import.meta.url));
const CREATE_KEY = capture('agent-CreateKey2-1');
const DISCOVER = capture('discovery-DiscoverCluster-1');

let authority: Authority;
let kma: Leaf;
let agent: Leaf;
before(async () => {
  authority = await makeAuthority();
  kma = await authority.issue('kma1');
  agent = await authority.issue('agent1');
});

interface Exchange {
  readonly response: string;
  readonly protocol: string | null;
  readonly cipher: string;
  readonly reused: boolean;
  readonly session: Buffer | undefined;
}

/** What an agent does: a new connection, the request, everything until the server closes. Rejects where TLS fails. */
function exchange(port: number, request: Buffer, options: ConnectionOptions): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port,
      ca: authority.caPem,
      checkServerIdentity: () => undefined,
      ...options,
    });
    let response = '';
    let session: Buffer | undefined;
    let facts = { protocol: null as string | null, cipher: '', reused: false };
    socket.on('session', (data) => {
      session = data;
    });
    socket.on('secureConnect', () => {
      facts = {
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        reused: socket.isSessionReused(),
      };
      socket.write(request);
    });
    socket.on('data', (data) => {
      response += data;
    });
    socket.on('error', reject);
    socket.on('close', () =>
      response === '' ? reject(new Error('closed')) : resolve({ response, session, ...facts }),
    );
  });
}

const withCertificate = (leaf: Leaf): ConnectionOptions => ({
  cert: leaf.certificatePem,
  key: leaf.privateKeyPem,
});
const OLD: ConnectionOptions = {
  ciphers: 'AES256-SHA:@SECLEVEL=0',
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1',
  secureOptions: constants.SSL_OP_NO_TICKET,
};
const OLD_SUITE_AT_12: ConnectionOptions = { ...OLD, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

test('an agent of TLS 1.0 with AES256-SHA is served where the minimum is 1.0', async (t) => {
  const core = makeCore();
  const { port } = await openService(t, 'agent', tlsOf(authority, kma, '1.0'), core.link);
  const { response, protocol, cipher } = await exchange(port, CREATE_KEY, {
    ...OLD,
    ...withCertificate(agent),
  });
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(response, /<KMS-Agent:CreateKey2Response>/);
  assert.deepEqual([protocol, cipher], ['TLSv1', 'AES256-SHA']);
  assert.equal(core.calls[0]?.origin.fingerprint, agent.fingerprint);
});

test('by default TLS 1.0 and 1.1 are refused, and AES256-SHA is served at TLS 1.2', async (t) => {
  const core = makeCore();
  const { port } = await openService(t, 'agent', tlsOf(authority, kma, '1.2'), core.link);
  await assert.rejects(exchange(port, CREATE_KEY, { ...OLD, ...withCertificate(agent) }));
  await assert.rejects(
    exchange(port, CREATE_KEY, { ...OLD, maxVersion: 'TLSv1.1', ...withCertificate(agent) }),
  );
  const served = await exchange(port, CREATE_KEY, { ...OLD_SUITE_AT_12, ...withCertificate(agent) });
  assert.deepEqual([served.protocol, served.cipher], ['TLSv1.2', 'AES256-SHA']);
  assert.equal(core.calls.length, 1);
  assert.equal(core.refusals.length, 2);
});

test('every minimum refuses what is below it', async (t) => {
  const versions = ['1.0', '1.1', '1.2', '1.3'] as const satisfies MinimumTls[];
  for (const minimum of versions) {
    const { port } = await openService(t, 'agent', tlsOf(authority, kma, minimum), makeCore().link);
    for (const version of versions) {
      const only: SecureVersion = version === '1.0' ? 'TLSv1' : `TLSv${version}`;
      const client = {
        minVersion: only,
        maxVersion: only,
        ciphers: 'ALL:@SECLEVEL=0',
        ...withCertificate(agent),
      };
      const attempt = exchange(port, CREATE_KEY, client);
      if (version < minimum) await assert.rejects(attempt, `TLS ${version} at minimum ${minimum}`);
      else assert.match((await attempt).response, /200 OK/, `TLS ${version} at minimum ${minimum}`);
    }
  }
});

test('modern callers get TLS 1.3 on the same port, and forward secrecy at TLS 1.2', async (t) => {
  const { port } = await openService(t, 'agent', tlsOf(authority, kma, '1.0'), makeCore().link);
  assert.equal((await exchange(port, CREATE_KEY, withCertificate(agent))).protocol, 'TLSv1.3');
  const { cipher } = await exchange(port, CREATE_KEY, { maxVersion: 'TLSv1.2', ...withCertificate(agent) });
  assert.equal(cipher, 'ECDHE-RSA-AES256-GCM-SHA384');
});

test('ports 3334 and 3335 refuse callers without a certificate, and but for managers those of another root', async (t) => {
  const stranger = await (await makeAuthority()).issue('agent1');
  for (const service of ['agent', 'discovery'] as const) {
    const core = makeCore();
    const { port } = await openService(t, service, tlsOf(authority, kma, '1.2'), core.link);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      await assert.rejects(exchange(port, DISCOVER, { maxVersion: version }));
      if (service === 'agent' || version === 'TLSv1.2')
        await assert.rejects(exchange(port, DISCOVER, { maxVersion: version, ...withCertificate(stranger) }));
    }
    assert.equal(core.calls.length, 0);
    assert.equal(core.refusals.length, service === 'agent' ? 4 : 3, core.refusals.join());
  }
});

test('at discovery whoever has a key of his own is known by it alone, over TLS 1.3', async (t) => {
  const stranger = await (await makeAuthority()).issue('agent1');
  const core = makeCore();
  const { port } = await openService(t, 'discovery', tlsOf(authority, kma, '1.2'), core.link);
  await exchange(port, DISCOVER, withCertificate(stranger));
  const [call] = core.calls;
  assert.ok(call !== undefined);
  const { fingerprint, keySha256 } = call.origin as FrontOrigin;
  const spki = new X509Certificate(stranger.certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  const expected = createHash('sha256').update(spki).digest('hex').toUpperCase();
  assert.deepEqual([fingerprint, keySha256], [null, expected]);
});

test('port 3332 asks for no certificate', async (t) => {
  const core = makeCore();
  const { port } = await openService(t, 'certificate', tlsOf(authority, kma, '1.2'), core.link);
  const enrol = capture('certificate-RetrieveEntityCertificate-1');
  const { response } = await exchange(port, enrol, { ...OLD_SUITE_AT_12, ...withCertificate(agent) });
  assert.match(response, /1134 Not supported/);
  assert.equal(core.calls[0]?.origin.fingerprint, null);
});

test('two listeners share sessions by session ID, and the caller is still known', async (t) => {
  const core = makeCore();
  for (const [version, minimum] of [
    ['TLSv1', '1.0'],
    ['TLSv1.2', '1.2'],
  ] as const) {
    const tls = tlsOf(authority, kma, minimum);
    const first = await openService(t, 'agent', tls, core.link);
    const second = await openService(t, 'agent', tls, core.link);
    const client = { ...OLD, minVersion: version, maxVersion: version, ...withCertificate(agent) };
    const made = await exchange(first.port, CREATE_KEY, client);
    assert.ok(made.session !== undefined && !made.reused);
    const resumed = await exchange(second.port, CREATE_KEY, { ...client, session: made.session });
    assert.ok(resumed.reused, version);
    assert.equal(core.calls.at(-1)?.origin.fingerprint, agent.fingerprint);
  }
});

test('a session of one port opens no other, and none is resumed once the table is empty', async (t) => {
  const core = makeCore();
  const tls = tlsOf(authority, kma, '1.2');
  const agents = await openService(t, 'agent', tls, core.link);
  const discovery = await openService(t, 'discovery', tls, core.link);
  const client = { ...OLD_SUITE_AT_12, ...withCertificate(agent) };
  const { session } = await exchange(agents.port, CREATE_KEY, client);
  assert.ok(session !== undefined);
  assert.equal((await exchange(discovery.port, DISCOVER, { ...client, session })).reused, false);
  core.sessions.clear();
  assert.equal((await exchange(agents.port, CREATE_KEY, { ...client, session })).reused, false);
});

test('sessions of TLS 1.3 are not kept', async (t) => {
  const core = makeCore();
  const { port } = await openService(t, 'agent', tlsOf(authority, kma, '1.2'), core.link);
  const { protocol } = await exchange(port, CREATE_KEY, withCertificate(agent));
  assert.equal(protocol, 'TLSv1.3');
  assert.equal(core.sessions.size, 0);
  await exchange(port, CREATE_KEY, { ...OLD_SUITE_AT_12, ...withCertificate(agent) });
  assert.equal(core.sessions.size, 1);
});

test('new settings hold for new connections at once', async (t) => {
  const { front, port } = await openService(t, 'agent', tlsOf(authority, kma, '1.2'), makeCore().link);
  const old = { ...OLD, ...withCertificate(agent) };
  await assert.rejects(exchange(port, CREATE_KEY, old));
  front.updateTls(tlsOf(authority, kma, '1.0'));
  assert.equal((await exchange(port, CREATE_KEY, old)).protocol, 'TLSv1');
  front.updateTls(tlsOf(authority, kma, '1.3'));
  await assert.rejects(exchange(port, CREATE_KEY, { ...OLD_SUITE_AT_12, ...withCertificate(agent) }));
  assert.equal((await exchange(port, CREATE_KEY, withCertificate(agent))).protocol, 'TLSv1.3');
});

test('a kept connection goes on through a renewed certificate, and ends where another TLS version is demanded', async (t) => {
  const { front, port } = await openService(t, 'agent', tlsOf(authority, kma, '1.2'), makeCore().link);
  const { caPem: ca } = authority;
  const options = { host: '127.0.0.1', port, ca, checkServerIdentity: () => undefined };
  const socket = connect({ ...options, ...withCertificate(agent) });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const kept = CREATE_KEY.toString('latin1').replace(/^Connection: close\r\n/im, '');
  const answered = () => {
    socket.write(kept, 'latin1');
    return Promise.race([readResponse(socket), closed(socket).then(() => 'closed')]);
  };
  assert.match(await answered(), / 200 OK/);
  front.updateTls(tlsOf(authority, await authority.issue('kma1'), '1.2'));
  assert.match(await answered(), / 200 OK/);
  front.updateTls(tlsOf(authority, kma, '1.3'));
  await closed(socket);
});

test('a root that signs with SHA-1 works at every minimum', async (t) => {
  const sha1 = await makeAuthority('SHA-1');
  const [server, client] = [await sha1.issue('kma1'), await sha1.issue('agent1')];
  for (const [minimum, version] of [
    ['1.2', 'TLSv1.2'],
    ['1.3', 'TLSv1.3'],
  ] as const) {
    const { port } = await openService(t, 'agent', tlsOf(sha1, server, minimum), makeCore().link);
    const options = {
      ca: sha1.caPem,
      ciphers: 'ALL:@SECLEVEL=0',
      maxVersion: version,
      ...withCertificate(client),
    };
    assert.equal((await exchange(port, CREATE_KEY, options)).protocol, version);
  }
});

test('the openssl command speaks TLS 1.0 with AES256-SHA at minimum 1.0 and is refused at 1.2', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'openkma-test-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'agent.pem'), agent.certificatePem + agent.privateKeyPem);
  for (const [minimum, expected] of [
    ['1.0', /200 OK/],
    ['1.2', /^$/],
  ] as const) {
    const { port } = await openService(t, 'agent', tlsOf(authority, kma, minimum), makeCore().link);
    const options = [
      '-tls1',
      '-cipher',
      'AES256-SHA:@SECLEVEL=0',
      '-cert',
      join(directory, 'agent.pem'),
      '-quiet',
    ];
    const command = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options]);
    let output = '';
    command.stdout.on('data', (data) => {
      output += data;
    });
    command.stdin.on('error', () => {});
    command.stdin.write(CREATE_KEY);
    await once(command, 'close');
    assert.match(output, expected, `minimum ${minimum}`);
  }
});
