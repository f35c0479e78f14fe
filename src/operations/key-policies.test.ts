/** Key policies: two periods that are fixed, flags that are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyGroup, deleteKeyGroup } from './key-groups.ts';
import { createKeyPolicy, deleteKeyPolicy, listKeyPolicies, modifyKeyPolicy } from './key-policies.ts';
import { World } from './world.fixture.ts';

const TAPES = { policy: 'tapes', encryptionPeriod: '2y', cryptoperiod: '10y' };

test('a policy shows its periods as they were given and forbids export, import and revoking by default', async () => {
  const world = new World();
  await world.did(createKeyPolicy, TAPES);
  const output = await world.rows(listKeyPolicies);
  const { createdAt: _, ...policy } = output[0] ?? { createdAt: '' };
  assert.deepEqual(policy, {
    policy: 'tapes',
    description: '',
    encryptionPeriod: '2y',
    cryptoperiod: '10y',
    allowExportFrom: false,
    allowImportTo: false,
    allowAgentsToRevoke: false,
  });
});

test('the cryptoperiod is not shorter than the encryption period', async () => {
  const world = new World();
  const input = { ...TAPES, encryptionPeriod: '2y', cryptoperiod: '729d' };
  assert.equal(await world.refusal(createKeyPolicy, input), 'INVALID_PARAMETERS');
  await world.did(createKeyPolicy, { ...input, cryptoperiod: '730d' });
});

test('a name is taken once', async () => {
  const world = new World();
  await world.did(createKeyPolicy, TAPES);
  assert.equal(await world.refusal(createKeyPolicy, TAPES), 'KEY_POLICY_EXISTS');
});

test('flags and description change, each by itself; periods cannot', async () => {
  const world = new World();
  await world.did(createKeyPolicy, { ...TAPES, allowImportTo: true });
  await world.did(modifyKeyPolicy, { policy: 'tapes', allowAgentsToRevoke: true });
  const output = await world.rows(listKeyPolicies);
  assert.equal(output[0]?.allowAgentsToRevoke, true);
  assert.equal(output[0]?.allowImportTo, true);
  const periods = { policy: 'tapes', encryptionPeriod: '1y' };
  assert.equal(await world.refusal(modifyKeyPolicy, periods), 'INVALID_PARAMETERS');
});

test('a policy stays while a key group uses it', async () => {
  const world = new World();
  await world.did(createKeyPolicy, TAPES);
  await world.did(createKeyGroup, { group: 'g', policy: 'tapes' });
  assert.equal(await world.refusal(deleteKeyPolicy, { policy: 'tapes' }), 'KEY_POLICY_IN_USE');
  await world.did(deleteKeyGroup, { group: 'g' });
  await world.did(deleteKeyPolicy, { policy: 'tapes' });
  assert.deepEqual((await world.did(listKeyPolicies, {})).output.rows, []);
  assert.equal(await world.refusal(modifyKeyPolicy, { policy: 'tapes' }), 'KEY_POLICY_DOES_NOT_EXIST');
});
