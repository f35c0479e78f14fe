/** The backup of a KMA that was removed from its cluster, and is all that is left of it: what is restored from it serves. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { created, event } from '../src/core/facts.ts';
import type { KmaId } from '../src/core/ids.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { hlc, stampOf } from '../src/core/stamp.ts';
import { withCore } from './support/core-alone.ts';
import { TestKma } from './support/kma.ts';
import { filesOf, restoreFrom, wake } from './support/restoring.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const clusterOf = async (one: TestKma) => (await one.ask<{ cluster: string }>('ShowStatus', {})).cluster;

/** As the members of its cluster have written it. */
async function write(of: 'itself' | 'namesakes'): Promise<void> {
  await kma.stop();
  await withCore(kma.data, async ({ core }) => {
    const { store, self, time } = core.parts;
    const ids = of === 'itself' ? [self.kmaId] : ['0', 'F'].map((digit) => digit.repeat(32) as KmaId);
    const facts = ids.flatMap((id) => [
      ...(of === 'itself' ? [] : [created('kma', id, { name: self.kmaName, createdAt: 1, number: 5 })]),
      event('kma', id, 'removed', { removedHow: 'retired' }),
    ]);
    const stamp = stampOf(hlc(time.nowMs() + 1_000, 0), self.incarnationId);
    store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
  });
  await kma.resume();
}

async function restored(name: string): Promise<TestKma> {
  const backup = await kma.backup();
  const data = join(kma.folder, name);
  const done = await restoreFrom(filesOf(backup), data);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  await kma.stop();
  return wake(data, kma.folder);
}

test('KMAs of its name that were removed before it was entered do not take its place', async () => {
  await write('namesakes');
  const one = await restored('of-a-namesake');
  assert.equal(await clusterOf(one), 'member');
  await one.stop();
  await kma.resume();
});

test('it is another KMA of that name, a member of its own cluster, and makes keys', async () => {
  await write('itself');
  assert.equal(await clusterOf(kma), 'retired');
  const one = await restored('of-a-removed-one');
  assert.equal(await clusterOf(one), 'member');
  await one.poolFilled();
  await one.stop();
});
