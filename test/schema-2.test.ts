/** What the last version with store schema 2 left behind: its data directory starts, its backup is restored, and neither loses or changes a row. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KmaClient } from '@openkma/agent';
import { z } from 'zod';
import { isRefusal } from '../src/core/refusal.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { MIGRATIONS } from '../src/store/migrations/index.ts';
import { VERSION_3 } from '../src/store/migrations/version-3.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { openStore } from '../src/store/store.ts';
import { fileIdentity } from '../src/store/synced-file.ts';
import { AUDITOR, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';
import { coreSecurityBackupIn, restoreFrom, returningAgent, wake } from './support/restoring.ts';

const ARCHIVE = fileURLToPath(new URL('./fixtures/schema-2.tar.gz', import.meta.url));
/** As the version that made it said. */
const STATE_HASH = 'FE2572353BC0C8F66A926F4F40E0E08C9E7392ADC674945484490967BA8EB68B';
const BACKUP_STATE_HASH = '9CDADCABCBA671A37F0E0649D580F5CDB5D8A2134E1CBB6134250BE67D6D82ED';
const BACKUP_NAME = '0FBCCA77AF9F97E18645C3D8DEB2E93C-20250101T214211';
/** What it handed to the agent. */
const KEY_ID = '000001AA492F813ECEA9543EA470AF7EFD0F341980FB4E52D64EB9E701E6';
const KEY_HEX = 'c05dd7a2d61a1c1254bdac5145ec93d5638292f76583fe6699eb9e82973cca8d';

function unpacked(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-schema-2-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync('tar', ['--no-same-owner', '-xpzf', ARCHIVE, '-C', folder]);
  return { folder, data: join(folder, 'data'), profile: join(folder, 'agent-drive-1') };
}

function schemaVersion(data: string): unknown {
  const database = new DatabaseSync(join(data, 'kma.db'));
  try {
    return database.prepare('PRAGMA user_version').get()?.['user_version'];
  } finally {
    database.close();
  }
}

/** What was unpacked is a copy, which begins a life of its own; with this it stands where it always stood, as when a KMA is upgraded. */
function settle(data: string): void {
  const directory = DataDirectory.open(data);
  const nonces = z
    .looseObject({})
    .parse(JSON.parse(directory.readLocal('start-nonce.json')?.toString() ?? ''));
  directory.writeLocal('start-nonce.json', (file) => Buffer.from(JSON.stringify({ ...nonces, file })));
  const machine = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8').trim() : '';
  const database = new DatabaseSync(directory.databasePath);
  const place = `${machine}:${fileIdentity(directory.databasePath)}`;
  database.prepare(`UPDATE local SET value = ? WHERE name = 'place'`).run(place);
  database.close();
}

const lives = async (kma: TestKma) => {
  const chains = await kma.ask<{ incarnationId: string; verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
  return new Set(chains.map(({ incarnationId }) => incarnationId)).size;
};

async function getsItsKey(agent: KmaClient): Promise<void> {
  const { key } = await agent.retrieveKey(KEY_ID);
  assert.equal(Buffer.from(key.reveal()).toString('hex'), KEY_HEX);
}

test('its store becomes one of the present schema, and its state hash stays', (t) => {
  const { data } = unpacked(t);
  assert.equal(schemaVersion(data), 2);
  const store = openStore({ path: join(data, 'kma.db'), mode: 'write' });
  const hash = stateHash(store);
  store.close();
  assert.equal(hash, STATE_HASH);
  assert.equal(schemaVersion(data), MIGRATIONS.length + 1);
});

test('a KMA is started on its data directory: it unlocks itself and serves its agent and its people', async (t) => {
  const { folder, data, profile } = unpacked(t);
  settle(data);
  const kma = await TestKma.on(data, folder);
  t.after(() => kma.stop());
  const agent = await returningAgent(kma, profile);
  t.after(() => agent.close());
  await getsItsKey(agent);
  assert.notEqual((await agent.createKey()).keyId, KEY_ID);
  assert.equal(await lives(kma), 1);
  const key = await newManagerKey();
  await logIn(kma, OFFICER, key);
  const connection = ManagerConnection.of(kma, key);
  t.after(() => connection.close());
  const users = await connection.send('GET', '/v1/users?sort=user');
  assert.deepEqual(
    (users.body as { rows: { user: string }[] }).rows.map(({ user }) => user),
    ['auditor', 'backups', 'compliance', 'officer', 'operator'],
  );
});

test('a copy of its data directory begins a life of its own, and hands out new keys after a backup', async (t) => {
  const { folder, data, profile } = unpacked(t);
  const kma = await TestKma.on(data, folder);
  t.after(() => kma.stop());
  assert.equal(await lives(kma), 2);
  const agent = await returningAgent(kma, profile);
  t.after(() => agent.close());
  await getsItsKey(agent);
  await kma.poolFilled();
  await kma.backup();
  assert.notEqual((await agent.createKey()).keyId, KEY_ID);
});

test('its backup is restored with its quorum to the state it had, and the agent gets its key', async (t) => {
  const { folder, profile } = unpacked(t);
  const backups = join(folder, 'backups');
  const target = join(folder, 'restored');
  const files = {
    coreSecurityBackup: coreSecurityBackupIn(backups),
    backupFile: join(backups, `OKM-Backup-${BACKUP_NAME}.dat`),
    backupKeyFile: join(backups, `OKM-BackupKey-${BACKUP_NAME}.json`),
  };
  const restored = await restoreFrom(files, target, QUORUM);
  assert.ok(!isRefusal(restored), JSON.stringify(restored));
  assert.equal(restored.stateHashRestored, BACKUP_STATE_HASH);
  const kma = await wake(target, folder);
  t.after(() => kma.stop());
  const agent = await returningAgent(kma, profile);
  t.after(() => agent.close());
  await getsItsKey(agent);
});

test('a store that was brought to schema 3, before KMAs replicated, is brought on', (t) => {
  const { data } = unpacked(t);
  const database = new DatabaseSync(join(data, 'kma.db'));
  for (const statement of VERSION_3) database.exec(statement);
  database.exec('PRAGMA user_version = 3');
  database.close();
  const store = openStore({ path: join(data, 'kma.db'), mode: 'write' });
  t.after(() => store.close());
  assert.equal(stateHash(store), STATE_HASH);
  assert.equal(schemaVersion(data), MIGRATIONS.length + 1);
});
