/** What the management front may say to the core, and what it may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SEALED_QUORUM_BYTES_MAX } from '../operations/http-route.ts';
import { coreToManagement, managementToCore } from './management-messages.ts';

const origin = { address: '10.0.0.7', localAddress: '10.0.0.1', keySha256: 'A5'.repeat(32) };
const call = { t: 'call', id: 1, operation: 'ListUsers', input: {}, origin };
const passes = (schema: typeof managementToCore | typeof coreToManagement, message: unknown) =>
  schema.safeParse(message).success;

test('a call passes with and without what is optional', () => {
  assert.ok(passes(managementToCore, call));
  assert.ok(passes(managementToCore, { ...call, origin: { ...origin, keySha256: null } }));
  const full = { ifMatch: '0a1b', idempotencyKey: 'order-66', quorum: new Uint8Array(100) };
  assert.ok(passes(managementToCore, { ...call, ...full }));
});

test('a call that names another service, an agent, or anything unknown does not pass', () => {
  for (const wrong of [
    { origin: { ...origin, service: 'agent' } },
    { origin: { ...origin, fingerprint: 'A5'.repeat(32) } },
    { origin: { ...origin, keySha256: 'a5'.repeat(32) } },
    { origin: { ...origin, address: '' } },
    { claim: { claim: 'appliance' } },
    { quorum: [{ name: 'A', passphrase: 'in the clear' }] },
    { quorum: new Uint8Array(SEALED_QUORUM_BYTES_MAX + 1) },
    { ifMatch: '"quoted"' },
    { idempotencyKey: 'short' },
    { idempotencyKey: 'line\nbreak' },
    { id: -1 },
  ])
    assert.ok(!passes(managementToCore, { ...call, ...wrong }), JSON.stringify(wrong));
});

test('whose a key is may be asked without a call, and is answered with its user or nobody', () => {
  const { keySha256 } = origin;
  assert.ok(passes(managementToCore, { t: 'who', id: 1, keySha256 }));
  assert.ok(!passes(managementToCore, { t: 'who', id: 1, keySha256: null }));
  for (const userId of [null, 'A'.repeat(32)])
    assert.ok(passes(coreToManagement, { t: 'who', id: 1, userId }));
  for (const answer of [{}, { userId: 'anybody' }, { userId: null, user: 'anybody' }])
    assert.ok(!passes(coreToManagement, { t: 'who', id: 1, ...answer }));
});

test('an answer says what became of the request, or a code of the register and whether the caller is known', () => {
  assert.ok(passes(coreToManagement, { t: 'reply', id: 1, output: null, became: 'done' }));
  assert.ok(!passes(coreToManagement, { t: 'reply', id: 1, output: null }));
  assert.ok(passes(coreToManagement, { t: 'problem', id: 1, code: 'ACCESS_DENIED', known: true }));
  assert.ok(!passes(coreToManagement, { t: 'problem', id: 1, code: 'ACCESS_DENIED' }));
  assert.ok(!passes(coreToManagement, { t: 'problem', id: 1, code: 'NO_SUCH_CODE', known: true }));
});
