/** Destroyed key material is gone: once its erasure is confirmed, no file of the data directory has 16 bytes in a row of a destroyed key's sealed object. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runsIn, secretsFound } from './support/byte-runs.ts';
import { killProcess } from './support/kill-process.ts';
import { BACKUP, COMPLIANCE, OPERATOR, TestKma } from './support/kma.ts';
import { whileRead } from './support/long-reader.ts';
import { withStore } from './support/restoring.ts';
import { until } from './support/until.ts';

const UNITS = 12;
const KEYS_PER_UNIT = 18;

/** Keys of data units which are deactivated a second after their hand-out. */
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
await kma.ask(
  'CreateKeyPolicy',
  { policy: 'moment', encryptionPeriod: '1s', cryptoperiod: '1s' },
  COMPLIANCE,
);
await kma.ask('CreateKeyGroup', { group: 'passing', policy: 'moment' }, COMPLIANCE);
await kma.createAgent('drive-1', {}, 'passing');
const agent = await kma.agent('drive-1', { create: false, keepAlive: true });
after(() => agent.close());

interface Unit {
  readonly dataUnitId: string;
  readonly keyIds: readonly string[];
}
const units: Unit[] = [];
for (let i = 0; i < UNITS; i++) {
  const { dataUnitId } = await agent.createDataUnit();
  const keys = Array.from({ length: KEYS_PER_UNIT }, () => agent.createKey({ dataUnitId }));
  units.push({ dataUnitId, keyIds: (await Promise.all(keys)).map(({ keyId }) => keyId) });
}

/** As they stand in the object table. */
function sealedBytes(keyIds: readonly string[]): Uint8Array[] {
  return withStore(kma.data, (store) =>
    keyIds.map((keyId) => {
      const object = store.getObject(store.state.get('key', keyId)?.objectId ?? '');
      assert.ok(object !== undefined, keyId);
      return object.bytes;
    }),
  );
}

async function destroyKeysOf({ dataUnitId, keyIds }: Unit): Promise<void> {
  const input = { dataUnitId, comment: 'end of retention' };
  const { destroyed } = await until('its keys are deactivated', async () => {
    const list = { dataUnitId, filter: ['state=DEACTIVATED'] };
    const old = await kma.rows<unknown>('ListKeys', list, OPERATOR);
    return old.length === keyIds.length && kma.ask<{ destroyed: number }>('DestroyKeys', input, OPERATOR);
  });
  assert.equal(destroyed, keyIds.length);
}

async function waitsFor(keyId = ''): Promise<readonly string[]> {
  const key = await kma.ask<{ destructionWaitsFor: string[] }>('ShowKey', { keyId }, OPERATOR);
  return key.destructionWaitsFor;
}
async function erasureConfirmed({ keyIds }: Unit): Promise<void> {
  await until('the erasure is confirmed', async () =>
    (await waitsFor(keyIds[0])).every((obstacle) => obstacle.startsWith('backup ')),
  );
}

async function stillGiven(rest: readonly Unit[]): Promise<void> {
  for (const { keyIds } of rest)
    assert.equal((await agent.retrieveKey(keyIds[0] ?? '')).key.reveal().length, 32);
}

test('destroyed keys leave every file of the data directory, and the other keys stay', async () => {
  const gone = units.splice(0, UNITS / 3);
  const sealed = sealedBytes(gone.flatMap(({ keyIds }) => keyIds));
  const others = sealedBytes(units.flatMap(({ keyIds }) => keyIds));
  assert.equal(secretsFound(runsIn(kma.data, sealed)), sealed.length, 'the search finds what is there');
  for (const unit of gone) await destroyKeysOf(unit);
  for (const unit of gone) await erasureConfirmed(unit);
  assert.deepEqual([...runsIn(kma.data, sealed)], []);
  assert.equal(secretsFound(runsIn(kma.data, others)), others.length);
  await stillGiven(units);
  await assert.rejects(agent.retrieveKey(gone[0]?.keyIds[0] ?? ''));
});

test('a staged backup holds the confirmation back until it has been fetched', async () => {
  const [unit] = units.splice(0, 1);
  assert.ok(unit !== undefined);
  const sealed = sealedBytes(unit.keyIds);
  const made = await kma.ask<{ backupId: string; fileSha256: string; keyFileSha256: string }>(
    'CreateDatabaseBackup',
    {},
    BACKUP,
  );
  await destroyKeysOf(unit);
  assert.ok((await waitsFor(unit.keyIds[0])).includes('erasure at kma-test'));
  const { backupId, fileSha256, keyFileSha256 } = made;
  await kma.ask('ConfirmBackupDownloaded', { backupId, fileSha256, keyFileSha256 }, BACKUP);
  await erasureConfirmed(unit);
  assert.ok((await waitsFor(unit.keyIds[0])).includes(`backup ${backupId}`));
  assert.deepEqual([...runsIn(kma.data, sealed)], []);
});

test('while somebody reads the store they are found and not confirmed; after a kill -9 too they go', async () => {
  const gone = units.splice(0, 2);
  const sealed = sealedBytes(gone.flatMap(({ keyIds }) => keyIds));
  await whileRead(kma.data, async () => {
    for (const unit of gone) await destroyKeysOf(unit);
    assert.ok((await waitsFor(gone[0]?.keyIds[0])).includes('erasure at kma-test'));
    assert.equal(secretsFound(runsIn(kma.data, sealed)), sealed.length, 'the reader may still read them');
    const killed = await killProcess(kma.kma, 'core');
    await until('another core runs', () => ![killed, undefined].includes(kma.kma.pids().get('core')));
    const obstacles = await until('it answers', () => waitsFor(gone[0]?.keyIds[0]));
    assert.ok(obstacles.includes('erasure at kma-test'));
  });
  for (const unit of gone) await erasureConfirmed(unit);
  assert.deepEqual([...runsIn(kma.data, sealed)], []);
  await stillGiven(units);
});
