/** A data directory that was copied or put back begins a new life, which hands out none of the keys of the old one (architecture 5.8). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { faultOf } from './support/fault.ts';
import { AUDITOR, TestKma } from './support/kma.ts';
import { allKeyIds, returningAgent, withStore } from './support/restoring.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
await kma.agent('drive-1', { settings: { failoverLimit: 0 } });

const agentOf = (of: TestKma) => returningAgent(of, kma.profile('drive-1'));
const incarnation = (data: string): string =>
  JSON.parse(readFileSync(join(data, 'local', 'identity.json'), 'utf8')).incarnationId;

/** As a person does it, with dates and permissions. */
const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

async function create(of: TestKma, keys: number): Promise<string[]> {
  const agent = await agentOf(of);
  const made: string[] = [];
  for (let i = 0; i < keys; i++) made.push((await agent.createKey()).keyId);
  return made;
}

/** `of` runs a life that began after `before`: no old key is handed out, not even when new ones are ready; old ones can be retrieved. */
async function isNewLife(
  of: TestKma,
  before: string,
  oldKeys: readonly string[],
  issued: string,
): Promise<void> {
  const now = incarnation(of.data);
  assert.notEqual(now, before);
  assert.equal(
    withStore(of.data, ({ state }) => state.get('incarnation', now)?.reason),
    'copy',
  );
  const agent = await agentOf(of);
  assert.equal(await faultOf(agent.createKey()), 1021, 'nothing is ready before a backup of the new life');
  await of.poolFilled();
  await of.backup();
  const made = await create(of, 10);
  assert.deepEqual(
    made.filter((keyId) => oldKeys.includes(keyId)),
    [],
  );
  assert.equal((await agent.retrieveKey(issued)).keyId, issued);
  const [noted] = await of.rows<AuditRecord>(
    'ListAuditEvents',
    { filter: ['operation=BeginIncarnation'], limit: 1 },
    AUDITOR,
  );
  assert.equal(noted?.severity, 'warning');
  const chains = await of.ask<{ verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual(
    chains.filter(({ verdict }) => verdict !== 'intact'),
    [],
  );
}

test('an ordinary restart, also of a moved directory, goes on with the same life', async () => {
  const before = incarnation(kma.data);
  const moved = `${kma.data}-moved`;
  await kma.stop();
  for (const [from, to] of [
    [kma.data, moved],
    [moved, kma.data],
  ] as const) {
    renameSync(from, to);
    renameSync(`${from}.unlock-key`, `${to}.unlock-key`);
    const again = await TestKma.on(to, kma.folder);
    await create(again, 1);
    await again.stop();
    assert.equal(incarnation(to), before);
  }
  await kma.resume();
});

test('a copied data directory begins a new life; the original goes on with its own', async () => {
  const before = incarnation(kma.data);
  const [issued = ''] = await create(kma, 1);
  await kma.stop();
  const oldKeys = allKeyIds(kma.data);
  const data = join(kma.folder, 'copy');
  copy(kma.data, data);
  copy(`${kma.data}.unlock-key`, `${data}.unlock-key`);
  await kma.resume();
  assert.equal(incarnation(kma.data), before);
  const copied = await TestKma.on(data, kma.folder);
  await isNewLife(copied, before, oldKeys, issued);
  await copied.stop();
  assert.equal((await create(kma, 3)).length, 3, 'the original still has its ready keys');
  assert.equal(incarnation(kma.data), before);
});

test('a store put back from another day begins a new life', async () => {
  const before = incarnation(kma.data);
  await kma.stop();
  const database = () => readdirSync(kma.data).filter((name) => name.startsWith('kma.db'));
  const saved = new Map(database().map((name) => [name, readFileSync(join(kma.data, name))]));
  await kma.resume();
  const [issuedLater = ''] = await create(kma, 1);
  await kma.stop();
  const oldKeys = allKeyIds(kma.data);
  for (const name of database()) if (!saved.has(name)) rmSync(join(kma.data, name));
  for (const [name, bytes] of saved) writeFileSync(join(kma.data, name), bytes, { mode: 0o600 });
  await kma.resume();
  await isNewLife(kma, before, oldKeys, issuedLater);
});

test('a whole data directory put back from another day begins a new life', async () => {
  const before = incarnation(kma.data);
  await kma.stop();
  const saved = join(kma.folder, 'saved');
  copy(kma.data, saved);
  await kma.resume();
  const [issuedLater = ''] = await create(kma, 1);
  await kma.stop();
  const oldKeys = allKeyIds(kma.data);
  rmSync(kma.data, { recursive: true });
  copy(saved, kma.data);
  await kma.resume();
  await isNewLife(kma, before, oldKeys, issuedLater);
});

test('a whole data directory written back over its own files begins a new life', async () => {
  const before = incarnation(kma.data);
  await kma.stop();
  const saved = join(kma.folder, 'saved-again');
  copy(kma.data, saved);
  await kma.resume();
  const [issuedLater = ''] = await create(kma, 1);
  await kma.stop();
  const oldKeys = allKeyIds(kma.data);
  copy(`${saved}/.`, kma.data);
  await kma.resume();
  await isNewLife(kma, before, oldKeys, issuedLater);
  const listed = await kma.rows<{ incarnationId: string }>('ListPerhapsIssuedKeys', { limit: 1000 }, AUDITOR);
  assert.ok(
    listed.some(({ incarnationId }) => incarnationId === before),
    'the keys of the life before are listed as perhaps issued',
  );
});
