/** Lock, cold start, log-in while locked, unlock by a quorum, autonomous unlocking (architecture, D5 and D14). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { KmaClient } from '@openkma/agent';
import { isRefusal } from '../src/core/refusal.ts';
import type { ErrorCode } from '../src/errors.ts';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { faultOf } from './support/fault.ts';
import { AUDITOR, HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { returningAgent } from './support/restoring.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
await kma.agent('drive-1', { settings: { failoverLimit: 0 } });
const key = await (await client()).createKey();

/** Anew for each question, since ports change with a restart and a client remembers a KMA that was locked. */
function client(): Promise<KmaClient> {
  return returningAgent(kma, kma.profile('drive-1'));
}
async function refused(
  operation: string,
  user: Person,
  quorum: readonly Person[] = [],
): Promise<ErrorCode | null> {
  const answer = await kma.answer(operation, {}, user, quorum);
  return isRefusal(answer) ? answer.refused : null;
}
async function locked(): Promise<boolean> {
  return (await kma.ask<{ locked: boolean }>('ShowLockStatus', {}, OPERATOR)).locked;
}
async function lock(): Promise<void> {
  const before = kma.kma.pids().get('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until(
    'the core that knew the keys is gone',
    () => ![undefined, before].includes(kma.kma.pids().get('core')),
  );
  await until('the next core answers', locked);
}
async function restart(): Promise<void> {
  await kma.stop();
  await kma.resume();
}
const agentGets = async () => Buffer.from((await (await client()).retrieveKey(key.keyId)).key.reveal());

test('a locked KMA refuses agents with 1018, says Locked in discovery, and its core is another process', async () => {
  const before = kma.kma.pids().get('core') ?? 0;
  await lock();
  assert.throws(() => process.kill(before, 0), { code: 'ESRCH' });
  const agent = await client();
  assert.equal(await faultOf(agent.createKey()), 1018);
  assert.equal(await faultOf(agent.retrieveKey(key.keyId)), 1018);
  assert.equal(await faultOf(agent.listKeyGroups()), 1018);
  const [member] = (await agent.discover()).members;
  assert.equal(member?.locked, true);
  assert.equal(await refused('LockKma', OFFICER), 'CORE_SECURITY_ALREADY_LOCKED');
});

test('it stays locked through a restart and a killed core, with autonomous unlocking on', async () => {
  await restart();
  assert.equal(kma.kma.locked(), true);
  assert.equal(await locked(), true);
  const pid = kma.kma.pids().get('core') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('another core runs', () => ![undefined, pid].includes(kma.kma.pids().get('core')));
  assert.equal(await until('the next core answers', locked), true);
  assert.equal(await faultOf((await client()).createKey()), 1018);
});

test('after a cold start people log in to the locked KMA with their passphrases, and only with them', async () => {
  assert.equal(await refused('ListUsers', OFFICER), null);
  assert.equal(await refused('ListAuditEvents', AUDITOR), null);
  assert.equal(
    await refused('ListUsers', { ...OFFICER, passphrase: 'Wrong-passphrase-1' }),
    'AUTHENTICATION_FAILED',
  );
  assert.equal(
    await refused('CreateDatabaseBackup', { name: 'backups', passphrase: 'Keeps-the-copies-4' }),
    'APPLIANCE_LOCKED',
  );
});

test('what is sealed cannot be made while locked', async () => {
  const input = { agent: 'drive-2', passphrase: 'Enrol-me-once-6' };
  const answer = await kma.answer('CreateAgent', input, OPERATOR);
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, 'APPLIANCE_LOCKED');
});

test('too few, wrong or doubled shares do not unlock it, nor does another role', async () => {
  const [first, second] = HOLDERS;
  assert.ok(first !== undefined && second !== undefined);
  for (const quorum of [[], [first], [first, first], [first, { ...second, passphrase: first.passphrase }]])
    assert.equal(await refused('UnlockKma', OFFICER, quorum), 'QUORUM_NOT_MET');
  assert.equal(await refused('UnlockKma', OPERATOR, QUORUM), 'ACCESS_DENIED');
  assert.equal(await locked(), true);
  const records = await kma.rows<AuditRecord>(
    'ListAuditEvents',
    { filter: ['operation=UnlockKma'], limit: 10 },
    AUDITOR,
  );
  assert.equal(records.length, 5);
  assert.ok(records.every(({ severity }) => severity === 'error'));
  assert.ok(records.every((record) => record.class === 'Security Violation'));
});

test('enough shares unlock it, and the agent gets its key', async () => {
  await kma.ask('UnlockKma', {}, OFFICER, HOLDERS.slice(1));
  assert.equal(await locked(), false);
  assert.deepEqual(await agentGets(), key.key.reveal());
  const [member] = (await (await client()).discover()).members;
  assert.equal(member?.locked, false);
  assert.equal(await refused('UnlockKma', OFFICER, QUORUM), 'CORE_SECURITY_ALREADY_UNLOCKED');
});

test('with autonomous unlocking on, an unlocked KMA starts unlocked', async () => {
  await restart();
  assert.equal(kma.kma.locked(), false);
  assert.deepEqual(await agentGets(), key.key.reveal());
});

test('autonomous unlocking off: the key beside the data directory is gone, and a start is a cold one', async () => {
  const set = (enabled: boolean, quorum: readonly Person[]) =>
    kma.answer('SetAutonomousUnlock', { enabled }, OFFICER, quorum);
  const tooFew = await set(false, HOLDERS.slice(0, 1));
  assert.ok(isRefusal(tooFew));
  assert.equal(tooFew.refused, 'QUORUM_NOT_MET');
  assert.ok(existsSync(`${kma.data}.unlock-key`), 'a refused change changes nothing');
  assert.ok(!isRefusal(await set(false, QUORUM)));
  assert.ok(!existsSync(`${kma.data}.unlock-key`));
  const shown = await kma.ask<{ autonomousUnlock: boolean }>('ShowAutonomousUnlock', {}, OFFICER);
  assert.equal(shown.autonomousUnlock, false);
  assert.deepEqual(await agentGets(), key.key.reveal(), 'it goes on unlocked');
  await restart();
  assert.equal(kma.kma.locked(), true);
  assert.equal(await faultOf((await client()).createKey()), 1018);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  assert.deepEqual(await agentGets(), key.key.reveal());
});

test('without autonomous unlocking a killed core comes back locked', async () => {
  const pid = kma.kma.pids().get('core') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('the next core answers, locked', locked);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
});

test('the unlock key of another KMA is neither replaced nor removed', async () => {
  const path = `${kma.data}.unlock-key`;
  const foreign = randomBytes(32);
  writeFileSync(path, foreign, { mode: 0o600 });
  const set = await kma.answer('SetAutonomousUnlock', { enabled: true }, OFFICER, QUORUM);
  assert.ok(isRefusal(set));
  assert.equal(set.refused, 'DATA_DIRECTORY_NOT_EMPTY');
  await kma.ask('SetAutonomousUnlock', { enabled: false }, OFFICER, QUORUM);
  assert.deepEqual(readFileSync(path), foreign);
  rmSync(path);
});

test('autonomous unlocking on again: it starts unlocked', async () => {
  await kma.ask('SetAutonomousUnlock', { enabled: true }, OFFICER, QUORUM);
  await restart();
  assert.equal(kma.kma.locked(), false);
  assert.deepEqual(await agentGets(), key.key.reveal());
});
