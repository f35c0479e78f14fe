/** FIPS Mode Only on a whole KMA: no key leaves it unwrapped, and whatever wraps keys or carries none goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OperationOf, Requests } from '@openkma/protocol';
import { auditRecords, recordsOf } from './support/audit-rows.ts';
import { KeyForm } from './support/key-form.ts';
import { OFFICER, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { soundRequests } from './support/sound-requests.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive');
const dataUnitId = await agent.createUnit();
const { keyId } = await agent.createKey(dataUnitId);
const dataUnit = unitOf(dataUnitId);
const create = { dataUnit, keyGroupId: '' };
const PLAIN: { readonly [Name in OperationOf<'agent'>]?: Requests[Name] } = {
  CreateKey: create,
  RetrieveKey: { keyId, ...create },
  RetrieveDataUnitKeys: { dataUnit, pageSize: 32, pageOffset: 0 },
  RetrieveProtectAndProcessKey: create,
};
const NAMES = Object.keys(PLAIN) as (keyof typeof PLAIN)[];
const requests = await soundRequests(agent);

before(() => kma.ask('ModifySecurityParameters', { fipsModeOnly: true }, OFFICER));

test('the calls tried are all that have a wrapped form', () => {
  const wrapped = Object.keys(requests).filter((name) => name.endsWith('2'));
  assert.deepEqual(wrapped.map((name) => name.slice(0, -1)).sort(), [...NAMES].sort());
});

for (const name of NAMES)
  test(`${name} is refused with 1142, uses no key up, and its record says so`, async () => {
    const fields = PLAIN[name];
    assert.ok(fields !== undefined);
    const before = await kma.ask<{ keysReady: number }>('ShowStatus', {});
    const records = await recordsOf(kma.data, async () => {
      assert.equal(await agent.refusal(name, fields as Requests[typeof name]), 1142);
    });
    assert.deepEqual(
      records.map(({ operation, severity }) => [operation, severity]),
      [[name, 'error']],
    );
    assert.equal((await kma.ask<{ keysReady: number }>('ShowStatus', {})).keysReady, before.keysReady);
  });

test('each wrapped form is answered', async () => {
  const wrapped = await KeyForm.of('wrapped', agent);
  const made = await wrapped.create(dataUnitId);
  assert.equal((await wrapped.retrieve(made.keyId)).hex, made.hex);
  assert.match((await wrapped.protect(dataUnitId)).hex, /^[0-9a-f]{64}$/);
  assert.ok((await wrapped.page(dataUnitId)).keys.some((key) => key.hex === made.hex));
});

test('whatever carries no key goes on', async () => {
  const others = (Object.keys(requests) as OperationOf<'agent'>[]).filter(
    (name) => !NAMES.includes(name) && !name.endsWith('2'),
  );
  assert.equal(others.length, 9);
  for (const name of others) await agent.call(name, requests[name]);
});

test('agents enrol by both proofs, and okm-agent gets and revokes its keys', async () => {
  await RawAgent.create(kma, 'new-legacy');
  using client = await kma.agent('new-modern', { keepAlive: true });
  const key = await client.createKey();
  assert.deepEqual((await client.retrieveKey(key.keyId)).key.reveal(), key.key.reveal());
  await client.revokeKey(key.keyId);
});

test('both switches are in the audit as warnings, and then plain keys are given again', async () => {
  await kma.ask('ModifySecurityParameters', { fipsModeOnly: false }, OFFICER);
  const noted = auditRecords(kma.data).filter(({ operation }) => operation === 'ModifySecurityParameters');
  assert.deepEqual(
    noted.map(({ severity, condition }) => `${severity} ${condition}`),
    ['warning Plain keys refused', 'warning Plain keys allowed'],
  );
  assert.equal((await agent.createKey(dataUnitId)).key.length, 32);
});
