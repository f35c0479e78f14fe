/** A core that began a new life because others have more of its log compares the two ends, and says so where there is nothing to compare. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { created } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { doubtedLog, noteLivedElsewhere } from '../../setup/copy-detection.ts';
import { OtherMember, until } from './replicated-world.fixture.ts';

/** A core whose earlier log is doubted, and another member that had so much of that log from its snapshot. */
async function doubting(t: TestContext, baseOf: (length: number) => number) {
  const kma = await TestKma.start({ bare: true });
  t.after(() => kma[Symbol.asyncDispose]());
  await kma.stop();
  const before = await openAlone(kma.data);
  noteLivedElsewhere(before.core.parts.store);
  await before.close();
  let replaced = 0;
  const running = await openAlone(kma.data, () => {
    replaced += 1;
  });
  t.after(() => running.close());
  const { store } = running.core.parts;
  const log = doubtedLog(store) as IncarnationId;
  const length = store.logLength(log);
  await new OtherMember(running, { [log]: baseOf(length) }).deliver();
  const told = () =>
    store.database
      .prepare(`SELECT message FROM audit WHERE condition = 'Replication stalled' ORDER BY row`)
      .all()
      .map(({ message }) => String(message));
  const blocks = store.readLog(log, 0, length);
  return { running, store, log, length, blocks, told, replaced: () => replaced };
}

/** What a member has at such a place of that log. */
function another(log: IncarnationId, n: number): Uint8Array {
  const stamp = stampOf(hlc(Date.now() + n, 0), log);
  const facts = [created('site', `S${n}`, { name: `s${n}`, createdAt: 1 })];
  return Buffer.from(JSON.stringify({ v: 1, stamp, operation: 'Test', facts }));
}

test('where already the first entry that can be compared is another one, people are told, once', async (t) => {
  const { running, store, log, length, told, replaced } = await doubting(t, (length) => length - 1);
  for (let n = 0; n < 2; n += 1) {
    const applied = await running.replication.apply(log, length - 1, [another(log, 1)]);
    assert.deepEqual([applied.length, applied.broken], [length - 1, false]);
    assert.match(applied.stalled ?? '', /is another one here/);
  }
  await until(() => told().length > 0);
  assert.equal(told().length, 1);
  assert.match(told()[0] ?? '', new RegExp(`log=${log}: entry ${length} is another one here.*join again`));
  assert.deepEqual([replaced(), store.logLength(log)], [0, length], 'nobody knows what is to be said again');
});

test('where others can give only what lies beyond all that is here, people are told, once', async (t) => {
  const { running, store, log, length, told } = await doubting(t, (length) => length + 5);
  for (let n = 0; n < 2; n += 1) {
    const applied = await running.replication.apply(log, length + 5, [another(log, 1)]);
    assert.deepEqual([applied.length, applied.broken], [length, false]);
  }
  await until(() => told().length > 0);
  assert.equal(told().length, 1);
  assert.match(told()[0] ?? '', new RegExp(`${length} entries are here.* behind ${length + 5} only`));
  assert.equal(store.state.get('site', 'S1'), undefined);
  assert.equal(doubtedLog(store), log);
});

test('what lies right behind all that is here counts, and people are told that nothing was compared', async (t) => {
  const { running, store, log, length, told } = await doubting(t, (length) => length);
  for (const n of [1, 2])
    assert.deepEqual(await running.replication.apply(log, length + n - 1, [another(log, n)]), {
      length: length + n,
      stalled: null,
      broken: false,
    });
  await until(() => told().length > 0);
  assert.equal(told().length, 1);
  assert.equal(store.state.get('site', 'S2')?.name, 's2');
  assert.equal(doubtedLog(store), null);
});

test('where an entry before the other one is the same, the next life says the end again', async (t) => {
  const { running, store, log, length, blocks, told, replaced } = await doubting(t, (length) => length - 2);
  const applied = await running.replication.apply(log, length - 2, [
    blocks[length - 2] ?? assert.fail(),
    another(log, 1),
  ]);
  assert.match(applied.stalled ?? '', /is another one here/);
  assert.deepEqual([replaced(), told()], [1, []]);
  assert.equal(store.getLocal('logForked'), JSON.stringify({ incarnationId: log, after: length - 1 }));
});
