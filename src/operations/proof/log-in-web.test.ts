/** A log-in from a page: a session of a random token for the right proof from the right place, and nothing for any other. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { NONCE_BYTES, PreparedProof } from '@openkma/protocol';
import { removed, set } from '../../core/facts.ts';
import { SESSION_MS } from '../../core/user-session.ts';
import { beginProof } from './begin-proof.ts';
import { logInUser } from './log-in-user.ts';
import { logInWeb, webSessionOf } from './log-in-web.ts';
import { PASSPHRASE, ProofWorld } from './proof-world.fixture.ts';

const NAME = 'olga';
const ORIGIN = 'https://192.0.2.1';

async function world() {
  const it = await ProofWorld.create();
  const id = await it.entity('user', NAME);
  it.origin = { ...it.origin, service: 'management', exporter: undefined, webOrigin: ORIGIN };
  return { it, id };
}

interface Page {
  readonly passphrase?: string;
  readonly origin?: string;
}

async function message(it: ProofWorld, { passphrase = PASSPHRASE, origin = ORIGIN }: Page = {}) {
  const clientNonce = randomBytes(NONCE_BYTES);
  const first = await it.given(beginProof, { role: 'user', entityId: NAME, clientNonce });
  const question = { role: 'user', entityId: NAME, clientNonce } as const;
  const prepared = await PreparedProof.make(question, Buffer.from(passphrase), first);
  const answer = prepared.answer({ channel: 'web', origin });
  return { answer, fields: { entityId: NAME, clientNonce, clientProof: answer.clientProof } };
}

test('the right proof makes a session of a token that is in the answer alone; also while locked', async () => {
  const { it, id } = await world();
  it.unlocked = false;
  const { answer, fields } = await message(it);
  const { output, decision } = await it.accepted(logInWeb, fields);
  assert.ok(answer.accepts(output.serverSignature));
  const { session } = decision;
  assert.equal(session?.fingerprint, webSessionOf(output.token));
  assert.deepEqual([session?.userId, session?.expiresAtMs], [id, it.nowMs + SESSION_MS]);
  const token = Buffer.from(output.token).toString('hex');
  assert.ok(!JSON.stringify(decision.audit).toLowerCase().includes(token));
  const again = await it.accepted(logInWeb, (await message(it)).fields);
  assert.notDeepEqual(again.output.token, output.token);
});

test('a wrong passphrase, a page from elsewhere, and a proof of the other channel are refused alike', async () => {
  const { it } = await world();
  for (const page of [
    { passphrase: 'Wrong-one-1' },
    { origin: 'https://evil.example' },
    { origin: `${ORIGIN}:8443` },
  ])
    assert.equal(await it.refused(logInWeb, (await message(it, page)).fields), 'AUTHENTICATION_FAILED');
  const { common } = await it.message('user', NAME, { exporter: randomBytes(32) });
  assert.equal(await it.refused(logInWeb, common), 'AUTHENTICATION_FAILED');
});

test("a page's proof is none over TLS, and without a place of this KMA there is none at all", async () => {
  const { it } = await world();
  const { fields } = await message(it);
  const { webOrigin: _, ...origin } = it.origin;
  it.origin = origin;
  assert.equal(await it.refused(logInWeb, fields), 'AUTHENTICATION_FAILED');
  it.origin = { ...origin, service: 'certificate', exporter: randomBytes(32) };
  const overTls = { ...fields, clientKeySha256: randomBytes(32) };
  assert.equal(await it.refused(logInUser, overTls), 'AUTHENTICATION_FAILED');
});

test('who is disabled or gone gets nothing for a right proof', async () => {
  for (const change of ['disabled', 'gone'] as const) {
    const { it, id } = await world();
    const { fields } = await message(it);
    it.commit([change === 'gone' ? removed('user', id) : set('user', id, { enabled: 0 })]);
    assert.equal(await it.refused(logInWeb, fields), 'AUTHENTICATION_FAILED', change);
  }
});
