/** Sites: unique names, and in use they stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAgent, modifyAgent } from './agents.ts';
import { modifyKma } from './kmas.ts';
import { createSite, deleteSite, listSites, modifySite } from './sites.ts';
import { World } from './world.fixture.ts';

test('a site is created, described and listed in order of name', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(createSite, { site: 'berlin', description: 'hall 1' });
  await world.did(modifySite, { site: 'rome', description: 'hall 9' });
  const output = await world.rows(listSites);
  assert.deepEqual(
    output.map(({ site, description }) => [site, description]),
    [
      ['berlin', 'hall 1'],
      ['rome', 'hall 9'],
    ],
  );
});

test('a name is taken once, and free again after deletion', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  assert.equal(await world.refusal(createSite, { site: 'rome' }), 'SITE_EXISTS');
  await world.did(deleteSite, { site: 'rome' });
  assert.equal(await world.refusal(deleteSite, { site: 'rome' }), 'SITE_DOES_NOT_EXIST');
  await world.did(createSite, { site: 'rome' });
});

test('two spellings of one name are one name', async () => {
  const world = new World();
  await world.did(createSite, { site: 'Mu\u0308nchen' });
  assert.equal(await world.refusal(createSite, { site: 'M\u00fcnchen' }), 'SITE_EXISTS');
});

test('a site with an agent stays until the agent has left', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(createAgent, { agent: 'drive', passphrase: 'Correct-Horse-1', site: 'rome' });
  assert.equal(await world.refusal(deleteSite, { site: 'rome' }), 'SITE_IN_USE');
  await world.did(modifyAgent, { agent: 'drive', site: '' });
  await world.did(deleteSite, { site: 'rome' });
});

test('a site with a KMA stays', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(modifyKma, { kma: 'kma-1', site: 'rome' });
  assert.equal(await world.refusal(deleteSite, { site: 'rome' }), 'SITE_IN_USE');
});

test('fields that nobody knows are refused', async () => {
  assert.equal(await new World().refusal(createSite, { site: 'rome', colour: 'red' }), 'INVALID_PARAMETERS');
});
