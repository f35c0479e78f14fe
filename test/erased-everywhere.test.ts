/** Destroyed key material is gone at every member: once a destruction is complete, no file of three KMAs, the caches of their replicators among them, has 16 bytes in a row of a destroyed key's sealed object. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { kindOf } from '@openkma/agent';
import { runsIn, secretsFound } from './support/byte-runs.ts';
import { COMPLIANCE, OPERATOR, type TestKma } from './support/kma.ts';
import { withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 120_000;
const KEYS_PER_UNIT = 6;
const UNITS = 4;

/** Keys of data units which are deactivated a second after their hand-out. */
const cluster = await startThree(['127.0.1.41', '127.0.1.42', '127.0.1.43']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;
await first.letIn(COMPLIANCE, OPERATOR);
await first.ask(
  'CreateKeyPolicy',
  { policy: 'moment', encryptionPeriod: '1s', cryptoperiod: '1s' },
  COMPLIANCE,
);
await first.ask('CreateKeyGroup', { group: 'passing', policy: 'moment' }, COMPLIANCE);
await first.createAgent('drive-1', {}, 'passing');
const enoughReady = async () => {
  const { keysReady } = await first.ask<{ keysReady: number }>('ShowStatus', {});
  return keysReady >= UNITS * KEYS_PER_UNIT;
};
await until('enough keys are ready', enoughReady, LONG_MS);
const agent = await first.agent('drive-1', { create: false, keepAlive: true });
after(() => agent.close());

interface Unit {
  readonly dataUnitId: string;
  readonly keyIds: readonly string[];
  /** As it stands in the object tables. */
  readonly sealed: readonly Uint8Array[];
}

/** All members hold its keys. */
async function heldUnit(): Promise<Unit> {
  const { dataUnitId } = await agent.createDataUnit();
  const made = Array.from({ length: KEYS_PER_UNIT }, () => agent.createKey({ dataUnitId }));
  const keyIds = (await Promise.all(made)).map(({ keyId }) => keyId);
  for (const kma of cluster.kmas)
    await until(`${kma.host} holds them`, () => sealedAt(kma, keyIds).length === KEYS_PER_UNIT, LONG_MS);
  const sealed = sealedAt(first, keyIds);
  for (const kma of cluster.kmas)
    assert.equal(secretsFound(runsIn(kma.data, sealed)), KEYS_PER_UNIT, `found at ${kma.host}`);
  return { dataUnitId, keyIds, sealed };
}

function sealedAt(kma: TestKma, keyIds: readonly string[]): Uint8Array[] {
  return withStore(kma.data, (store) =>
    keyIds.flatMap((keyId) => store.getObject(store.state.get('key', keyId)?.objectId ?? '')?.bytes ?? []),
  );
}

async function destroyAt(kma: TestKma, { dataUnitId }: Unit): Promise<void> {
  const input = { dataUnitId, comment: 'end of retention' };
  const destroy = async () => {
    const { destroyed } = await kma.ask<{ destroyed: number }>('DestroyKeys', input, OPERATOR);
    return destroyed;
  };
  let destroyed = 0;
  await until('its keys are deactivated and destroyed', async () => {
    destroyed += await destroy();
    return destroyed === KEYS_PER_UNIT;
  });
}

interface Shown {
  readonly state: string;
  readonly destructionWaitsFor: readonly string[];
}
const shownAt = (kma: TestKma, keyId = '') => kma.ask<Shown>('ShowKey', { keyId }, OPERATOR);

async function isComplete({ keyIds }: Unit): Promise<void> {
  for (const kma of cluster.kmas)
    for (const keyId of keyIds)
      await until(
        `the destruction is complete as ${kma.host} sees it`,
        async () => (await shownAt(kma, keyId)).state === 'DESTROYED_COMPLETE',
        LONG_MS,
      );
}

async function isGone(unit: Unit): Promise<void> {
  for (const kma of cluster.kmas) assert.deepEqual([...runsIn(kma.data, unit.sealed)], [], kma.host);
  // What lies beside the data directories too.
  assert.deepEqual([...runsIn(first.folder, unit.sealed)], []);
  await until('it does not exist for agents', () =>
    agent.retrieveKey(unit.keyIds[0] ?? '').then(
      () => assert.fail('it is given'),
      (error: unknown) => kindOf(error) === 'not-found',
    ),
  );
}

test('the search looks into the caches of the replicators', async () => {
  const { keyIds } = await heldUnit();
  const inLogs = keyIds.map((keyId) => Buffer.from(keyId));
  for (const kma of cluster.kmas)
    await until(
      `hand-outs are in the cache at ${kma.host}`,
      () => [...runsIn(kma.data, inLogs).keys()].some((name) => name.startsWith('replication/')),
      LONG_MS,
    );
});

test('destroyed at one KMA, keys that another one made leave every file of all members', async () => {
  const unit = await heldUnit();
  const kept = await heldUnit();
  await destroyAt(second, unit);
  await isComplete(unit);
  await isGone(unit);
  for (const kma of cluster.kmas)
    assert.equal(secretsFound(runsIn(kma.data, kept.sealed)), KEYS_PER_UNIT, 'other keys stay');
});

test('while a member is away its files are found and it is named; once it is back they go', async () => {
  const unit = await heldUnit();
  await third.stop();
  await destroyAt(first, unit);
  const isAwaited = ({ destructionWaitsFor }: Shown) =>
    destructionWaitsFor.length === 1 && destructionWaitsFor[0] === `erasure at kma-${third.host}`;
  for (const kma of [first, second]) {
    await until(
      'nobody else is waited for',
      async () => isAwaited(await shownAt(kma, unit.keyIds[0])),
      LONG_MS,
    );
    assert.equal((await shownAt(kma, unit.keyIds[0])).state, 'DESTROYED_INCOMPLETE');
    assert.deepEqual([...runsIn(kma.data, unit.sealed)], [], kma.host);
  }
  assert.equal(secretsFound(runsIn(third.data, unit.sealed)), KEYS_PER_UNIT);
  await third.resume();
  await isComplete(unit);
  await isGone(unit);
});
