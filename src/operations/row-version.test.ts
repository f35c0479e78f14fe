/** Versions against lost updates: they change with every change of what they stand for, and with nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOperation } from './catalogue.ts';
import { showDataUnit } from './data-units.ts';
import { createKeyPolicy } from './key-policies.ts';
import type { Operation } from './operation.ts';
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

const named = (name: string): Operation => {
  const operation = findOperation(name);
  assert.ok(operation !== undefined, name);
  return operation;
};

for (const [thing, field, given, change] of [
  ['Site', 'site', {}, { description: 'hall 2' }],
  ['KeyPolicy', 'policy', { encryptionPeriod: '1y', cryptoperiod: '2y' }, { allowExportFrom: true }],
  ['KeyGroup', 'group', { policy: 'years' }, { description: 'left' }],
  ['Agent', 'agent', { passphrase: 'Turns-the-wheel-3' }, { enabled: false }],
] as const)
  test(`${thing}: showing, changing and deleting go by one version, which every change makes another`, async () => {
    const world = new World();
    await world.did(createKeyPolicy, { policy: 'years', encryptionPeriod: '1y', cryptoperiod: '2y' });
    const input = { [field]: 'it' };
    await world.did(named(`Create${thing}`), { ...input, ...given });
    const version = () => {
      const versions = ['Show', 'Modify', 'Delete'].map((verb) =>
        named(`${verb}${thing}`).entity?.version(world.state, input),
      );
      assert.equal(new Set(versions).size, 1, versions.join());
      return versions[0];
    };
    const before = version();
    assert.match(before ?? '', /^[0-9a-f]{16}$/);
    await world.did(named(`Modify${thing}`), { ...input, ...change });
    assert.notEqual(version(), before);
    await world.did(named(`Delete${thing}`), input);
    assert.equal(version(), null);
  });

test('a KMA has one version for showing and changing', () => {
  const world = new World();
  const versions = ['ShowKma', 'ModifyKma'].map((name) =>
    named(name).entity?.version(world.state, { kma: 'kma-1' }),
  );
  assert.match(versions[0] ?? '', /^[0-9a-f]{16}$/);
  assert.equal(versions[0], versions[1]);
});

test('what is not there has no version, and parameters have one from the beginning', () => {
  const world = new World();
  assert.equal(modifyUser.entity?.version(world.state, { user: 'nobody' }), null);
  assert.equal(showDataUnit.entity?.version(world.state, { dataUnitId: '0'.repeat(32) }), null);
  assert.match(showSecurityParameters.entity?.version(world.state, {}) ?? '', /^[0-9a-f]{16}$/);
});
