/** TLS of a whole KMA (protocol 1.2; architecture, D7): which versions and suites, whose certificates, and sessions that several fronts share. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { ConnectionOptions, SecureVersion, TLSSocket } from 'node:tls';
import { KmaClient, kindOf, loadProfile } from '@openkma/agent';
import { makeRequestedKey } from '../src/client/own-certificate.ts';
import { makeAuthority } from '../src/services/services.fixture.ts';
import { readTlsKeyPem } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { killProcess } from './support/kill-process.ts';
import { AGENT_PASSPHRASE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { opensslCall } from './support/openssl.ts';
import {
  callRaw,
  certify,
  faultOf,
  fieldsOf,
  identityOf,
  prove,
  RawAgent,
  retrieveRoot,
  unitOf,
} from './support/raw-agent.ts';
import { open } from './support/soap.ts';
import { until } from './support/until.ts';

const OLD_AGENT = ['-tls1', '-cipher', 'AES256-SHA:@SECLEVEL=0'];
const OLD_SUITE_AT_12 = ['-tls1_2', '-cipher', 'AES256-SHA'];
const SUITE = 'AES256-SHA:@SECLEVEL=0';
const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };

const kma = await TestKma.start({ fronts: 2 });
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');

const speak = (options: readonly string[]) => opensslCall(agent, kma.folder, options, 'CreateKey', CREATE);
const only = (version: SecureVersion, ciphers = SUITE): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers,
});

/** Sets the minimum and waits until each front has it: a caller above is served, one below refused, ten times in a row. */
async function setMinimum(minimum: '1.0' | '1.1' | '1.2' | '1.3'): Promise<void> {
  await kma.ask('SetAcceptableTls', { minimum }, OFFICER);
  const accepted = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;
  const below = { '1.0': null, '1.1': 'TLSv1', '1.2': 'TLSv1.1', '1.3': 'TLSv1.2' } as const;
  await until(`the fronts take ${minimum}`, async () => {
    for (let i = 0; i < 10; i++) {
      if (!(await connects(only(accepted[minimum], 'ALL:@SECLEVEL=0')))) return false;
      const lower = below[minimum];
      if (lower !== null && (await connects(only(lower, 'ALL:@SECLEVEL=0')))) return false;
    }
    return true;
  });
}

async function connects(options: ConnectionOptions): Promise<boolean> {
  const answer = await callRaw(kma.ports, 'DiscoverCluster', {}, { ...agent.identity, ...options }).catch(
    () => null,
  );
  return answer?.status === 200;
}

test('the openssl command with TLS 1.0 and AES256-SHA is refused at the default, and nothing is answered', async () => {
  const { protocol, output } = await speak(OLD_AGENT);
  assert.equal(protocol, '');
  assert.match(output, /alert protocol version/);
  assert.doesNotMatch(output, /HTTP\/1\.1/);
});

test('the openssl command with TLS 1.2 and AES256-SHA is served at the default', async () => {
  const { protocol, cipher, output } = await speak(OLD_SUITE_AT_12);
  assert.deepEqual([protocol, cipher], ['TLSv1.2', 'AES256-SHA']);
  assert.match(output, /HTTP\/1\.1 200 OK/);
  assert.match(output, /<KeyState>KEY-STATE-PROTECT-AND-PROCESS</);
  assert.match(output, /Verify return code: 0/);
});

test('at minimum 1.0 the same old agent is served, on each of its TLS ports, from enrolment on', async () => {
  await setMinimum('1.0');
  const { protocol, cipher, output } = await speak(OLD_AGENT);
  assert.match(protocol, /^TLSv1(\.0)?$/);
  assert.equal(cipher, 'AES256-SHA');
  assert.match(output, /<KeyState>KEY-STATE-PROTECT-AND-PROCESS</);
  await kma.createAgent('historic');
  const root = await retrieveRoot(kma.ports, 'historic');
  const request = await prove(root, 'historic', AGENT_PASSPHRASE);
  const old = only('TLSv1');
  const answer = await callRaw(kma.ports, 'RetrieveEntityCertificate', request, { ca: root.caPem, ...old });
  const identity = { ...identityOf(root, answer), ...old };
  fieldsOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identity));
  fieldsOf(await callRaw(kma.ports, 'CreateKey', CREATE, identity));
});

test('the minimum changes at run time: each refuses what is below, and TLS 1.3 is served at all', async () => {
  const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
  for (const [index, minimum] of (['1.0', '1.1', '1.2', '1.3'] as const).entries()) {
    await setMinimum(minimum);
    for (const [rank, version] of versions.entries())
      assert.equal(
        await connects(only(version, 'ALL:@SECLEVEL=0')),
        rank >= index,
        `${version} at minimum ${minimum}`,
      );
  }
  assert.equal((await speak(OLD_SUITE_AT_12)).protocol, '');
  await setMinimum('1.2');
  assert.equal((await speak(OLD_SUITE_AT_12)).protocol, 'TLSv1.2');
  assert.equal((await speak(OLD_AGENT)).protocol, '');
});

/** One call on a connection that may resume a session. */
async function resume(session: Buffer | undefined, port = kma.ports.agent) {
  const options = { ...agent.identity, ...only('TLSv1.2'), ...(session === undefined ? {} : { session }) };
  const socket = open(port, options) as TLSSocket;
  let made: Buffer | undefined;
  socket.on('session', (data) => {
    made = data;
  });
  await once(socket, 'secureConnect');
  const reused = socket.isSessionReused();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const body = `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><K:GetAgentKWKPublicKey xmlns:K="http://www.sun.com/KMS/KMS-Agent"/></E:Body></E:Envelope>`;
  socket.write(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  await once(socket, 'close');
  return { reused, session: made ?? session, answer: Buffer.concat(chunks).toString() };
}

test('a session is resumed by its ID at every front, also by fronts that began after it was made', async () => {
  const first = await resume(undefined);
  assert.equal(first.reused, false);
  for (let i = 0; i < 8; i++) assert.equal((await resume(first.session)).reused, true);
  const killed = new Map<string, number>();
  for (const name of ['front 1', 'front 2']) killed.set(name, await killProcess(kma.kma, name));
  for (const [name, pid] of killed)
    await until(`another ${name}`, () => ![undefined, pid].includes(kma.kma.pids().get(name)));
  const later = await until('the new fronts serve', () => resume(first.session));
  assert.equal(later.reused, true);
  assert.match(later.answer, /200 OK/);
});

test('a resumed session is no pass: a disabled agent is refused, and another port resumes nothing', async () => {
  const { session } = await resume(undefined);
  assert.equal((await resume(session, kma.ports.discovery)).reused, false);
  await kma.ask('ModifyAgent', { agent: 'drive', enabled: false }, OPERATOR);
  const refused = await resume(session);
  assert.equal(refused.reused, true);
  assert.match(refused.answer, /<faultstring>1000 /);
  await kma.ask('ModifyAgent', { agent: 'drive', enabled: true }, OPERATOR);
  await setMinimum('1.2');
  assert.equal((await resume(session)).reused, false, 'a change of TLS settings ends all sessions');
});

test('without a certificate 3334 and 3335 end at the handshake, while 3332 asks for none', async () => {
  const { ca } = agent.identity;
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const name of ['GetAgentKWKPublicKey', 'DiscoverCluster'] as const)
      await assert.rejects(callRaw(kma.ports, name, {}, { ca, minVersion: version, maxVersion: version }));
  const root = await retrieveRoot(kma.ports, 'nobody');
  assert.equal(faultOf(await certify(kma.ports, root, await prove(root, 'nobody', 'whatever'))), 1002);
});

test('a certificate of another CA, of the same name and for the same agent, is refused', async () => {
  const { certificatePem, privateKeyPem } = await (await makeAuthority()).issue('drive');
  const foreign = { ca: agent.identity.ca, cert: certificatePem, key: privateKeyPem };
  const call = (name: 'GetAgentKWKPublicKey' | 'DiscoverCluster', version: 'TLSv1.2' | 'TLSv1.3') =>
    callRaw(kma.ports, name, {}, { ...foreign, minVersion: version, maxVersion: version });
  await assert.rejects(call('GetAgentKWKPublicKey', 'TLSv1.2'));
  await assert.rejects(call('GetAgentKWKPublicKey', 'TLSv1.3'));
  await assert.rejects(call('DiscoverCluster', 'TLSv1.2'));
  // Managers are known by their keys there, so it is the core that says whose key it is.
  assert.equal(faultOf(await call('DiscoverCluster', 'TLSv1.3')), 1000);
});

test("the KMA's own certificate is of the right root but no agent's: 1000", async () => {
  const { ca } = agent.identity;
  const key = readTlsKeyPem(DataDirectory.open(kma.data));
  const identity = { ca, cert: kma.serverCertificatePem(), key };
  assert.equal(faultOf(await callRaw(kma.ports, 'GetAgentKWKPublicKey', {}, identity)), 1000);
  assert.equal(faultOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identity)), 1000);
});

/** What the agent library makes of a server with this certificate, and how many requests reached it. */
async function libraryMeets(cert: string, key: string) {
  let requests = 0;
  const server = createServer({ cert, key }, (_request, response) => {
    requests += 1;
    response.writeHead(500).end('<not-soap/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const profile = await loadProfile(kma.profile('library'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  const client = new KmaClient({ ...profile, settings, ports: { ...profile.ports, agent: port } });
  const kind = await client.createKey().then(() => 'a key', kindOf);
  client.close();
  server.close();
  return { kind, requests };
}

test("the agent library takes no agent's or user's certificate for a KMA's, nor one of another CA", async () => {
  (await kma.agent('library')).close();
  const { cert, key } = agent.identity;
  assert.deepEqual(await libraryMeets(cert, key), { kind: 'unavailable', requests: 0 });
  const { privateKeyPem, requestPem: request } = await makeRequestedKey(OFFICER.name);
  const saved = await kma.ask<{ certificatePem: string }>('SaveOwnCertificate', { request }, OFFICER);
  const user = await libraryMeets(saved.certificatePem, privateKeyPem);
  assert.deepEqual(user, { kind: 'unavailable', requests: 0 });
  const foreign = await (await makeAuthority()).issue('kma-test');
  const impostor = await libraryMeets(foreign.certificatePem, foreign.privateKeyPem);
  assert.deepEqual(impostor, { kind: 'unavailable', requests: 0 });
  const own = readTlsKeyPem(DataDirectory.open(kma.data));
  const { requests } = await libraryMeets(kma.serverCertificatePem(), own);
  assert.equal(requests, 1, 'with the certificate of the KMA the same server is asked');
});
