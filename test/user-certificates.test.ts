/** Saved certificates over port 3333: a key that was signed is its user, until it is revoked or he may not work; for monitoring it is nobody else. */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { after, type TestContext, test } from 'node:test';
import { encodeRequest } from '@openkma/protocol';
import { makeRequestedKey } from '../src/client/own-certificate.ts';
import { auditRecords } from './support/audit-rows.ts';
import { AUDITOR, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';
import { callRaw, faultOf } from './support/raw-agent.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const codeOf = ({ status, body }: { status: number; body: unknown }) =>
  `${status} ${(body as { code?: string } | null)?.code ?? ''}`.trim();

async function loggedIn(t: TestContext, who: Person) {
  const key = await newManagerKey();
  await logIn(kma, who, key);
  const connection = ManagerConnection.of(kma, key);
  t.after(() => connection.close());
  return connection;
}

/** The user's certificate, asked for over the network; and a connection with it. */
async function saved(t: TestContext, who: Person, path = '/v1/certificates') {
  const { privateKeyPem, requestPem } = await makeRequestedKey(who.name);
  const answer = await (await loggedIn(t, who)).send('POST', path, { body: { request: requestPem } });
  assert.ok(answer.status === 200 || answer.status === 201, answer.text);
  const { key, certificatePem } = answer.body as { key: string; certificatePem: string };
  const identity = { cert: certificatePem, key: privateKeyPem };
  const connection = new ManagerConnection(() => kma.managementPort, identity);
  t.after(() => connection.close());
  return { key, identity, connection };
}

const session = (connection: ManagerConnection) => connection.send('GET', '/v1/session');

test('who has the key of a saved certificate is its user, with his roles', async (t) => {
  const { key, connection } = await saved(t, OPERATOR);
  const answer = await session(connection);
  const { user, roles, key: shown, inactivityMinutes } = answer.body as Record<string, unknown>;
  assert.deepEqual([user, roles, shown, inactivityMinutes], [OPERATOR.name, ['OPERATOR'], key, 0]);
  assert.equal(codeOf(await connection.send('GET', '/v1/users')), '403 ACCESS_DENIED');
  assert.equal((await connection.send('GET', '/v1/agents')).status, 200);
});

test('a saved certificate signs no further ones', async (t) => {
  const { connection } = await saved(t, OPERATOR);
  const { requestPem } = await makeRequestedKey(OPERATOR.name);
  const answer = await connection.send('POST', '/v1/certificates', { body: { request: requestPem } });
  assert.equal(codeOf(answer), '403 LOG_IN_NEEDED');
});

test('a revocation ends it at the next request of a connection that is open', async (t) => {
  const { key, connection } = await saved(t, OPERATOR);
  assert.equal((await session(connection)).status, 200);
  const officer = await loggedIn(t, OFFICER);
  assert.equal((await officer.send('DELETE', `/v1/certificates/${key}`)).status, 204);
  assert.equal(codeOf(await session(connection)), '401 SESSION_UNKNOWN');
});

test('disabling its user stops it on open connections, enabling him brings it back, deleting him ends it', async (t) => {
  const who = { name: 'temp', passphrase: 'Comes-and-goes-9' };
  await kma.ask(
    'CreateUser',
    { user: who.name, roles: ['OPERATOR'], passphrase: who.passphrase },
    OFFICER,
    QUORUM,
  );
  const { connection } = await saved(t, who);
  const enable = (enabled: boolean) => kma.ask('ModifyUser', { user: who.name, enabled }, OFFICER, QUORUM);
  await enable(false);
  assert.equal(codeOf(await session(connection)), '401 SESSION_UNKNOWN');
  await enable(true);
  assert.equal((await session(connection)).status, 200);
  await kma.ask('SetUserPassphrase', { user: who.name, passphrase: 'Another-one-10' }, OFFICER, QUORUM);
  assert.equal((await session(connection)).status, 200, 'a new passphrase leaves it');
  await kma.ask('DeleteUser', { user: who.name }, OFFICER);
  assert.equal(codeOf(await session(connection)), '401 SESSION_UNKNOWN');
});

test('with a certificate for monitoring its officer can do nothing of his', async (t) => {
  const { connection } = await saved(t, OFFICER, '/v1/monitoring-certificates');
  for (const path of ['/v1/session', '/v1/users', '/v1/certificates', '/v1/lock'])
    assert.equal(codeOf(await connection.send('GET', path)), '403 ACCESS_DENIED', path);
  const records = await kma.rows<{ entityId: string }>(
    'ListAuditEvents',
    { filter: ['operation=ListUsers'], limit: 1 },
    AUDITOR,
  );
  assert.equal(records[0]?.entityId, OFFICER.name);
});

/** What becomes of a connection to discovery that could be kept, after its first answer. */
function kept(t: TestContext, identity: { cert: string; key: string }): Promise<string | undefined> {
  const agent = new Agent({ ...identity, rejectUnauthorized: false, keepAlive: true });
  t.after(() => agent.destroy());
  const body = encodeRequest('discovery', 'DiscoverCluster', {});
  const headers = { 'Content-Type': 'text/xml', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: kma.ports.discovery, method: 'POST', agent, headers };
    const asked = request(to, (response) => {
      response.resume();
      response.on('end', () => resolve(response.headers.connection));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('discovery answers who is logged in or has a saved certificate, in his own name, and nobody else', async (t) => {
  const ask = (identity: { cert: string; key: string }) =>
    callRaw(kma.ports, 'DiscoverCluster', {}, { ...identity, rejectUnauthorized: false });
  const denied = async (identity: { cert: string; key: string }) =>
    assert.equal(faultOf(await ask(identity)), 1000);
  const key = await newManagerKey();
  const own = { cert: key.certificatePem, key: key.privateKeyPem };
  await denied(own);
  assert.equal(await kept(t, own), 'close', 'who is nobody keeps no place');
  await logIn(kma, AUDITOR, key);
  assert.equal(await kept(t, own), 'keep-alive');
  const answer = await ask(own);
  assert.match(answer.xml, /kma-test/);
  const [record] = auditRecords(kma.data)
    .filter(({ operation }) => operation === 'DiscoverCluster')
    .slice(-1);
  assert.equal(record?.entityId, AUDITOR.name);
  const { key: saving, identity } = await saved(t, OPERATOR);
  assert.match((await ask(identity)).xml, /kma-test/);
  await kma.ask('RevokeUserCertificate', { key: saving }, OPERATOR);
  await denied(identity);
  await denied((await saved(t, OFFICER, '/v1/monitoring-certificates')).identity);
  assert.equal(
    faultOf(await callRaw(kma.ports, 'GetAgentKWKPublicKey', {}, { ...identity, rejectUnauthorized: false })),
    1000,
  );
});

test('only a Security Officer issues certificates for monitoring', async (t) => {
  const { requestPem } = await makeRequestedKey(OPERATOR.name);
  const operator = await loggedIn(t, OPERATOR);
  const body = { request: requestPem };
  assert.equal(
    codeOf(await operator.send('POST', '/v1/monitoring-certificates', { body })),
    '403 ACCESS_DENIED',
  );
});

test('a locked KMA knows them, and signs no new ones', async (t) => {
  const { connection } = await saved(t, OFFICER);
  const people = await loggedIn(t, OPERATOR);
  await kma.ask('LockKma', {}, OFFICER);
  const locked = await until('the locked KMA answers', async () => {
    const { status, body } = await connection.send('GET', '/v1/lock');
    return status === 200 && (body as { locked: boolean });
  });
  assert.equal(locked.locked, true);
  const { requestPem } = await makeRequestedKey(OPERATOR.name);
  // The core that was locked gives way to another one meanwhile, and what it was asked last may go unanswered.
  const refused = await until('the locked KMA refuses', async () => {
    const answer = await people.send('POST', '/v1/certificates', { body: { request: requestPem } });
    return answer.status === 503 || answer.status === 500 ? null : answer;
  });
  assert.equal(codeOf(refused), '423 APPLIANCE_LOCKED');
  await until('unlocked by the next core', async () => {
    await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
    return true;
  });
});
