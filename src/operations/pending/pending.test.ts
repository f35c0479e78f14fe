/** Pending quorum operations: approved by several people on several days, void as soon as anything of what they would do changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from '../../core/facts.ts';
import type { KeySplitId, KmaId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal } from '../../core/refusal.ts';
import { settingFact } from '../../core/settings.ts';
import { checkPassphrase } from '../../security/passphrase-verifier.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { operations } from '../catalogue.ts';
import { createUser, deleteUser, modifyUser } from '../users.ts';
import { DAY_MS, userCaller } from '../world.fixture.ts';
import { deletePendingOperation } from './delete.ts';
import { findPendable } from './pending-text.ts';
import { PendingWorld } from './pending-world.fixture.ts';
import { needsTidying, tidyPendingOperations } from './tidy.ts';
import { listPendingOperations } from './view.ts';

const PASSPHRASE = 'Another-one-2';
const AUDITOR_TOO = { user: 'olga', roles: ['OPERATOR', 'AUDITOR'] };

const isAuditor = (world: PendingWorld) =>
  world.state.get('user_role', `${byName(world.state, 'user', 'olga')?.id}:AUDITOR`)?.present === 1;

test('an operation is carried out when the last approval that is needed comes, days after the first', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO);
  assert.equal((await world.show(id)).counting, 0);
  assert.equal(await world.outcome(id, ['ann']), 'waits');
  assert.ok(!isAuditor(world));
  world.nowMs += 1.9 * DAY_MS;
  assert.equal(await world.outcome(id, ['cem']), 'executed');
  assert.ok(isAuditor(world));
  assert.equal(await world.outcome(id, ['ben'], 'A'.repeat(64)), 'PENDING_FINISHED');
});

test('credentials that came with the submission count, and each name once', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  assert.equal(await world.outcome(id, ['ann', 'ann']), 'PENDING_APPROVED_ALREADY');
  assert.equal((await world.show(id)).approvals.length, 1);
  assert.equal(await world.outcome(id, ['ann', 'ben']), 'executed');
  assert.equal((await world.show(id)).approvals.length, 2);
});

test('the record of what was carried out names who submitted it and whose credentials approved it', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  const ran = await world.approve(id, ['ben']);
  assert.ok(!isRefusal(ran));
  const { executed, audit } = ran.decision ?? assert.fail();
  assert.equal(executed?.operation.name, 'ModifyUser');
  assert.ok(executed?.caller.kind === 'user' && executed.caller.name === 'officer');
  assert.equal(executed.audit.message, `user=olga changed=roles pending=${id} approvedBy=ann,ben`);
  assert.match(audit?.message ?? '', /approvals=2\/2 approvedBy=ben$/);
});

test('an approval older than the setting no longer counts, and the operation stays', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  world.nowMs += 2 * DAY_MS + 1000;
  assert.equal(await world.outcome(id, ['ben']), 'waits');
  assert.deepEqual(
    (await world.show(id)).approvals.map(({ credential, standing }) => [credential, standing]).sort(),
    [
      ['ann', 'expired'],
      ['ben', 'counts'],
    ],
  );
  assert.equal(await world.outcome(id, ['ann']), 'executed');
});

test('an approval counts as long as the setting said when it was given: a longer time revives none, a shorter one ends none', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  world.nowMs += 2 * DAY_MS + 1000;
  const standings = async () => (await world.show(id)).approvals.map(({ standing }) => standing);
  assert.deepEqual(await standings(), ['expired']);
  world.commit([settingFact('pendingCredentialsHours', 24 * 365)]);
  assert.deepEqual(await standings(), ['expired']);
  assert.equal(await world.outcome(id, ['ben']), 'waits');
  world.commit([settingFact('pendingCredentialsHours', 1)]);
  world.nowMs += 300 * DAY_MS;
  assert.equal(await world.outcome(id, ['ann']), 'executed');
});

test('an approval of a text that is no longer true is refused, and earlier ones are void', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  const before = await world.show(id);
  await world.did(modifyUser, { user: 'olga', description: 'on leave' });
  const after = await world.show(id);
  assert.notEqual(after.code, before.code);
  assert.equal(after.counting, 0);
  assert.deepEqual(
    after.approvals.map(({ standing }) => standing),
    ['changed'],
  );
  assert.equal(await world.outcome(id, ['ben'], before.textSha256), 'PENDING_CHANGED');
  assert.equal(await world.outcome(id, ['ben']), 'waits');
  assert.equal(await world.outcome(id, ['ann']), 'executed');
});

test('whatever changes of the target voids what was approved', async () => {
  const olga = (world: PendingWorld) => byName(world.state, 'user', 'olga')?.id ?? assert.fail();
  const changes: readonly (readonly [string, (world: PendingWorld) => unknown])[] = [
    ['roles', (world) => world.did(modifyUser, { user: 'olga', roles: ['BACKUP_OPERATOR'] })],
    ['enabled', (world) => world.did(modifyUser, { user: 'olga', enabled: false })],
    ['passphrase', (world) => world.commit([set('user', olga(world), { verifierSha256: 'F'.repeat(64) })])],
    [
      'another user of the name',
      async (world) => {
        await world.did(deleteUser, { user: 'olga' });
        await world.did(createUser, { user: 'olga', roles: ['OPERATOR'], passphrase: 'Right-one-1' });
      },
    ],
  ];
  for (const [what, change] of changes) {
    const world = await PendingWorld.create();
    const id = await world.submit('SetUserPassphrase', { user: 'olga', passphrase: PASSPHRASE }, ['ann']);
    assert.equal((await world.show(id)).counting, 1);
    await change(world);
    assert.equal((await world.show(id)).counting, 0, what);
  }
});

test('another key split voids what was approved under the one before', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  const splitId = '9'.repeat(32) as KeySplitId;
  const split = world.state.get('key_split', world.keySplitId);
  world.state.putRow('key_split', { ...split, id: splitId, stamps: '{}', threshold: 3 });
  world.commit([settingFact('currentKeySplitId', splitId)]);
  const shown = await world.show(id);
  assert.deepEqual([shown.counting, shown.needed], [0, 3]);
});

test('of a passphrase only the verifier is kept, and it is the one that counts after the approval', async () => {
  const world = await PendingWorld.create();
  const input = { user: 'nina', roles: ['AUDITOR'], passphrase: PASSPHRASE };
  const id = await world.submit('CreateUser', input);
  const row = world.state.get('pending_operation', id);
  assert.ok(!JSON.stringify(row).includes(PASSPHRASE));
  assert.equal(row?.inputJson, '{"roles":["AUDITOR"],"user":"nina"}');
  assert.ok((await world.show(id)).text.includes(row?.objectSha256 ?? 'none'));
  assert.equal(await world.outcome(id, ['ann', 'ben']), 'executed');
  const object = world.objects.get(byName(world.state, 'user', 'nina')?.verifierObjectId ?? '');
  assert.ok(await checkPassphrase(object?.bytes ?? null, SecretBytes.fromText(PASSPHRASE)));
});

test('every operation that needs a quorum either waits for it, or is one that cannot', () => {
  /** Unlocking and a new split need the root key material itself; a clock that is odd dates no approval. */
  const atOnce = ['AcceptClock', 'AcceptLogClock', 'ModifyKeySplit', 'UnlockKma'];
  const needing = operations.filter(({ quorum }) => quorum === true).map(({ name }) => name);
  assert.deepEqual(needing.filter((name) => findPendable(name) === undefined).sort(), atOnce);
});

test('every operation that can wait is submitted, shown and carried out', async () => {
  const inputs: Readonly<Record<string, object>> = {
    CreateUser: { user: 'nina', roles: ['AUDITOR'], passphrase: PASSPHRASE },
    ModifyUser: AUDITOR_TOO,
    SetUserPassphrase: { user: 'olga', passphrase: PASSPHRASE },
    ModifyKma: { kma: 'kma-1', serviceAddress: '192.0.2.1', description: 'cellar' },
    SetKmaPassphrase: { kma: 'kma-2', passphrase: PASSPHRASE },
    SetAutonomousUnlock: { enabled: false },
  };
  for (const [operation, input] of Object.entries(inputs)) {
    const world = await PendingWorld.create();
    const other = world.state.get('kma', world.self.kmaId);
    world.state.putRow('kma', { ...other, id: 'D'.repeat(32), stamps: '{}', name: 'kma-2' });
    const id = await world.submit(operation, input);
    const shown = await world.show(id);
    assert.ok(shown.text.startsWith('OpenKMA pending quorum operation') && shown.text.includes(operation));
    assert.ok(!shown.text.includes(PASSPHRASE), operation);
    assert.equal(await world.outcome(id, ['ann', 'ben']), 'executed', operation);
    assert.equal((await world.show(id)).state, 'executed');
  }
});

test('what could not be carried out now is refused at once, and what no longer can is refused to its last approver', async () => {
  const world = await PendingWorld.create();
  const nina = { user: 'nina', roles: ['AUDITOR'], passphrase: PASSPHRASE };
  const refusal = await world.submitting('ModifyUser', { user: 'nobody', enabled: false });
  assert.ok(isRefusal(refusal) && refusal.refused === 'USER_DOES_NOT_EXIST');
  const last = await world.submitting('ModifyUser', { user: 'officer', enabled: false });
  assert.ok(isRefusal(last) && last.refused === 'ONLY_SECURITY_OFFICER_DELETE');
  const id = await world.submit('CreateUser', nina, ['ann']);
  const { textSha256 } = await world.show(id);
  await world.did(createUser, nina);
  assert.equal((await world.show(id)).obstacle, 'USER_EXISTS');
  assert.equal(await world.outcome(id, ['ben'], textSha256), 'USER_EXISTS');
  assert.equal((await world.show(id)).state, 'open');
});

test('nothing is carried out in the name of somebody who may no longer do it', async () => {
  const losses = [{ enabled: false }, { roles: ['AUDITOR'] }];
  for (const loss of losses) {
    const world = await PendingWorld.create();
    const second = { user: 'otto', roles: ['SECURITY_OFFICER'], passphrase: 'Right-one-1' };
    await world.did(createUser, second);
    const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann'], 'otto');
    await world.did(modifyUser, { user: 'otto', ...loss });
    assert.equal(await world.outcome(id, ['ben']), 'PENDING_SUBMITTER');
    assert.ok(!isAuditor(world));
    assert.equal((await world.show(id)).counting, 1, 'the refused approval is not kept');
  }
});

test('what needs an unlocked KMA waits for it', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('SetAutonomousUnlock', { enabled: false }, ['ann']);
  world.unlocked = false;
  assert.equal(await world.outcome(id, ['ben']), 'APPLIANCE_LOCKED');
  world.unlocked = true;
  assert.equal(await world.outcome(id, ['ben']), 'executed');
});

test('a deleted operation is not carried out, and the verifier of its passphrase is gone', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('SetUserPassphrase', { user: 'olga', passphrase: PASSPHRASE }, ['ann']);
  const { textSha256 } = await world.show(id);
  const objectId = world.state.get('pending_operation', id)?.objectId ?? '';
  assert.ok(world.objects.has(objectId));
  await world.did(deletePendingOperation, { pendingId: id }, { caller: userCaller(world, 'quincy') });
  assert.ok(!world.objects.has(objectId));
  assert.equal(await world.outcome(id, ['ben'], textSha256), 'PENDING_FINISHED');
  const rows = async (input: object) => (await world.did(listPendingOperations, input)).output.rows;
  assert.deepEqual(await rows({}), []);
  assert.deepEqual(
    (await rows({ finished: true })).map(({ state }) => state),
    ['deleted'],
  );
});

test('an operation submitted at another KMA is approved and deleted there', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  const { textSha256 } = await world.show(id);
  Object.assign(world.self, { kmaId: 'E'.repeat(32) as KmaId });
  assert.equal(await world.outcome(id, ['ben'], textSha256), 'PENDING_ELSEWHERE');
  const caller = userCaller(world, 'officer');
  assert.equal(
    await world.refusal(deletePendingOperation, { pendingId: id }, { caller }),
    'PENDING_ELSEWHERE',
  );
});

test('what was submitted at another KMA is tidied away there, and gives no reason to tidy here', async () => {
  const world = await PendingWorld.create();
  await world.submit('ModifyUser', AUDITOR_TOO, ['ann']);
  const home = world.self.kmaId;
  world.nowMs += 100 * DAY_MS;
  Object.assign(world.self, { kmaId: 'E'.repeat(32) as KmaId });
  assert.ok(!needsTidying(world.state, world.self, world.nowMs));
  Object.assign(world.self, { kmaId: home });
  assert.ok(needsTidying(world.state, world.self, world.nowMs));
});

test('expired approvals and forgotten operations are tidied away, and nothing else', async () => {
  const world = await PendingWorld.create();
  const id = await world.submit('SetUserPassphrase', { user: 'olga', passphrase: PASSPHRASE }, ['ann']);
  assert.ok(!needsTidying(world.state, world.self, world.nowMs));
  world.nowMs += 3 * DAY_MS;
  assert.equal(await world.outcome(id, ['ben']), 'waits');
  assert.ok(needsTidying(world.state, world.self, world.nowMs));
  await world.did(tidyPendingOperations, {});
  assert.deepEqual(
    (await world.show(id)).approvals.map(({ credential }) => credential),
    ['ben'],
  );
  assert.ok(!needsTidying(world.state, world.self, world.nowMs));
  world.nowMs += 91 * DAY_MS;
  await world.did(tidyPendingOperations, {});
  assert.equal(await world.outcome(id, ['ann'], 'A'.repeat(64)), 'PENDING_DOES_NOT_EXIST');
  assert.ok(!needsTidying(world.state, world.self, world.nowMs));
});
