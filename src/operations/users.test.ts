/** Users: roles, passphrases, and the last Security Officer who has to stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from '../core/facts.ts';
import { checkPassphrase } from '../security/passphrase-verifier.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import {
  changeOwnPassphrase,
  createUser,
  deleteUser,
  listRoles,
  listUsers,
  modifyUser,
  setUserPassphrase,
} from './users.ts';
import { userCaller, World } from './world.fixture.ts';

const OLGA = { user: 'olga', roles: ['OPERATOR'], passphrase: 'Correct-Horse-1' };

function userRow(world: World, name: string) {
  const row = world.state.page('user', '', 100).find((user) => user.name === name);
  assert.ok(row !== undefined);
  return row;
}
async function passphraseFits(world: World, name: string, passphrase: string): Promise<boolean> {
  const object = world.objects.get(userRow(world, name).verifierObjectId ?? '');
  return checkPassphrase(object?.bytes ?? null, SecretBytes.fromText(passphrase));
}

test('a user has the roles given and logs in with the passphrase given', async () => {
  const world = new World();
  await world.did(createUser, { ...OLGA, roles: ['OPERATOR', 'AUDITOR'] });
  const output = await world.rows(listUsers);
  const olga = output.find(({ user }) => user === 'olga');
  assert.deepEqual(olga?.roles, ['OPERATOR', 'AUDITOR']);
  assert.deepEqual([olga?.enabled, olga?.failedLogins], [true, 0]);
  const proofFailures = () => new Map([['user:olga', 2]]);
  const guessed = (await world.did(listUsers, {}, { proofFailures })).output.rows;
  assert.deepEqual(guessed.map(({ failedLogins }) => failedLogins).sort(), [0, 2]);
  assert.ok(await passphraseFits(world, 'olga', 'Correct-Horse-1'));
  assert.ok(!(await passphraseFits(world, 'olga', 'Correct-Horse-2')));
});

test('a user ID is taken once', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  assert.equal(await world.refusal(createUser, OLGA), 'USER_EXISTS');
});

test('the rules of passphrases hold: length, classes of characters, not the name', async () => {
  const world = new World();
  for (const passphrase of ['Short-1', 'alllowercaseletters', 'Olga-is-here-1'])
    assert.equal(await world.refusal(createUser, { ...OLGA, passphrase }), 'INVALID_PASSPHRASE', passphrase);
  assert.equal(world.state.page('user', '', 100).length, 1);
});

test('the minimum length is the security parameter', async () => {
  const world = new World();
  world.commit([set('setting', 'passphraseMinimumLength', { valueJson: '20' })]);
  assert.equal(await world.refusal(createUser, OLGA), 'INVALID_PASSPHRASE');
});

test('no passphrase shows in an audit note or in facts', async () => {
  const world = new World();
  const { decision } = await world.did(createUser, OLGA);
  assert.ok(!JSON.stringify([decision?.audit, decision?.facts]).includes('Horse'));
});

test('roles are replaced, disabling and describing work', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  await world.did(modifyUser, { user: 'olga', roles: ['AUDITOR'], enabled: false, description: 'left' });
  const output = await world.rows(listUsers);
  const olga = output.find(({ user }) => user === 'olga');
  assert.deepEqual([olga?.roles, olga?.enabled, olga?.description], [['AUDITOR'], false, 'left']);
  await world.did(modifyUser, { user: 'olga', roles: ['OPERATOR'] });
  const again = (await world.did(listUsers, {})).output.rows.find(({ user }) => user === 'olga');
  assert.deepEqual(again?.roles, ['OPERATOR']);
});

test('only differences of roles are written, so that two officers do not undo each other', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  const { decision } = await world.did(modifyUser, { user: 'olga', roles: ['OPERATOR', 'AUDITOR'] });
  assert.deepEqual(
    decision?.facts.map(({ id }) => id.split(':')[1]),
    ['AUDITOR', 'AUDITOR'],
  );
});

test('the only Security Officer is not deleted, disabled or stripped of the role', async () => {
  const world = new World();
  assert.equal(await world.refusal(deleteUser, { user: 'officer' }), 'ONLY_SECURITY_OFFICER_DELETE');
  assert.equal(
    await world.refusal(modifyUser, { user: 'officer', enabled: false }),
    'ONLY_SECURITY_OFFICER_DELETE',
  );
  assert.equal(
    await world.refusal(modifyUser, { user: 'officer', roles: ['AUDITOR'] }),
    'ONLY_SECURITY_OFFICER_ROLE',
  );
});

test('with a second Security Officer the first may go, and then the second has to stay', async () => {
  const world = new World();
  await world.did(createUser, { ...OLGA, roles: ['SECURITY_OFFICER'] });
  await world.did(deleteUser, { user: 'officer' });
  assert.equal(await world.refusal(deleteUser, { user: 'olga' }), 'ONLY_SECURITY_OFFICER_DELETE');
});

test('a disabled Security Officer does not count as another one', async () => {
  const world = new World();
  await world.did(createUser, { ...OLGA, roles: ['SECURITY_OFFICER'] });
  await world.did(modifyUser, { user: 'olga', enabled: false });
  assert.equal(await world.refusal(deleteUser, { user: 'officer' }), 'ONLY_SECURITY_OFFICER_DELETE');
  await world.did(deleteUser, { user: 'olga' });
});

test('a new passphrase replaces the old one, erases it, and lifts the block after failures', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  const old = userRow(world, 'olga').verifierObjectId ?? '';
  world.commit([set('user', userRow(world, 'olga').id, { proofDisabled: 1 })]);
  const { decision } = await world.did(setUserPassphrase, { user: 'olga', passphrase: 'Battery-Staple-2' });
  assert.equal(userRow(world, 'olga').proofDisabled, 0);
  assert.ok(!world.objects.has(old));
  assert.deepEqual(decision?.effects, [{ effect: 'passphrase-set', entity: 'user:olga' }]);
  assert.ok(await passphraseFits(world, 'olga', 'Battery-Staple-2'));
  assert.ok(!(await passphraseFits(world, 'olga', 'Correct-Horse-1')));
});

test('a user changes the own passphrase and no other', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  await world.did(createUser, { ...OLGA, user: 'otto' });
  const caller = userCaller(world, 'olga');
  await world.did(changeOwnPassphrase, { newPassphrase: 'Battery-Staple-2' }, { caller });
  assert.ok(await passphraseFits(world, 'olga', 'Battery-Staple-2'));
  assert.ok(await passphraseFits(world, 'otto', 'Correct-Horse-1'));
  const broken = await world.refusal(changeOwnPassphrase, { newPassphrase: 'My-olga-Name-1' }, { caller });
  assert.equal(broken, 'INVALID_PASSPHRASE');
});

test('deleting a user erases what the passphrase was checked with', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  const verifier = userRow(world, 'olga').verifierObjectId ?? '';
  await world.did(deleteUser, { user: 'olga' });
  assert.ok(!world.objects.has(verifier));
  assert.equal(
    await world.refusal(setUserPassphrase, { user: 'olga', passphrase: 'Battery-Staple-2' }),
    'USER_DOES_NOT_EXIST',
  );
});

test('all six roles are listed', async () => {
  assert.equal((await new World().did(listRoles, {})).output.rows.length, 6);
});
