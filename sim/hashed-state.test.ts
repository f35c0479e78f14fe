/** What a state of the simulated world knows of itself is what reading all its rows and logs would give: after changes, after those that are taken back, and in a copy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapStateHash } from './checks/state-hash.ts';
import { cluster, done } from './found.fixture.ts';
import { Random } from './random.ts';
import type { Store } from './store.ts';
import { vectorHash } from './vectors.ts';
import { asOfficer } from './workload/people.ts';

test('the hash that a state keeps is that of its rows, also where a loss of power has taken some back', async () => {
  const world = await cluster(2);
  const [one] = world.machines;
  assert.ok(one);
  const { store } = one;
  const before = store.state.hash;
  assert.equal(before, mapStateHash(store.state));
  const kept = store.copy();
  await done(world, one, asOfficer(one, new Random(1, 'who'), 'CreateSite', { site: 'berlin' }));
  assert.notEqual(store.state.hash, before);
  assert.equal(store.state.hash, mapStateHash(store.state));
  const after = store.state.hash;
  const [site] = store.state.page('site', '', 1);
  assert.ok(site);
  store.transaction(() => store.putRow('site', { ...site, description: 'changed' }));
  assert.notEqual(store.state.hash, after);
  store.losePower();
  assert.deepEqual([store.state.hash, mapStateHash(store.state)], [after, after]);
  assert.deepEqual([kept.state.hash, mapStateHash(kept.state)], [before, before]);
});

test('the hash that a store keeps of its vector is that of its logs, also where their ends were taken back', async () => {
  const [one] = (await cluster(2)).machines;
  assert.ok(one);
  const { store, self } = one;
  const ofAll = (of: Store) => vectorHash(Object.entries(of.vector()));
  const before = store.vectorHash();
  assert.equal(before, ofAll(store));
  store.transaction(() => store.takeBack(self.incarnationId, 1));
  const after = store.vectorHash();
  assert.notEqual(after, before);
  assert.equal(after, ofAll(store));
  const synced = store.copy();
  assert.deepEqual([synced.vectorHash(), ofAll(synced)], [before, before]);
  store.losePower();
  assert.deepEqual([store.vectorHash(), ofAll(store)], [before, before]);
});

test('vectors that differ have hashes that differ, also where lengths are exchanged', async () => {
  const [one, two] = (await cluster(2)).machines;
  assert.ok(one && two);
  assert.deepEqual(one.store.vector(), two.store.vector());
  assert.equal(one.store.vectorHash(), two.store.vectorHash());
  const [a, b] = [one.self.incarnationId, two.self.incarnationId];
  const hashes = [
    [a, 1, b, 2],
    [a, 2, b, 1],
    [a, 3, b, 0],
    [a, 0, b, 3],
  ].map(([one, m, other, n]) =>
    vectorHash([
      [String(one), Number(m)],
      [String(other), Number(n)],
    ]),
  );
  assert.equal(new Set(hashes).size, hashes.length);
});
