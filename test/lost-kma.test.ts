/** Three KMAs as real processes, of which one is lost: the others go on with root key material that it does not know, through restarts, locks and restores, and it gets nothing more. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { KmaClient } from '@openkma/agent';
import { fetchBackup, fetchCoreSecurityBackup } from '../src/cli/backup-commands.ts';
import { readSetting } from '../src/core/settings.ts';
import { openMasterKey } from '../src/security/master-key.ts';
import { openAutonomously } from '../src/setup/autonomous-unlock-files.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { AGENT_PASSPHRASE, BACKUP, COMPLIANCE, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { filesOf, restoreFrom, returningAgent } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const cluster = await startThree(['127.0.4.1', '127.0.4.2', '127.0.4.3']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;
const LOST = 'kma-127.0.4.3';

function look<T>(kma: TestKma, at: (store: Store) => T): T {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'read' });
  try {
    return at(store);
  } finally {
    store.close();
  }
}

interface Status {
  readonly keysReady: number;
  readonly lostKmas: readonly string[];
  readonly lacksRoot: boolean;
  readonly locked: boolean;
  readonly warnings: readonly string[];
  readonly membersOfBefore: readonly string[];
}
const status = (kma: TestKma) => kma.ask<Status>('ShowStatus', {});
const readyKeys = (kma: TestKma) =>
  until(`keys are ready at ${kma.host}`, async () => (await status(kma)).keysReady > 0, LONG_MS);
const masterEpoch = (kma: TestKma) => look(kma, ({ state }) => readSetting(state, 'currentMasterEpochId'));
const rootEpoch = (kma: TestKma) => look(kma, ({ state }) => readSetting(state, 'currentRootEpochId'));

async function newKey(kma: TestKma, agent: KmaClient) {
  const key = await until(`a key is made at ${kma.host}`, () => agent.createKey(), LONG_MS);
  return { ...key, objectId: look(kma, ({ state }) => state.get('key', key.keyId)?.objectId ?? '') };
}

async function retrieved(kma: TestKma, agent: string, keyId: string): Promise<Buffer> {
  const client = await returningAgent(kma, kma.profile(agent));
  return (await until(`key at ${kma.host}`, () => client.retrieveKey(keyId), LONG_MS)).key.reveal();
}

await first.letIn(COMPLIANCE, OPERATOR, BACKUP);
await first.ask(
  'CreateKeyPolicy',
  { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' },
  COMPLIANCE,
);
await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
for (const agent of ['drive', 'library', 'late']) await first.createAgent(agent);
await until(
  'all have the agents',
  async () =>
    (await third.rows('ListAgents', {}, OPERATOR)).length === 3 &&
    (await second.rows('ListAgents', {}, OPERATOR)).length === 3,
  LONG_MS,
);
await readyKeys(first);
const drive = await first.agent('drive', { create: false });
const library = await second.agent('library', { create: false });
const old = await newKey(first, drive);
const oldAtSecond = await until('the old key at the second', () => library.retrieveKey(old.keyId), LONG_MS);
assert.deepEqual(oldAtSecond.key.reveal(), old.key.reveal());

test('each member makes its member key known', async () => {
  await until(
    'three member keys',
    () =>
      look(
        first,
        ({ state }) =>
          state.page('member_key', '', 9).length === 3 &&
          !state.page('member_key', '', 9).some(({ objectId }) => objectId === null),
      ),
    LONG_MS,
  );
  await until('which have come', () => look(first, ({ missing }) => !missing.any), LONG_MS);
});

test('a KMA is deleted as lost while another is locked: the others need nothing, and it is given nothing', async () => {
  await second.ask('LockKma', {}, OFFICER);
  await until('it is locked', async () => (await status(second)).locked, LONG_MS);
  await until('the third has all', () => look(third, ({ missing }) => !missing.any), LONG_MS);
  await third.stop();
  const [root, epoch] = [rootEpoch(first), masterEpoch(first)];
  const output = await first.ask<{ unlockWithQuorum: string[] }>(
    'DeleteKma',
    { kma: LOST, as: 'lost' },
    OFFICER,
  );
  assert.deepEqual(output.unlockWithQuorum, []);
  assert.notEqual(rootEpoch(first), root);
  assert.notEqual(masterEpoch(first), epoch);
  const lives = look(first, ({ state }) =>
    state
      .page('root_copy', '', 9)
      .map(({ incarnationId }) => state.get('incarnation', incarnationId ?? '')?.kmaId),
  );
  const lost = look(third, ({ state }) => state.page('kma', '', 9).find(({ name }) => name === LOST)?.id);
  assert.equal(lives.length, 2);
  assert.ok(!lives.includes(lost as never));
});

test('the alarm stays, and is listed', async () => {
  const { lostKmas, warnings, lacksRoot } = await status(first);
  assert.deepEqual([lostKmas, lacksRoot], [[LOST], false]);
  assert.ok(warnings.some((warning) => /has the key of the root CA/.test(warning)));
  const rows = await first.rows<{ kma: string; rootReplaced: boolean }>('ListLostKmas', {}, OFFICER);
  assert.deepEqual(
    rows.map(({ kma, rootReplaced }) => [kma, rootReplaced]),
    [[LOST, true]],
  );
});

test('keys that nobody had are void, so is what was not enrolled; what was enrolled goes on', async () => {
  await until('the pool is new', () =>
    look(first, ({ database }) => {
      const sql = `SELECT count(*) AS n FROM key JOIN object ON object.id = key.objectId
        WHERE key.activatedStamp IS NULL AND key.compromisedStamp IS NULL AND object.epoch <> ?
        AND key.incarnationId = (SELECT incarnationId FROM key WHERE id = ?)`;
      return database.prepare(sql).get(masterEpoch(first) ?? '', old.keyId)?.['n'] === 0;
    }),
  );
  await assert.rejects(first.agent('late', { create: false }));
  assert.deepEqual(await retrieved(first, 'drive', old.keyId), old.key.reveal());
});

let made: Awaited<ReturnType<typeof newKey>>;

test('a locked member takes the new root key material at its next unlock: it gives old keys and new ones', async () => {
  await until('the second knows of it', () => rootEpoch(second) === rootEpoch(first), LONG_MS);
  await until(
    'it is unlocked',
    async () => {
      await second.ask('UnlockKma', {}, OFFICER, QUORUM);
      return true;
    },
    LONG_MS,
  );
  await readyKeys(first);
  made = await newKey(first, drive);
  assert.equal(
    look(first, (store) => store.getObject(made.objectId)?.epoch),
    masterEpoch(first),
  );
  for (const key of [old, made])
    assert.deepEqual(await retrieved(second, 'library', key.keyId), key.key.reveal());
  assert.equal((await status(second)).lacksRoot, false);
  await readyKeys(second);
  await newKey(second, library);
});

test('both unlock themselves after a restart, and give old keys and new ones', async () => {
  for (const [kma, agent] of [
    [first, 'drive'],
    [second, 'library'],
  ] as const) {
    await kma.stop();
    await kma.resume();
    assert.equal(kma.kma.locked(), false);
    for (const key of [old, made]) assert.deepEqual(await retrieved(kma, agent, key.keyId), key.key.reveal());
    assert.equal((await status(kma)).lacksRoot, false);
  }
});

test('with its old data the lost KMA opens nothing that came after it', async () => {
  const root = openAutonomously(DataDirectory.open(third.data));
  assert.ok(root);
  const opened = look(first, (store) =>
    store.state.page('master_wrap', '', 99).flatMap(({ objectId, masterEpochId }) => {
      const object = store.getObject(objectId ?? '');
      try {
        const name = { epochId: masterEpochId ?? '', objectId: object?.id ?? '' };
        openMasterKey(root, name, object?.bytes ?? new Uint8Array(0)).wipe();
        return [masterEpochId];
      } catch {
        return [];
      }
    }),
  );
  assert.equal(new Set(opened).size, 1);
  assert.ok(!opened.includes(masterEpoch(first) as never));
  await third.resume();
  assert.equal((await status(third)).lacksRoot, false, 'it does not know');
  assert.notEqual(rootEpoch(third), rootEpoch(first));
});

test('backups of after open with the core security backup of after, and hold old keys and new ones', async () => {
  const to = first.backups;
  const lacking = await first.answer('CreateDatabaseBackup', {}, BACKUP);
  assert.equal('refused' in lacking && lacking.refused, 'NEED_CORE_SECURITY_BACKUP');
  await fetchCoreSecurityBackup({ dataDirectory: first.data, user: OFFICER, to });
  const backup = await fetchBackup({ dataDirectory: first.data, user: BACKUP, to }, () => undefined);
  const data = join(first.folder, 'restored');
  const restored = await restoreFrom(filesOf(backup), data, QUORUM, first.host);
  assert.ok(!('refused' in restored), JSON.stringify(restored));
  const kma = await TestKma.on(data, first.folder, { host: first.host });
  try {
    await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
    assert.deepEqual((await status(kma)).membersOfBefore, ['kma-127.0.4.2'], 'not let in any more');
    const client = await returningAgent(kma, first.profile('drive'));
    for (const key of [old, made])
      assert.deepEqual((await client.retrieveKey(key.keyId)).key.reveal(), key.key.reveal());
  } finally {
    await kma.stop();
  }
});

test('a passphrase that is set anew enrols', async () => {
  await first.ask('SetAgentPassphrase', { agent: 'late', passphrase: AGENT_PASSPHRASE }, OPERATOR);
  await first.agent('late', { create: false });
});
