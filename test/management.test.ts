/** Port 3333 end to end: log-in over 3331 and 3332, calls known by the key of it, and everybody else who is turned away. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openStore } from '../src/store/store.ts';
import { killProcess } from './support/kill-process.ts';
import { AGENT_PASSPHRASE, AUDITOR, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';
import { exchange, identityAfter, keyFingerprint } from './support/modern-proof.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const codeOf = (body: unknown) => (body as { readonly code?: string }).code;

async function manager(t: { after(work: () => void): void }, person = OFFICER) {
  const key = await newManagerKey();
  await logIn(kma, person, key);
  const connection = ManagerConnection.of(kma, key);
  t.after(() => connection.close());
  return { key, connection };
}

test('who has logged in is known by his key, with his roles, until he logs out', async (t) => {
  const { key, connection } = await manager(t);
  const shown = await connection.send('GET', '/v1/session');
  assert.equal(shown.status, 200, shown.text);
  const { user, roles, key: shownKey } = shown.body as Record<string, unknown>;
  assert.deepEqual([user, roles, shownKey], ['officer', ['SECURITY_OFFICER'], keyFingerprint(key)]);
  assert.equal((await connection.send('DELETE', '/v1/session')).status, 204);
  const gone = await connection.send('GET', '/v1/session');
  assert.deepEqual([gone.status, codeOf(gone.body)], [401, 'SESSION_UNKNOWN']);
});

test('a key nobody has logged in with, no certificate, and an agent with his are nobody', async (t) => {
  const key = await newManagerKey();
  const stranger = ManagerConnection.of(kma, key);
  const nobody = new ManagerConnection(() => kma.managementPort, null);
  await kma.createAgent('drive-9');
  const enrolled = await exchange(kma.ports, 'agent', 'drive-9', AGENT_PASSPHRASE);
  const agent = new ManagerConnection(() => kma.managementPort, identityAfter(enrolled, enrolled.answer2));
  t.after(() => {
    for (const connection of [stranger, nobody, agent]) connection.close();
  });
  for (const connection of [stranger, nobody, agent]) {
    const answer = await connection.send('GET', '/v1/session');
    assert.deepEqual([answer.status, codeOf(answer.body)], [401, 'SESSION_UNKNOWN']);
    assert.equal('detail' in (answer.body as object), false);
  }
});

test('a role is refused what the matrix does not give it, with a record that names the user', async (t) => {
  const { connection } = await manager(t, OPERATOR);
  const answer = await connection.send('GET', '/v1/users');
  assert.deepEqual([answer.status, codeOf(answer.body)], [403, 'ACCESS_DENIED']);
  const records = await kma.rows<{ entityId: string; severity: string }>(
    'ListAuditEvents',
    { filter: ['operation=ListUsers'], limit: 1 },
    AUDITOR,
  );
  assert.deepEqual([records[0]?.entityId, records[0]?.severity], [OPERATOR.name, 'error']);
});

test('a change needs the version that was read, and one that was changed meanwhile is refused', async (t) => {
  const { connection } = await manager(t);
  const read = await connection.send('GET', `/v1/users/${AUDITOR.name}`);
  assert.equal(read.status, 200, read.text);
  const etag = String(read.headers['etag']);
  const change = (headers: Record<string, string>) =>
    connection.send('PATCH', `/v1/users/${AUDITOR.name}`, { headers, body: { description: 'by hand' } });
  assert.equal(codeOf((await change({})).body), 'PRECONDITION_REQUIRED');
  await kma.ask('ModifyUser', { user: AUDITOR.name, description: 'meanwhile' }, OFFICER, QUORUM);
  const stale = await change({ 'If-Match': etag });
  assert.deepEqual([stale.status, codeOf(stale.body)], [412, 'PRECONDITION_FAILED']);
  const fresh = await connection.send('GET', `/v1/users/${AUDITOR.name}`);
  assert.notEqual(fresh.headers['etag'], etag);
  const waits = await change({ 'If-Match': String(fresh.headers['etag']) });
  assert.equal(waits.status, 202, waits.text);
  assert.match(String(waits.headers['location']), /^\/v1\/pending-operations\//);
});

test('a change gives the version that it made, which is good for the next one', async (t) => {
  const { connection } = await manager(t);
  const path = '/v1/security-parameters';
  const change = (version: unknown, minutes: number) =>
    connection.send('PATCH', path, {
      headers: { 'If-Match': String(version) },
      body: { sessionInactivityMinutes: minutes },
    });
  const read = await connection.send('GET', path);
  const first = await change(read.headers['etag'], 20);
  assert.ok(first.status < 300, first.text);
  const second = await change(first.headers['etag'], 25);
  assert.ok(second.status < 300, second.text);
  assert.equal((await change(first.headers['etag'], 30)).status, 412);
  assert.equal((await change('*', 30)).status, second.status);
});

test('disabling a user ends his open connection at the next request, and enabling him does not bring it back', async (t) => {
  const { connection } = await manager(t, OPERATOR);
  assert.equal((await connection.send('GET', '/v1/session')).status, 200);
  await kma.ask('ModifyUser', { user: OPERATOR.name, enabled: false }, OFFICER, QUORUM);
  assert.equal((await connection.send('GET', '/v1/session')).status, 401);
  await kma.ask('ModifyUser', { user: OPERATOR.name, enabled: true }, OFFICER, QUORUM);
  assert.equal((await connection.send('GET', '/v1/session')).status, 401);
});

test('a Security Officer sees and ends the log-ins of others', async (t) => {
  const { connection: officer } = await manager(t);
  const { key, connection } = await manager(t, AUDITOR);
  const listed = await officer.send('GET', '/v1/sessions');
  assert.ok(
    (listed.body as { rows: { key: string }[] }).rows.some((row) => row.key === keyFingerprint(key)),
    listed.text,
  );
  const ended = await officer.send('DELETE', `/v1/users/${AUDITOR.name}/sessions`);
  assert.equal(ended.status, 200, ended.text);
  assert.equal((await connection.send('GET', '/v1/session')).status, 401);
});

test('a request with an idempotency key is carried out once, also when the core was killed in between', async (t) => {
  const { connection } = await manager(t);
  const create = (site: string) =>
    connection.send('POST', '/v1/sites', {
      headers: { 'Idempotency-Key': 'site-of-tuesday' },
      body: { site },
    });
  const first = await create('site-once');
  assert.equal(first.status, 201, first.text);
  await killProcess(kma.kma, 'core');
  let again = await create('site-once');
  for (let tries = 0; again.status === 500 && tries < 100; tries++) again = await create('site-once');
  assert.deepEqual([again.status, again.text], [201, first.text]);
  const other = await create('site-twice');
  assert.deepEqual([other.status, codeOf(other.body)], [409, 'IDEMPOTENCY_KEY_REUSED']);
  const sites = await kma.rows<{ site: string }>('ListSites', {}, OFFICER);
  assert.deepEqual(
    sites.map(({ site }) => site).filter((site) => site !== 'site-a'),
    ['site-once'],
  );
});

test('who has lost the role for a request gets a refusal and not the answer that was kept for him', async (t) => {
  const second = { name: 'second-officer', passphrase: 'Guards-the-wall-1' };
  const { name: user, passphrase } = second;
  await kma.ask('CreateUser', { user, roles: ['SECURITY_OFFICER'], passphrase }, OFFICER, QUORUM);
  const { connection } = await manager(t, second);
  const create = () =>
    connection.send('POST', '/v1/sites', {
      headers: { 'Idempotency-Key': 'site-of-second' },
      body: { site: 'site-c' },
    });
  assert.deepEqual([(await create()).status, (await create()).status], [201, 201]);
  await kma.ask('ModifyUser', { user, roles: ['AUDITOR'] }, OFFICER, QUORUM);
  const later = await create();
  assert.deepEqual([later.status, codeOf(later.body)], [403, 'ACCESS_DENIED']);
});

test('a locked KMA still knows who is logged in, and refuses what needs keys', async (t) => {
  const { connection } = await manager(t);
  await kma.ask('LockKma', {}, OFFICER);
  await until('the core is replaced by a locked one', () => kma.kma.locked());
  const shown = await connection.send('GET', '/v1/session');
  assert.equal(shown.status, 200, shown.text);
  const renewed = await connection.send('POST', '/v1/root-ca/renewals', { body: { digest: 'SHA-256' } });
  assert.deepEqual([renewed.status, codeOf(renewed.body)], [423, 'APPLIANCE_LOCKED']);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
});

test('a log-in that has expired counts no more', async (t) => {
  const { key, connection } = await manager(t);
  await kma.stop();
  const store = openStore({ path: `${kma.data}/kma.db`, mode: 'write' });
  const row = store.userSessions.get(keyFingerprint(key));
  assert.ok(row !== undefined);
  const ageMs = 13 * 60 * 60 * 1000;
  store.transaction(() =>
    store.userSessions.put({
      ...row,
      createdAtMs: row.createdAtMs - ageMs,
      expiresAtMs: row.expiresAtMs - ageMs,
    }),
  );
  store.close();
  await kma.resume();
  assert.equal((await connection.send('GET', '/v1/session')).status, 401);
});
