/** Operations that wait for a quorum, in a whole KMA: put aside by the core, approved by several people, carried out once. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { sealCredentials, x25519PublicKey } from '@openkma/protocol';
import type { Fingerprint, UserId } from '../src/core/ids.ts';
import { byName } from '../src/core/live.ts';
import { isRefusal } from '../src/core/refusal.ts';
import type { AuditRecord } from '../src/operations/audit-record.ts';
import { APPLIANCE, type CoreAnswer } from '../src/processes/core/core-call.ts';
import type { RunningCore } from '../src/processes/core/open-core.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import { withCore } from './support/core-alone.ts';
import { AUDITOR, HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';

const MEMBERS = ['quentin', 'quincy'].map((name) => ({ name, passphrase: 'Signs-with-others-9' }));
const [ONE, TWO] = HOLDERS as [Person, Person];
const SESSION = 'A'.repeat(64) as Fingerprint;
const BOTH_ROLES = { user: OPERATOR.name, roles: ['OPERATOR', 'AUDITOR'] };

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
for (const { name, passphrase } of MEMBERS)
  await kma.ask('CreateUser', { user: name, roles: ['QUORUM_MEMBER'], passphrase }, OFFICER, QUORUM);

/** As a caller over the network asks: with sealed credentials, and content to wait. */
function managed(running: RunningCore) {
  const { store, memory } = running.core.parts;
  const officer = byName(store.state, 'user', OFFICER.name);
  const privateKey = randomBytes(32);
  const publicKey = x25519PublicKey(privateKey);
  memory.sealingKeys.remember(SESSION, new SecretBytes(privateKey));
  const userId = officer?.id as UserId;
  const claim = { claim: 'user', userId, verifierObjectId: officer?.verifierObjectId ?? '' } as const;
  return (operation: string, input: object, credentials: readonly Person[]): Promise<CoreAnswer> => {
    const sealedFor = { clientKeySha256: Buffer.from(SESSION, 'hex'), operation, input };
    const box = sealCredentials(publicKey, sealedFor, credentials);
    const sealedQuorum = { keySha256: SESSION, box };
    return running.core.call({ operation, input, origin: APPLIANCE, claim, sealedQuorum, mayPend: true });
  };
}

async function atTheCore<T>(work: (running: RunningCore) => Promise<T>): Promise<T> {
  await kma.stop();
  try {
    return await withCore(kma.data, work);
  } finally {
    await kma.resume();
  }
}

async function submitted(operation: string, input: object, credentials: readonly Person[]): Promise<string> {
  const answer = await atTheCore((running) => managed(running)(operation, input, credentials));
  if (isRefusal(answer) || answer.pending === undefined) throw new Error(JSON.stringify(answer));
  return answer.pending;
}

interface Shown {
  readonly text: string;
  readonly textSha256: string;
  readonly code: string;
  readonly counting: number;
  readonly state: string;
}
const show = (pendingId: string) => kma.ask<Shown>('ShowPendingOperation', { pendingId }, MEMBERS[0]);
const rolesOfOperator = async () => {
  const users = await kma.rows<{ user: string; roles: string[] }>('ListUsers', {}, OFFICER);
  return users.find(({ user }) => user === OPERATOR.name)?.roles;
};
const code = (answer: unknown) => (isRefusal(answer) ? answer.refused : 'accepted');

test('an operation approved by two people, one after the other, is carried out with the second', async () => {
  const pendingId = await submitted('ModifyUser', BOTH_ROLES, []);
  const { text, textSha256 } = await show(pendingId);
  assert.match(text, /Roles: OPERATOR -> OPERATOR, AUDITOR/);
  const input = { pendingId, textSha256 };
  const first = await kma.ask('ApprovePendingOperation', input, MEMBERS[0], [ONE]);
  assert.deepEqual(first, { pendingId, executed: false, approvals: 1, needed: 2 });
  assert.deepEqual(await rolesOfOperator(), ['OPERATOR']);
  const second = await kma.ask('ApprovePendingOperation', input, MEMBERS[1], [TWO]);
  assert.deepEqual(second, { pendingId, executed: true, approvals: 2, needed: 2 });
  assert.deepEqual(await rolesOfOperator(), ['OPERATOR', 'AUDITOR']);
  assert.equal((await show(pendingId)).state, 'executed');
  assert.equal(
    code(await kma.answer('ApprovePendingOperation', input, MEMBERS[1], [ONE])),
    'PENDING_FINISHED',
  );
  const records = await kma.rows<AuditRecord>(
    'ListAuditEvents',
    { filter: ['operation=ModifyUser'], limit: 10 },
    AUDITOR,
  );
  const done = records.find(({ message }) => message.includes(`pending=${pendingId} approvedBy=`));
  assert.equal(done?.entityId, OFFICER.name);
  assert.match(done?.message ?? '', /approvedBy=holder-one,holder-two$/);
});

test('a change of what would happen voids what was approved', async () => {
  const pendingId = await submitted('ModifyUser', { user: OPERATOR.name, roles: ['OPERATOR'] }, [ONE]);
  const before = await show(pendingId);
  assert.equal(before.counting, 1);
  await kma.ask('ModifyUser', { user: OPERATOR.name, description: 'night shift' }, OFFICER, QUORUM);
  const after = await show(pendingId);
  assert.equal(after.counting, 0);
  assert.notEqual(after.code, before.code);
  const approve = (textSha256: string) =>
    kma.answer('ApprovePendingOperation', { pendingId, textSha256 }, MEMBERS[0], [TWO]);
  assert.equal(code(await approve(before.textSha256)), 'PENDING_CHANGED');
  assert.equal(code(await approve(after.textSha256)), 'accepted');
  assert.equal((await show(pendingId)).state, 'open');
  await kma.ask('DeletePendingOperation', { pendingId }, OFFICER);
});

test('a new passphrase waits as its verifier, and works once it is approved', async () => {
  const passphrase = 'Found-behind-a-stone-3';
  const pendingId = await submitted('SetUserPassphrase', { user: OPERATOR.name, passphrase }, [ONE]);
  const changed: Person = { ...OPERATOR, passphrase };
  assert.equal(code(await kma.answer('ShowLockStatus', {}, changed)), 'AUTHENTICATION_FAILED');
  const { textSha256 } = await show(pendingId);
  await kma.ask('ApprovePendingOperation', { pendingId, textSha256 }, MEMBERS[0], [TWO]);
  assert.equal(code(await kma.answer('ShowLockStatus', {}, changed)), 'accepted');
});

test('with enough sealed credentials it is done at once; with a wrong one nothing waits and no name is told', async () => {
  const wrong = { name: TWO.name, passphrase: 'Wrong-part-7' };
  const nobody = { name: 'nobody', passphrase: TWO.passphrase };
  await atTheCore(async (running) => {
    const ask = managed(running);
    for (const credentials of [[wrong], [ONE, wrong], [ONE, nobody], [ONE, ONE]])
      assert.deepEqual(await ask('ModifyUser', BOTH_ROLES, credentials), { refused: 'QUORUM_NOT_MET' });
    assert.equal(code(await ask('ModifyUser', BOTH_ROLES, [ONE, TWO])), 'accepted');
    assert.deepEqual(await ask('AcceptClock', {}, [ONE]), { refused: 'QUORUM_NOT_MET' }, 'it cannot wait');
  });
  assert.deepEqual(await rolesOfOperator(), ['OPERATOR', 'AUDITOR']);
  assert.deepEqual(await kma.rows('ListPendingOperations', {}, MEMBERS[0]), []);
});

test('who guesses at credentials has to wait', async () => {
  const wrong = { name: TWO.name, passphrase: 'Wrong-part-7' };
  await atTheCore(async (running) => {
    const ask = managed(running);
    const codes = [];
    for (let guess = 0; guess < 6; guess += 1) codes.push(code(await ask('ModifyUser', BOTH_ROLES, [wrong])));
    assert.deepEqual(codes, [...Array(5).fill('QUORUM_NOT_MET'), 'SERVER_BUSY']);
  });
});

test('only quorum members approve, and only with credentials', async () => {
  const pendingId = await submitted('ModifyUser', { user: OPERATOR.name, enabled: false }, [ONE]);
  const input = { pendingId, textSha256: (await show(pendingId)).textSha256 };
  assert.equal(code(await kma.answer('ApprovePendingOperation', input, OFFICER, QUORUM)), 'ACCESS_DENIED');
  assert.equal(code(await kma.answer('ApprovePendingOperation', input, MEMBERS[0], [])), 'QUORUM_NOT_MET');
  assert.equal(code(await kma.answer('ShowPendingOperation', { pendingId }, AUDITOR)), 'ACCESS_DENIED');
  await kma.ask('DeletePendingOperation', { pendingId }, MEMBERS[1]);
});

test('the appliance command never puts anything aside', async () => {
  assert.equal(code(await kma.answer('ModifyUser', BOTH_ROLES, OFFICER, [ONE])), 'QUORUM_NOT_MET');
});
