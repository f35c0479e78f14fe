/** Users who log in with the modern proof (docs/proof.md): also on a locked KMA, as sessions of their own key, which end when they should. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enroll } from '@openkma/agent';
import type { Fingerprint } from '../src/core/ids.ts';
import { UserSessions } from '../src/processes/core/user-sessions.ts';
import { OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import {
  exchange,
  identityAfter,
  keyFingerprint,
  newProofKey,
  PROOF_KEY,
  type ProofKey,
} from './support/modern-proof.ts';
import { callRaw, enrolRaw, faultOf, fieldsOf } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { until } from './support/until.ts';

const OLGA = { name: 'olga', passphrase: 'Turns-another-wheel-3' };
const BORIS = { name: 'boris', passphrase: 'Turns-no-wheel-here-3' };
const WRONG = 'Not-the-passphrase-9';
const HOUR_MS = 3_600_000;

let kma: TestKma;
before(async () => {
  kma = await TestKma.start({ bare: true });
  for (const { name, passphrase } of [OPERATOR, OLGA, BORIS])
    await kma.ask('CreateUser', { user: name, roles: ['OPERATOR'], passphrase }, OFFICER, QUORUM);
});
after(() => kma[Symbol.asyncDispose]());

const logIn = ({ name, passphrase }: Person, key: ProofKey = PROOF_KEY) =>
  exchange(kma.ports, 'user', name, passphrase, { key });
const row = (key: ProofKey) =>
  withStore(kma.data, ({ userSessions }) => userSessions.get(keyFingerprint(key)));

/** Who each key belongs to, asked as the core does. */
const owner = (...keys: readonly ProofKey[]) =>
  withStore(kma.data, (store) => {
    const sessions = new UserSessions(store);
    return keys.map(
      (key) => sessions.find(keyFingerprint(key) as Fingerprint, Date.now())?.user.name ?? null,
    );
  });

test('a log-in makes a session of the key, on this KMA only, and the KMA proves itself too', async () => {
  const state = withStore(kma.data, (store) => store.vector());
  const done = await logIn(OLGA);
  const { serverSignature, expiresAt } = fieldsOf(done.answer2);
  assert.ok(done.proof.accepts(serverSignature));
  assert.ok(expiresAt > Date.now() && expiresAt <= Date.now() + 12 * HOUR_MS);
  const session = row(PROOF_KEY);
  const user = withStore(kma.data, (store) => store.state.get('user', session?.userId ?? ''));
  assert.deepEqual([user?.name, user?.verifierObjectId], ['olga', session?.verifierObjectId]);
  assert.equal(session?.fingerprint, keyFingerprint(PROOF_KEY));
  assert.deepEqual(
    withStore(kma.data, (store) => store.vector()),
    state,
    'no fact, so nothing to replicate',
  );
  const users = await kma.rows<{ user: string }>('ListUsers', {}, OFFICER);
  assert.ok(users.length > 0);
});

test('the session is found by its key after a restart, and by no other', async () => {
  fieldsOf((await logIn(OLGA)).answer2);
  await kma.stop();
  await kma.resume();
  assert.deepEqual(owner(PROOF_KEY, newProofKey()), ['olga', null]);
});

test('a user logs in on a locked KMA, where an agent is not enrolled by either proof', async () => {
  const agent = { agent: 'drive-1', passphrase: 'Enrol-me-once-6' };
  await kma.ask('CreateAgent', agent, OPERATOR);
  const core = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core has taken over', () => kma.kma.pids().get('core') !== core && kma.kma.locked());
  const key = newProofKey();
  const done = await until('the locked core answers', () => logIn(OLGA, key));
  fieldsOf(done.answer2);
  assert.notEqual(row(key), undefined);
  for (const [role, name] of [
    ['agent', 'drive-1'],
    ['agent', 'nobody'],
    ['kma', 'nobody'],
  ] as const)
    assert.equal(faultOf((await exchange(kma.ports, role, name, agent.passphrase)).answer2), 1018);
  assert.equal(faultOf((await enrolRaw(kma.ports, 'drive-1', agent.passphrase)).answer), 1018);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  fieldsOf((await exchange(kma.ports, 'agent', 'drive-1', agent.passphrase)).answer2);
});

test('a key of one user is not taken over by another', async () => {
  const key = newProofKey();
  fieldsOf((await logIn(OLGA, key)).answer2);
  assert.equal(faultOf((await logIn(BORIS, key)).answer2), 1002);
  fieldsOf((await logIn(OLGA, key)).answer2);
  assert.deepEqual(owner(key), ['olga']);
});

test('the session ends when the user is disabled, and does not come back when he is enabled again', async () => {
  const [first, second] = [newProofKey(), newProofKey()];
  fieldsOf((await logIn(BORIS, first)).answer2);
  assert.deepEqual(owner(first), ['boris']);
  await kma.ask('ModifyUser', { user: 'boris', enabled: false }, OFFICER, QUORUM);
  assert.equal(faultOf((await logIn(BORIS, second)).answer2), 1002);
  assert.deepEqual(owner(first), [null]);
  await kma.ask('ModifyUser', { user: 'boris', enabled: true }, OFFICER, QUORUM);
  fieldsOf((await logIn(BORIS, second)).answer2);
  assert.deepEqual(owner(first, second), [null, 'boris']);
});

test('a key whose session was ended goes to nobody else before the session would have expired', async () => {
  const key = newProofKey();
  const boris = { user: 'boris', enabled: false };
  fieldsOf((await logIn(BORIS, key)).answer2);
  await kma.ask('ModifyUser', boris, OFFICER, QUORUM);
  assert.equal(faultOf((await logIn(OLGA, key)).answer2), 1002);
  await kma.ask('ModifyUser', { ...boris, enabled: true }, OFFICER, QUORUM);
  assert.equal(faultOf((await logIn(OLGA, key)).answer2), 1002);
  fieldsOf((await logIn(BORIS, key)).answer2);
});

test('the session ends with the passphrase it was proven with, and with the user', async () => {
  const key = newProofKey();
  fieldsOf((await logIn(BORIS, key)).answer2);
  const passphrase = 'Turns-it-after-all-4';
  await kma.ask('ChangeOwnPassphrase', { newPassphrase: passphrase }, BORIS);
  assert.equal(faultOf((await logIn(BORIS, key)).answer2), 1002, 'the old one is over');
  assert.deepEqual(owner(key), [null]);
  fieldsOf((await logIn({ ...BORIS, passphrase }, key)).answer2);
  assert.deepEqual(owner(key), ['boris']);
  await kma.ask('DeleteUser', { user: 'boris' }, OFFICER);
  assert.deepEqual(owner(key), [null]);
});

test('each log-in has its audit record with the name; a refused one is only counted', async () => {
  const audited = () =>
    kma.rows<{ severity: string; entityId: string }>(
      'ListAuditEvents',
      { filter: ['operation=LogInUser'] },
      OPERATOR,
    );
  const before = (await audited()).length;
  fieldsOf((await logIn(OLGA, newProofKey())).answer2);
  assert.equal(faultOf((await logIn({ ...OLGA, passphrase: WRONG })).answer2), 1002);
  const records = await audited();
  assert.equal(records.length, before + 1);
  assert.deepEqual([records[0]?.severity, records[0]?.entityId], ['success', 'olga']);
});

test('too many wrong log-ins disable the passphrase for the network and the appliance, not the session', async () => {
  const key = newProofKey();
  fieldsOf((await logIn(OLGA, key)).answer2);
  for (let i = 0; i < 5; i++)
    assert.equal(faultOf((await logIn({ ...OLGA, passphrase: WRONG })).answer2), 1002);
  assert.equal(faultOf((await logIn(OLGA)).answer2), 1001, 'as the last Security Officer');
  assert.deepEqual(await kma.answer('ShowLockStatus', {}, OLGA), { refused: 'AUTHENTICATION_FAILED' });
  assert.deepEqual(owner(key), ['olga']);
});

test('the last Security Officer is slowed over the network, never kept out, and works at the appliance meanwhile', async () => {
  const key = newProofKey();
  for (let i = 0; i < 5; i++)
    assert.equal(faultOf((await logIn({ ...OFFICER, passphrase: WRONG }, key)).answer2), 1002);
  assert.equal(faultOf((await logIn(OFFICER, key)).answer2), 1001);
  const { locked } = await kma.ask<{ locked: boolean }>('ShowLockStatus', {}, OFFICER);
  assert.equal(locked, false);
  await until('the officer gets in', async () => fieldsOf((await logIn(OFFICER, key)).answer2));
});

test('an agent that enrols with okm-agent is in the audit with the modern proof', async () => {
  await kma.ask('CreateAgent', { agent: 'drive-2', passphrase: 'Enrol-me-once-6' }, OPERATOR);
  await enroll({
    directory: kma.profile('drive-2'),
    agentId: 'drive-2',
    address: '127.0.0.1',
    passphrase: Buffer.from('Enrol-me-once-6'),
    ports: kma.ports,
  });
  const events = await kma.rows<{ message: string }>(
    'ListAuditEvents',
    { filter: ['operation=EnrolAgent'] },
    OPERATOR,
  );
  assert.match(events[0]?.message ?? '', /agent=drive-2 serial=\S+ proof=modern/);
});

test('an agent that was enrolled calls with its own key', async () => {
  await kma.ask('CreateAgent', { agent: 'drive-3', passphrase: 'Enrol-me-once-6' }, OPERATOR);
  const done = await exchange(kma.ports, 'agent', 'drive-3', 'Enrol-me-once-6');
  fieldsOf(await callRaw(kma.ports, 'DiscoverCluster', {}, identityAfter(done, done.answer2)));
});
