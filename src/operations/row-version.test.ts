/** Versions against lost updates: they change with every change of what they stand for, and with nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showDataUnit } from './data-units.ts';
import { showSecurityParameters } from './settings-operations.ts';
import { createSite } from './sites.ts';
import { createUser, modifyUser } from './users.ts';
import { World } from './world.fixture.ts';

const OLGA = { user: 'olga', roles: ['OPERATOR'], passphrase: 'Turns-the-wheel-3' };

test('the version of a user changes with his description, his roles and his being enabled, and with nobody else', async () => {
  const world = new World();
  await world.did(createUser, OLGA);
  const version = () => modifyUser.entity?.version(world.state, { user: 'olga' });
  const seen = [version()];
  for (const change of [{ description: 'shift 2' }, { roles: ['OPERATOR', 'AUDITOR'] }, { enabled: false }]) {
    await world.did(modifyUser, { user: 'olga', ...change });
    seen.push(version());
  }
  assert.equal(new Set(seen).size, 4);
  assert.match(seen[0] ?? '', /^[0-9a-f]{16}$/);
  await world.did(createUser, { ...OLGA, user: 'pit' });
  await world.did(createSite, { site: 'site-a' });
  assert.equal(version(), seen.at(-1));
});

test('what is not there has no version, and parameters have one from the beginning', () => {
  const world = new World();
  assert.equal(modifyUser.entity?.version(world.state, { user: 'nobody' }), null);
  assert.equal(showDataUnit.entity?.version(world.state, { dataUnitId: '0'.repeat(32) }), null);
  assert.match(showSecurityParameters.entity?.version(world.state, {}) ?? '', /^[0-9a-f]{16}$/);
});
