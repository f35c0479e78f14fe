/** The server checklist of the protocol (section 16), each line a test by its own words, against a running KMA. */
import assert from 'node:assert/strict';
import { constants, createPrivateKey, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { canonicalPem, isFault, KMA_VERSION, type OperationName, unwrapKey } from '@openkma/protocol';
import { HANDSHAKE_TIMEOUT_MS } from '../src/services/tls-settings.ts';
import { KeyForm } from './support/key-form.ts';
import { COMPLIANCE, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import {
  certify,
  enrolRaw,
  faultOf,
  fieldsOf,
  identityOf,
  prove,
  RawAgent,
  retrieveRoot,
  unitOf,
} from './support/raw-agent.ts';
import { assertSoundResponse } from './support/response-form.ts';
import { open, rawCall, soapCall } from './support/soap.ts';
import { EMPTY_ABOUT, externalId } from './support/sound-requests.ts';
import { until } from './support/until.ts';

const CAPTURES = new URL('../protocol/vectors/captures/', import.meta.url);
const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };
const TLS_PORTS = ['certificate', 'agent', 'discovery'] as const;

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');

async function shake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = open(port, options) as TLSSocket;
  await once(socket, 'secureConnect');
  return socket;
}
async function killCore(): Promise<void> {
  const pid = kma.kma.pids().get('core') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('another core', () => ![undefined, pid].includes(kma.kma.pids().get('core')));
  await until('it serves', () => agent.call('DiscoverCluster', {}));
}

test('3331 plain HTTP; 3332 TLS without client certificate; 3334/3335 TLS with mandatory client certificate', async () => {
  const { ca } = agent.identity;
  await retrieveRoot(kma.ports, 'drive');
  await assert.rejects(shake(kma.ports.ca, { ca }));
  const root = await retrieveRoot(kma.ports, 'nobody');
  assert.equal(faultOf(await certify(kma.ports, root, await prove(root, 'nobody', 'no-one'))), 1002);
  for (const port of [kma.ports.agent, kma.ports.discovery]) {
    const options = { ca, maxVersion: 'TLSv1.2' } as const;
    await assert.rejects(shake(port, options));
    (await shake(port, { ...options, ...agent.identity })).destroy();
  }
});

test('TLS 1.0-1.2, AES256-SHA, SECLEVEL 0; RSA certificates directly under the root; 20 s handshake time', async () => {
  await kma.ask('SetAcceptableTls', { minimum: '1.0' }, OFFICER);
  const root = new X509Certificate(agent.identity.ca);
  for (const service of TLS_PORTS)
    for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const) {
      const options = { minVersion: version, maxVersion: version, ciphers: 'AES256-SHA:@SECLEVEL=0' };
      const socket = await until(`${service} speaks ${version}`, () =>
        shake(kma.ports[service], { ...agent.identity, ...options }),
      );
      assert.deepEqual([socket.getProtocol(), socket.getCipher().name], [version, 'AES256-SHA']);
      const certificate = socket.getPeerX509Certificate();
      assert.equal(certificate?.publicKey.asymmetricKeyType, 'rsa');
      assert.ok(certificate?.checkIssued(root) && certificate.verify(root.publicKey));
      socket.destroy();
    }
  assert.ok(HANDSHAKE_TIMEOUT_MS >= 20_000);
  const slow = connectTcp(kma.ports.agent, '127.0.0.1');
  await once(slow, 'connect');
  await pause(4000);
  const late = connectTls({ socket: slow, checkServerIdentity: () => undefined, ...agent.identity });
  await once(late, 'secureConnect');
  late.destroy();
  await kma.ask('SetAcceptableTls', { minimum: '1.2' }, OFFICER);
});

/** What each request of a real agent gets here, where this KMA knows nothing of its data units and wrapping keys. */
function expectedOf(name: string): number {
  if (/Key2-|Keys2-/.test(name)) return 1135;
  if (/RetrieveKey-/.test(name)) return 1009;
  if (/Disassociate/.test(name)) return 1020;
  if (/RetrieveEntityCertificate/.test(name)) return 1002;
  return 200;
}

test('Dispatch on first Body child; ignore further children; tolerate xsi:type, encodingStyle, href', async () => {
  const files = readdirSync(CAPTURES).filter((file) => file.endsWith('.http'));
  assert.ok(files.length > 20);
  // By name, units are created before their keys are asked for.
  for (const file of files.sort()) {
    const [service, name] = file.split('-') as [keyof typeof kma.ports, OperationName];
    const identity = service === 'ca' ? undefined : agent.identity;
    const answer = await rawCall(kma.ports[service], readFileSync(new URL(file, CAPTURES)), identity);
    const xml = answer.body.toString();
    const seen = Number(/<faultstring>(\d+) /.exec(xml)?.[1] ?? answer.status);
    // The second creation of the same external ID in the captures is the recorded conflict.
    assert.equal(seen, file === 'agent-CreateDataUnit-2.http' ? 1015 : expectedOf(file), file);
    if (seen === 200) assertSoundResponse(name, xml);
  }
  const href =
    '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:K="http://www.sun.com/KMS/KMS-Agent"><E:Body><K:CreateDataUnit><ExternalUniqueID href="#_1"/><ExternalTag href="#_2"/><Description href="#_2"/></K:CreateDataUnit><id id="_1">C0FFEE</id><id id="_2">by reference</id></E:Body></E:Envelope>';
  const { body } = await soapCall({ port: kma.ports.agent, body: href, identity: agent.identity });
  assert.match(body.toString(), /<ExternalUniqueID>C0FFEE<.*<Description>by reference</);
});

test('Responses: all elements always present, none extra, no nil, upper-case hex, strings cut to 64 bytes', async () => {
  const given = { externalUniqueId: 'abcdef', externalTag: 'ü'.repeat(64), description: '' };
  const { xml } = await agent.answer('CreateDataUnit', given);
  assertSoundResponse('CreateDataUnit', xml);
  assert.match(xml, /<ExternalUniqueID>ABCDEF<\/ExternalUniqueID>/);
  assert.ok(xml.includes(`<ExternalTag>${'ü'.repeat(32)}</ExternalTag><Description></Description>`));
  for (const name of ['CreateKey', 'RetrieveProtectAndProcessKey'] as const) {
    const dataUnit = unitOf(await agent.createUnit());
    assertSoundResponse(name, (await agent.answer(name, { dataUnit, keyGroupId: '' })).xml);
  }
});

test('Canonical CA PEM; count within 40000..400000; 20-byte challenges, single use', async () => {
  await kma.createAgent('single', { oneTimePassphrase: false });
  const { root, request, answer } = await enrolRaw(kma.ports, 'single');
  assert.equal(root.caPem, canonicalPem(root.caPem));
  assert.ok(root.iterations >= 40_000 && root.iterations <= 400_000);
  assert.equal(root.challenge.length, 20);
  // The accepted pair counts once: sent again it brings the same certificate, not another one.
  assert.equal((await certify(kma.ports, root, request)).xml, answer.xml);
  await killCore();
  assert.equal(faultOf(await certify(kma.ports, root, request)), 1002, 'a challenge of an ended core');
});

test('Unencrypted PKCS#1 PEM private key, 2048 bit; PEM, not DER', async () => {
  await kma.createAgent('pem');
  const { root, answer } = await enrolRaw(kma.ports, 'pem');
  const { cert, key } = identityOf(root, answer);
  assert.match(cert, /^-----BEGIN CERTIFICATE-----\n/);
  assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.doesNotMatch(key, /ENCRYPTED/);
  assert.equal(createPrivateKey(key).asymmetricKeyDetails?.modulusLength, 2048);
});

test('KMAVersion text >= "Build600" in strcmp order, e.g. Build700; KMS-Discovery:Locked qualified; own address reachable for agents', async () => {
  const { xml, response } = await agent.answer('DiscoverCluster', {});
  const [member] = isFault(response) ? [] : response.clusterMembers;
  const version = Buffer.from(member?.kmaVersion ?? '');
  for (const least of ['Build384', 'Build600']) assert.equal(version.compare(Buffer.from(least)), 1, least);
  assert.equal(member?.kmaVersion, KMA_VERSION);
  assert.match(xml, /<KMS-Discovery-ClusterMember [^>]*KMS-Discovery:Locked="false"/);
  assert.ok(Number(member?.kmaId) > 0 && Number(member?.kmaId) < 2 ** 31);
  const reached = await shake(kma.ports.agent, { ...agent.identity, host: member?.kmaNetworkAddress ?? '' });
  reached.destroy();
});

test('KWK RSA 2048, PKCS#1 v1.5 without oracle, 8-byte IDs, several per agent, 1135 after restart', async () => {
  const { kwkPublicKey } = await agent.call('GetAgentKWKPublicKey', {});
  const key = Buffer.from(kwkPublicKey).toString('latin1');
  const encrypt = (bytes: Uint8Array) => publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes);
  const good = randomBytes(32);
  const ids: string[] = [];
  // A good one, two of a wrong length, one that is no PKCS#1 block: nothing tells them apart before keys are unwrapped.
  for (const agentKwk of [
    encrypt(good),
    encrypt(randomBytes(31)),
    encrypt(randomBytes(40)),
    randomBytes(256),
  ])
    ids.push((await agent.call('RegisterAgentKWK', { agentKwk })).agentKwkId);
  for (const id of ids) assert.match(id, /^[0-9A-F]{16}$/);
  assert.equal(new Set(ids).size, 4);
  for (const [index, agentKwkId] of ids.entries()) {
    const { key: given } = await agent.call('CreateKey2', { ...CREATE, agentKwkId });
    assert.equal(given.key.length, 40);
    if (index === 0) assert.equal(unwrapKey(good, given.key).length, 32);
    else assert.throws(() => unwrapKey(good, given.key));
  }
  await killCore();
  for (const agentKwkId of ids)
    assert.equal(await agent.refusal('CreateKey2', { ...CREATE, agentKwkId }), 1135);
});

test('Faults: HTTP 500, faultstring starts with the number; Server Error for the unexpected', async () => {
  const { status, xml } = await agent.answer('CreateKey', { ...CREATE, keyGroupId: 'no such group' });
  assert.equal(status, 500);
  assert.match(xml, /<faultcode>SOAP-ENV:Client<\/faultcode><faultstring>1000 [^<]{1,200}<\/faultstring>/);
  const unexpected = await lostCall();
  assert.equal(unexpected.status, 500);
  assert.match(
    unexpected.xml,
    /<faultcode>SOAP-ENV:Server<\/faultcode><faultstring>Server Error<\/faultstring>/,
  );
  await agent.createKey();
});

/** A call that the core had in its hands when it was killed; one that came later is simply served by the next core. */
async function lostCall() {
  for (const waitMs of [300, 1500, 5000]) {
    const pid = kma.kma.pids().get('core') ?? 0;
    process.kill(pid, 'SIGSTOP');
    const waiting = agent.answer('CreateKey', CREATE);
    await pause(waitMs);
    process.kill(pid, 'SIGKILL');
    const answer = await waiting;
    await until('the next core serves', () => agent.createKey());
    if (answer.status !== 200) return answer;
  }
  return assert.fail('no call was lost');
}

test('Only key states 2-5 to agents; first key of page 0 = newest protect-and-process key', async () => {
  const form = await KeyForm.of('wrapped', agent);
  const unit = await agent.createUnit();
  const keys = [await form.create(unit), await form.create(unit), await form.create(unit)];
  const [first, second, third] = keys.map(({ keyId }) => keyId);
  const compromise = (keyId?: string) => kma.ask('CompromiseKey', { keyId, comment: 'x' }, COMPLIANCE);
  await compromise(third);
  const states = async () => (await form.page(unit)).keys.map(({ keyId, state }) => `${keyId} ${state}`);
  const active = 'PROTECT-AND-PROCESS';
  assert.deepEqual(await states(), [`${second} ${active}`, `${first} ${active}`, `${third} COMPROMISED`]);
  await kma.ask('DestroyKeys', { dataUnitId: unit, comment: 'x' }, OPERATOR);
  assert.deepEqual(await states(), [`${second} ${active}`, `${first} ${active}`]);
  const destroyed = { keyId: third ?? '', dataUnit: unitOf(unit), keyGroupId: '' };
  assert.equal(await form.refusal('RetrieveKey', destroyed), 1010);
});

test('External-ID lookup creates; never overwrites tag/description of an existing data unit', async () => {
  const externalUniqueId = externalId(32);
  const look = async (about: typeof EMPTY_ABOUT) =>
    fieldsOf(await agent.answer('RetrieveDataUnitByExternalUniqueID', { externalUniqueId, ...about }));
  const made = await look({ externalTag: 'label', description: 'first' });
  assert.deepEqual(await look({ externalTag: 'label', description: 'Oracle PKCS11/KMS' }), made);
  assert.deepEqual(await look(EMPTY_ABOUT), made);
  assert.equal(made.dataUnit.description, 'first');
});
