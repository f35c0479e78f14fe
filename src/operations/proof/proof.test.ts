/** The modern proof at the core: who gets what for it, that any lie in it is refused, and that every refusal looks alike. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { PROOF_ROLES, type ProofRole, publicKeySha256, x25519PublicKey } from '@openkma/protocol';
import { columnStamp } from '../../core/column-stamps.ts';
import { created, removed, set } from '../../core/facts.ts';
import type { MasterEpochId, ObjectId, UserId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { SESSION_MS } from '../../core/user-session.ts';
import { certificateAuthority } from '../world-authority.fixture.ts';
import { beginProof } from './begin-proof.ts';
import { enrolAgent, enrolKma } from './certify.ts';
import { logInUser } from './log-in-user.ts';
import { CLIENT_KEY, type Lies, PASSPHRASE, ProofWorld } from './proof-world.fixture.ts';

const NAME = 'drive-1';
const SPENT = /: the passphrase is spent: it was good for one enrolment$/;
const world = async (role: ProofRole = 'agent') => {
  const made = await ProofWorld.create();
  return { world: made, id: await made.entity(role, NAME) };
};

/** What a role's second message comes to: "accepted" or the code. */
async function outcome(it: ProofWorld, role: ProofRole, name = NAME, lies: Lies = {}): Promise<string> {
  if (role === 'user') return it.refused(logInUser, (await it.loggedIn(name, lies)).fields);
  const { fields } = await it.certified(role, name, lies);
  return it.refused(role === 'agent' ? enrolAgent : enrolKma, fields);
}

test('an agent gets a certificate over its own key, and the KMA proves itself too', async () => {
  const { world: it, id } = await world();
  const { answer, fields } = await it.certified('agent', NAME);
  const { output } = await it.accepted(enrolAgent, fields);
  assert.ok(answer.accepts(output.serverSignature));
  const certificate = new X509Certificate(output.certificate);
  const root = new X509Certificate((await certificateAuthority()).certificatePem);
  assert.ok(certificate.checkIssued(root) && certificate.verify(root.publicKey));
  assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), CLIENT_KEY);
  assert.match(certificate.subject, /CN=drive-1/);
  assert.equal(certificate.validToDate.getUTCFullYear(), 2026 + 49);
  const row = it.state.get('agent_certificate', certificate.fingerprint256.replaceAll(':', ''));
  assert.deepEqual([row?.agentId, row?.proof, row?.revokedStamp], [id, 'modern', null]);
  assert.equal(it.state.get('agent', id)?.enrolled, 1);
});

test('a one-time passphrase is spent by it, another is not; a modern-only agent is taken', async () => {
  const { world: it, id } = await world();
  it.commit([set('agent', id, { modernOnly: 1 })]);
  assert.equal(await outcome(it, 'agent'), 'accepted');
  assert.equal(await outcome(it, 'agent'), 'AUTHENTICATION_FAILED');
  it.commit([set('agent', id, { oneTimePassphrase: 0 })]);
  assert.equal(await outcome(it, 'agent'), 'accepted');
});

test('a KMA gets a server certificate over its own key, once', async () => {
  const { world: it, id } = await world('kma');
  const { answer, fields } = await it.certified('kma', NAME);
  const { output } = await it.accepted(enrolKma, fields);
  assert.ok(answer.accepts(output.serverSignature));
  const certificate = new X509Certificate(output.certificate);
  assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), CLIENT_KEY);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  assert.equal(it.state.get('kma', id)?.certificatePem, certificate.toString());
  assert.equal(await outcome(it, 'kma'), 'AUTHENTICATION_FAILED');
});

test('a user gets a session of his own key, for a while and also on a locked KMA', async () => {
  const { world: it, id } = await world('user');
  it.unlocked = false;
  const { answer, fields } = await it.loggedIn(NAME);
  const { output, decision } = await it.accepted(logInUser, fields);
  assert.ok(answer.accepts(output.serverSignature));
  const user = it.state.get('user', id);
  assert.deepEqual(decision.facts, [], 'nothing that other KMAs learn');
  assert.deepEqual(decision.session, {
    fingerprint: publicKeySha256(CLIENT_KEY).toString('hex').toUpperCase(),
    userId: id,
    verifierObjectId: user?.verifierObjectId,
    enabledStamp: user === undefined ? '' : columnStamp(user, 'enabled'),
    createdAtMs: it.nowMs,
    expiresAtMs: it.nowMs + SESSION_MS,
  });
  assert.equal(output.expiresAt, it.nowMs + SESSION_MS);
});

test('nobody logs in with the key of a saved certificate, which may be for less', async () => {
  const { world: it, id } = await world('user');
  it.commit([
    created('user_certificate', publicKeySha256(CLIENT_KEY).toString('hex').toUpperCase(), {
      userId: id as UserId,
      purpose: 'monitoring',
      description: '',
      serial: '40',
      createdAt: it.nowMs,
      notAfter: it.nowMs,
    }),
  ]);
  assert.equal(await outcome(it, 'user'), 'AUTHENTICATION_FAILED');
});

test('the core keeps the private half of the key that the client was given, and of no other', async () => {
  const { world: it } = await world('user');
  const { first, fields } = await it.loggedIn(NAME);
  const { decision } = await it.accepted(logInUser, fields);
  const effect = decision.effects?.find(({ effect: name }) => name === 'remember-sealing-key');
  assert.ok(effect?.effect === 'remember-sealing-key');
  assert.equal(effect.fingerprint, publicKeySha256(CLIENT_KEY).toString('hex').toUpperCase());
  assert.deepEqual(x25519PublicKey(effect.privateKey.reveal()), Buffer.from(first.oneTimePublicKey));
});

test('every part of the transcript counts: a proof made over any other is refused', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const lies: readonly (readonly [string, Lies])[] = [
    ['passphrase', { passphrase: 'Wrong-one-1' }],
    ['role', { provenRole: 'kma' }],
    ['name', { provenName: 'drive-2' }],
    ['client key', { provenKey: other.publicKey.export({ type: 'spki', format: 'der' }) }],
    ['TLS connection', { exporter: randomBytes(32) }],
    ['salt', { first: { salt: randomBytes(16) } }],
    ['cost', { first: { passes: 3 } }],
    ['challenge', { first: { serverChallenge: randomBytes(32) } }],
    ['one-time key', { first: { oneTimePublicKey: randomBytes(32) } }],
  ];
  const { world: it } = await world();
  for (const [part, lie] of lies)
    assert.equal(await outcome(it, 'agent', NAME, lie), 'AUTHENTICATION_FAILED', part);
  assert.equal(await outcome(it, 'agent'), 'accepted');
});

test('a proof without a TLS exporter, as below TLS 1.3, is refused', async () => {
  const { world: it } = await world();
  it.origin = { ...it.origin, exporter: undefined };
  assert.equal(await outcome(it, 'agent'), 'AUTHENTICATION_FAILED');
});

test('a verifier of one role opens no other role of the same name', async () => {
  const { world: it } = await world('agent');
  for (const role of ['user', 'kma'] as const)
    assert.equal(await outcome(it, role), 'AUTHENTICATION_FAILED', role);
});

test('refuses every obstacle alike and keeps the reason for the audit', async () => {
  const obstacles: readonly (readonly [ProofRole, string, object | null, RegExp])[] = [
    ['agent', 'disabled', { enabled: 0 }, /disabled/],
    ['agent', 'too many failures', { proofDisabled: 1 }, /failures/],
    ['agent', 'spent', { enrolled: 1 }, /spent/],
    ['agent', 'spent, and then disabled', { enrolled: 1, proofDisabled: 1 }, SPENT],
    ['agent', 'no passphrase', { verifierObjectId: null }, /no such/],
    ['agent', 'removed', null, /no such/],
    ['user', 'disabled', { enabled: 0 }, /disabled/],
    ['user', 'too many failures', { proofDisabled: 1 }, /failures/],
    ['user', 'removed', null, /no such/],
    ['kma', 'disabled', { enabled: 0 }, /disabled/],
    ['kma', 'too many failures', { proofDisabled: 1 }, /failures/],
    ['kma', 'spent', { enrolled: 1 }, /spent/],
    ['kma', 'spent, and then disabled', { enrolled: 1, proofDisabled: 1 }, SPENT],
    ['kma', 'too many failures', { proofDisabled: 1 }, /failures$/],
  ];
  for (const [role, what, cells, reason] of obstacles) {
    const { world: it, id } = await world(role);
    it.commit([cells === null ? removed(role, id) : set(role, id, cells)]);
    const operation = { agent: enrolAgent, user: logInUser, kma: enrolKma }[role];
    const { fields } = role === 'user' ? await it.loggedIn(NAME) : await it.certified(role, NAME);
    const refusal = await it.call(operation as typeof enrolAgent, fields);
    assert.ok(isRefusal(refusal), what);
    assert.equal(refusal.refused, 'AUTHENTICATION_FAILED', what);
    assert.match(refusal.detail ?? '', reason);
  }
});

test('a passphrase that may be void after a loss is not said to have failed too often', async () => {
  for (const role of ['agent', 'kma'] as const) {
    const { world: it, id } = await world(role);
    it.commit([
      set(role, id, { proofDisabled: 1 }),
      created('master_epoch', 'AB'.repeat(16) as MasterEpochId, { createdAt: 1 }),
    ]);
    it.commit([created('master_epoch', 'CD'.repeat(16) as MasterEpochId, { createdAt: 1 })]);
    const { fields } = await it.certified(role, NAME);
    const refusal = await it.call(role === 'agent' ? enrolAgent : enrolKma, fields);
    assert.ok(isRefusal(refusal));
    assert.match(refusal.detail ?? '', /too many failures, or since it was set before a KMA was lost$/);
  }
});

test('the passphrase of the KMA itself gives no certificate', async () => {
  const it = await ProofWorld.create();
  it.commit([set('kma', it.self.kmaId, { verifierObjectId: await it.verifier() })]);
  assert.equal(await outcome(it, 'kma', 'kma-1'), 'AUTHENTICATION_FAILED');
});

test('a passphrase set, or a user disabled, while the proof was looked at voids it', async () => {
  for (const change of [{ verifierObjectId: 'AB'.repeat(16) as ObjectId }, { enabled: 0 }]) {
    const { world: it, id } = await world();
    const { fields } = await it.certified('agent', NAME);
    const tools = it.tools();
    it.tools = () => ({
      ...tools,
      issueCertificate(request) {
        it.commit([set('agent', id, change)]);
        return tools.issueCertificate(request);
      },
    });
    assert.equal(await it.refused(enrolAgent, fields), 'AUTHENTICATION_FAILED');
    assert.equal(it.state.page('agent_certificate', '', 10).length, 0);
  }
});

test('a challenge is good for two to three minutes', async () => {
  const { world: it } = await world('user');
  const { fields } = await it.loggedIn(NAME);
  it.nowMs += 119_000;
  assert.equal(await it.refused(logInUser, fields), 'accepted');
  it.nowMs += 61_000;
  assert.equal(await it.refused(logInUser, fields), 'AUTHENTICATION_FAILED');
});

test('a key that is no sound RSA key is refused only after the proof', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = (pair: typeof weak) => pair.publicKey.export({ type: 'spki', format: 'der' });
  const { world: it } = await world();
  for (const key of [der(weak), der(curve), Buffer.from('no key'), Buffer.concat([CLIENT_KEY, CLIENT_KEY])]) {
    const right = await it.certified('agent', NAME, { provenKey: key });
    const fields = { ...right.fields, clientPublicKey: key };
    assert.equal(await it.refused(enrolAgent, fields), 'AGENT_INVALID_PARAMETERS');
    const wrong = { ...fields, clientProof: randomBytes(32) };
    assert.equal(await it.refused(enrolAgent, wrong), 'AUTHENTICATION_FAILED');
  }
});

test('the first message tells nobody who exists: decoys are stable, of equal cost, and differ by role and name', async () => {
  const { world: it } = await world('user');
  const ask = (role: ProofRole, entityId: string) =>
    it.given(beginProof, { role, entityId, clientNonce: Buffer.alloc(32, 1) });
  const known = await ask('user', NAME);
  const salts = new Set<string>([Buffer.from(known.salt).toString('hex')]);
  for (const role of PROOF_ROLES)
    for (const name of ['nobody', 'Ünbekannt', '']) {
      const [decoy, again] = [await ask(role, name), await ask(role, name)];
      assert.deepEqual(decoy, again);
      const cost = ({ memoryKib, passes, lanes }: typeof decoy) => [memoryKib, passes, lanes];
      assert.deepEqual(cost(decoy), cost(known));
      assert.deepEqual(decoy.rootCaCertificate, known.rootCaCertificate);
      salts.add(Buffer.from(decoy.salt).toString('hex'));
    }
  assert.equal(salts.size, 10);
});

test('the first message, and a wrong proof, cost as many reads for a name that exists as for another', async (t) => {
  const { world: it } = await world('user');
  const { fields } = await it.loggedIn(NAME, { passphrase: 'Wrong-one-1' });
  const scan = t.mock.method(it.state, 'scan');
  const tools = it.tools();
  const readObject = t.mock.fn(tools.readObject);
  it.tools = () => ({ ...tools, readObject });
  const reads = async (work: () => Promise<unknown>) => {
    const before = [scan.mock.callCount(), readObject.mock.callCount()] as const;
    await work();
    return [scan.mock.callCount() - before[0], readObject.mock.callCount() - before[1]];
  };
  for (const name of [NAME, 'nobody']) {
    const first = { role: 'user', entityId: name, clientNonce: randomBytes(32) };
    assert.deepEqual(await reads(() => it.given(beginProof, first)), [1, 1], name);
    const second = { ...fields, entityId: name };
    assert.deepEqual(await reads(() => it.refused(logInUser, second)), [1, 1], name);
  }
});

test('a salt stays when a name is disabled, and the decoys of a cluster stay for good', async () => {
  const { world: it, id } = await world('agent');
  const salt = async (on: ProofWorld, entityId: string) =>
    (await on.given(beginProof, { role: 'agent', entityId, clientNonce: randomBytes(32) })).salt;
  const before = await salt(it, NAME);
  it.commit([set('agent', id, { enabled: 0, proofDisabled: 1 })]);
  assert.deepEqual(await salt(it, NAME), before);
  const restored = await ProofWorld.create();
  assert.deepEqual(await salt(restored, 'nobody'), await salt(it, 'nobody'));
});

test('without a root CA key nothing is answered, since anybody could compute such decoys', async () => {
  const it = new ProofWorld();
  await it.foundCa();
  const first = { role: 'user', entityId: 'nobody', clientNonce: randomBytes(32) };
  await assert.rejects(it.call(beginProof, first), /no root CA key/);
});

test('a decoy is refused whatever is proven, even with an empty passphrase', async () => {
  const it = await ProofWorld.create();
  for (const role of PROOF_ROLES)
    for (const passphrase of ['', PASSPHRASE])
      assert.equal(await outcome(it, role, 'nobody', { passphrase }), 'AUTHENTICATION_FAILED');
});

test('fields of another length are invalid parameters', async () => {
  const { world: it } = await world();
  const { fields } = await it.certified('agent', NAME);
  for (const bad of [
    { ...fields, clientProof: randomBytes(31) },
    { ...fields, clientNonce: randomBytes(33) },
    { ...fields, clientPublicKey: randomBytes(1025) },
    { ...fields, entityId: 'x'.repeat(65) },
    { ...fields, more: 1 },
  ])
    assert.equal(await it.refused(enrolAgent, bad), 'AGENT_INVALID_PARAMETERS');
  const first = { role: 'nobody', entityId: NAME, clientNonce: randomBytes(32) };
  assert.equal(await it.refused(beginProof, first), 'AGENT_INVALID_PARAMETERS');
});
