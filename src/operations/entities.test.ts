/** Names as identity of people's commands: namesakes after a partition, lists that are bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, removed, set } from '../core/facts.ts';
import { isRefusal } from '../core/refusal.ts';
import { find, livingRows, shownName, visitRows, walk } from './entities.ts';
import { deleteSite, listSites } from './sites.ts';
import { World } from './world.fixture.ts';

const FIRST = '9'.repeat(32);
const SECOND = `${'0'.repeat(28)}ABCD`;

/** Made on two sides of a partition. */
function worldWithNamesakes(): World {
  const world = new World();
  for (const id of [FIRST, SECOND]) {
    world.commit([
      created('site', id, { name: 'rome', createdAt: world.nowMs }),
      set('site', id, { description: id }),
    ]);
  }
  return world;
}

test('of two with one name the earlier keeps it and the later is shown as name~xxxx', async () => {
  const world = worldWithNamesakes();
  const output = await world.rows(listSites);
  assert.deepEqual(
    output.map(({ site, description }) => [site, description]),
    [
      ['rome', FIRST],
      ['rome~ABCD', SECOND],
    ],
  );
});

test('the later is found by the name it is shown with, so that it can be deleted', async () => {
  const world = worldWithNamesakes();
  await world.did(deleteSite, { site: 'rome~ABCD' });
  const left = (await world.did(listSites, {})).output.rows.map(({ description }) => description);
  assert.deepEqual(left, [FIRST]);
});

test('when the earlier is gone the later has the name', () => {
  const world = worldWithNamesakes();
  world.commit([removed('site', FIRST)]);
  assert.equal(shownName(world.state, 'site', world.state.get('site', SECOND)), 'rome');
});

test('an ending that fits nobody finds nobody', () => {
  const { state } = worldWithNamesakes();
  for (const name of ['rome~0000', 'rome~abcd', 'paris~ABCD', '~ABCD'])
    assert.ok(isRefusal(find(state, 'site', name, 'SITE_DOES_NOT_EXIST')), name);
});

test('a walk goes on after an ID, stops at its limit and looks at a bounded number of rows', () => {
  const world = new World();
  const ids = Array.from({ length: 1200 }, (_, i) => i.toString(16).toUpperCase().padStart(32, '0'));
  for (const id of ids) world.commit([created('site', id, { name: id, createdAt: 0 })]);
  const every = () => true;
  assert.equal(walk(world.state, 'site', '', 10_000, 10_000, every).length, 1200);
  assert.deepEqual(
    walk(world.state, 'site', ids[9] ?? '', 10_000, 1, every).map(({ id }) => id),
    [ids[10]],
  );
  assert.equal(walk(world.state, 'site', '', 1000, 10_000, every).length, 1000);
  const last = (row: { id: string }) => row.id === ids.at(-1);
  assert.deepEqual(walk(world.state, 'site', '', 1000, 1, last), []);
  assert.equal(walk(world.state, 'site', '', 10_000, 1, last).length, 1);
  assert.equal(livingRows(world.state, 'site').length, 1200);
});

test('a visit sees each row once in order of ID, over pages, and no more than it may', () => {
  const world = new World();
  const ids = Array.from({ length: 1200 }, (_, i) => i.toString(16).toUpperCase().padStart(32, '0'));
  for (const id of ids) world.commit([created('site', id, { name: id, createdAt: 0 })]);
  for (const [most, seen] of [
    [5000, ids],
    [700, ids.slice(0, 700)],
    [0, []],
  ] as const) {
    const visited: string[] = [];
    visitRows(world.state, 'site', most, ({ id }) => visited.push(id));
    assert.deepEqual(visited, seen);
  }
});
