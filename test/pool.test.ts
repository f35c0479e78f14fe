/** The key pool as operators and agents see it: warned of when low, empty, mended by a backup alone, resized (architecture, D4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { KmaClient } from '@openkma/agent';
import { isRefusal } from '../src/core/refusal.ts';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { faultOf } from './support/fault.ts';
import { AUDITOR, BACKUP, OPERATOR, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

interface Status {
  readonly keyPoolSize: number;
  readonly keysReady: number;
  readonly keysUnissued: number;
  readonly readyPercent: number;
  readonly warnings: readonly string[];
}

/** The smallest pool; all of its keys are ready at first. */
const SIZE = 1000;
const CALLS_AT_ONCE = 6;

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const core = kma.kma.pids().get('core');
const settings = { failoverLimit: 0 };
const agent = await kma.agent('drive-1', { settings, keepAlive: true });
const issued = new Set<string>();

const status = () => kma.ask<Status>('ShowStatus', {});
const auditOf = (operation: string) =>
  kma.rows<AuditRecord>('ListAuditEvents', { filter: [`operation=${operation}`], limit: 1000 }, AUDITOR);
const lowPool = ({ warnings }: Status) => warnings.some((text) => text.includes('kma backup --to'));

async function take(of: KmaClient, keys: number): Promise<void> {
  let left = keys;
  const work = async () => {
    while (left-- > 0) issued.add((await of.createKey()).keyId);
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
}

test('a full pool is Ready, and there is no warning', async () => {
  const { keyPoolSize, keysReady, readyPercent } = await status();
  assert.deepEqual([keyPoolSize, keysReady, readyPercent], [SIZE, SIZE, 100]);
  assert.equal(lowPool(await status()), false);
  assert.equal((await auditOf('NoteLowKeyPool')).length, 1, 'the one from before the first backup');
});

test('taken keys are made anew by themselves, but are not Ready before a backup', async () => {
  await take(agent, SIZE / 2 + 100);
  const refilled = await until('the pool is full again', async () => {
    const found = await status();
    return found.keysUnissued >= SIZE && found;
  });
  assert.equal(refilled.keysReady, SIZE / 2 - 100);
});

test('under 20 % Ready status and audit warn and name the command', async () => {
  assert.equal(lowPool(await status()), false);
  await take(agent, SIZE * 0.2 + 50);
  const low = await status();
  assert.ok(low.readyPercent < 20);
  assert.ok(lowPool(low), low.warnings.join('\n'));
  const [noted] = await until('another warning is in the audit', async () => {
    const found = await auditOf('NoteLowKeyPool');
    return found.length === 2 && found;
  });
  assert.equal(noted?.severity, 'warning');
  assert.match(noted?.message ?? '', /kma backup/);
  assert.match(noted?.message ?? '', /ready=1\d\d /);
});

test('an empty pool is fault 1021 for every agent, each time audited, and retrieval goes on', async () => {
  await take(agent, (await status()).keysReady);
  assert.equal(issued.size, SIZE);
  const other = await kma.agent('drive-2', { settings });
  assert.equal(await faultOf(agent.createKey()), 1021);
  assert.equal(await faultOf(other.createKey()), 1021);
  const refused = (await auditOf('CreateKey2')).filter(({ severity }) => severity === 'error');
  assert.equal(refused.length, 2);
  assert.deepEqual(refused.map(({ entityId }) => entityId).sort(), ['drive-1', 'drive-2']);
  assert.ok(refused.every(({ message, solution }) => /1021/.test(message) && /kma backup/.test(solution)));
  const [first = ''] = issued;
  assert.equal((await agent.retrieveKey(first)).keyId, first);
});

test('a backup mends it without a restart, and no key was issued twice', async () => {
  await kma.poolFilled();
  await kma.backup();
  assert.equal((await status()).keysReady, SIZE);
  assert.equal(lowPool(await status()), false);
  await take(agent, 20);
  assert.equal(issued.size, SIZE + 20);
  assert.equal(kma.kma.pids().get('core'), core, 'the same core');
});

test('confirmed destruction of the only backups makes their keys not Ready', async () => {
  const backups = await kma.rows<{ backupId: string }>('ListBackups', {}, BACKUP);
  for (const { backupId } of backups)
    await kma.ask('ConfirmBackupDestroyed', { backupId, comment: 'shredded' }, BACKUP);
  assert.equal((await status()).keysReady, 0);
  assert.equal(await faultOf(agent.createKey()), 1021);
});

test('the pool is resized within its limits by the Backup Operator alone', async () => {
  const resize = async (size: number, user = BACKUP) => {
    const answer = await kma.answer('ModifyKeyPoolSize', { size }, user);
    return isRefusal(answer) ? answer.refused : null;
  };
  assert.equal(await resize(SIZE - 1), 'INVALID_PARAMETERS');
  assert.equal(await resize(200_001), 'INVALID_PARAMETERS');
  assert.equal(await resize(1200, OPERATOR), 'ACCESS_DENIED');
  assert.equal((await status()).keyPoolSize, SIZE);
  assert.equal(await resize(1200), null);
  await until('the pool has grown', async () => (await status()).keysUnissued >= 1200);
  await kma.backup();
  assert.equal((await status()).keysReady, 1200);
  assert.equal(await resize(SIZE), null);
  const smaller = await status();
  assert.equal(smaller.keyPoolSize, SIZE);
  assert.equal(smaller.keysReady, 1200, 'keys that were made stay');
});
