/** A real core tells the cluster what it has served: hours that are over, once each, and only where there is somebody who can read it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { hourOf } from '../../core/agent-performance.ts';
import { set } from '../../core/facts.ts';
import { HOURS_KEPT, slotOf } from '../../core/kma-performance.ts';
import { HOURS_TOLD_MAX } from '../../operations/system/note-served-hours.ts';
import { REPLICATION_VERSION } from '../../version.ts';
import type { RunningCore } from './open-core.ts';
import { OtherMember, PEER_LIFE } from './replicated-world.fixture.ts';

const COUNTS = {
  ...{ agents: 1, createKey: 2, retrieveKey: 3, registerKwk: 0, other: 1, refused: 0, totalMs: 1.25 },
  ...{ busy: 1, management: 4, replication: 5 },
};
const kma = await TestKma.start({ bare: true });
await kma.stop();
after(() => kma[Symbol.asyncDispose]());

const lengthOf = ({ core: { parts } }: RunningCore) => parts.store.logLength(parts.self.incarnationId);

function countEarlier(running: RunningCore, hoursAgo: readonly number[]): void {
  const { store, time } = running.core.parts;
  const now = hourOf(time.nowMs());
  store.transaction(() => {
    for (const ago of hoursAgo) store.kmaPerformance.add({ hour: now - ago, ...COUNTS });
  });
}
function toldOf({ core: { parts } }: RunningCore, hoursAgo: number) {
  const hour = hourOf(parts.time.nowMs()) - hoursAgo;
  const row = parts.store.state.get('kma_hour', slotOf(parts.self.kmaId, hour));
  return row?.hour === hour ? row : undefined;
}
async function withMember(running: RunningCore): Promise<OtherMember> {
  const member = new OtherMember(running);
  member.write(set('incarnation', PEER_LIFE, { replicationVersion: REPLICATION_VERSION - 1 }));
  await member.deliver();
  return member;
}

/** An hour that ends meanwhile would be told as well. */
const nextHourMs = (Math.floor(Date.now() / 3_600_000) + 1) * 3_600_000;

test('hours that are over are told once there is a member that reads them, and nothing twice', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: nextHourMs + 1_800_000 });
  await withCore(kma.data, async (running) => {
    running.pool.stop();
    await running.maintenance.minutely();
    countEarlier(running, [1, 2]);
    const alone = lengthOf(running);
    await running.hourNotes.tell();
    await running.hourNotes.tellLast();
    assert.equal(lengthOf(running), alone, 'nobody asks another KMA where there is none');
    const member = await withMember(running);
    // What it does about the root key material, now that it is not alone, is an entry too.
    await running.maintenance.minutely();
    const before = lengthOf(running);
    await running.hourNotes.tell();
    assert.equal(lengthOf(running), before, 'the member would not read it');
    member.write(set('incarnation', PEER_LIFE, { replicationVersion: REPLICATION_VERSION }));
    await member.deliver();
    await Promise.all([running.hourNotes.tell(), running.hourNotes.tell()]);
    assert.equal(lengthOf(running), before + 1);
    const told = toldOf(running, 1);
    assert.deepEqual(
      [told?.agents, told?.createKey, told?.retrieveKey, told?.totalUs, told?.busy, told?.management],
      [1, 2, 3, 1250, 1, 4],
    );
    assert.equal(told?.countedUntil, hourOf(Date.now()) * 3_600_000);
    assert.equal(toldOf(running, 2)?.replication, 5);
    assert.equal(toldOf(running, 0), undefined, 'this hour goes on');
  });
});

test('a KMA that ends tells what the hour has so far; the whole hour is told when it is over', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: nextHourMs + 2 * 1_800_000 - 60_000 });
  const endMs = await withCore(kma.data, async (running) => {
    running.pool.stop();
    running.served.count('management');
    running.firstWrites.release();
    await running.hourNotes.tellLast();
    const told = toldOf(running, 0);
    assert.ok((told?.management ?? 0) > 0);
    assert.equal(told?.countedUntil, Date.now());
    return Date.now();
  });
  t.mock.timers.setTime(endMs + 120_000);
  await withCore(kma.data, async (running) => {
    running.pool.stop();
    running.firstWrites.release();
    await running.hourNotes.tell();
    const told = toldOf(running, 1);
    assert.equal(told?.countedUntil, hourOf(Date.now()) * 3_600_000);
    assert.ok((told?.management ?? 0) > 0);
  });
});

test('a month that nobody was told of is told in pieces, the newest hours first', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: nextHourMs + 3 * 3_600_000 });
  await withCore(kma.data, async (running) => {
    running.pool.stop();
    running.firstWrites.release();
    await running.hourNotes.tell();
    const month = Array.from({ length: HOURS_KEPT - 20 }, (_, index) => index + 10);
    countEarlier(running, month);
    const before = lengthOf(running);
    await running.hourNotes.tellLast();
    assert.equal(toldOf(running, 10)?.createKey, 2);
    assert.equal(toldOf(running, 10 + HOURS_TOLD_MAX), undefined);
    const pieces = Math.ceil(month.length / HOURS_TOLD_MAX);
    for (let piece = 0; piece < pieces + 2; piece += 1) await running.hourNotes.tellLast();
    assert.equal(toldOf(running, month.at(-1) ?? 0)?.createKey, 2);
    assert.ok(lengthOf(running) - before <= pieces + 1, 'and nothing after that');
  });
});

test('under an odd clock, and while the store takes no changes, it waits and nothing is refused', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: nextHourMs + 5 * 3_600_000 });
  await withCore(kma.data, async (running) => {
    const { store, clock, health } = running.core.parts;
    running.pool.stop();
    running.firstWrites.release();
    await running.hourNotes.tell();
    const records = () =>
      store.database.prepare(`SELECT count(*) AS n FROM audit WHERE operation = 'NoteServedHours'`).get()?.[
        'n'
      ];
    const before = { length: lengthOf(running), records: records() };
    const waits = async (why: string) => {
      await running.hourNotes.tell();
      await running.hourNotes.tellLast();
      assert.deepEqual({ length: lengthOf(running), records: records() }, before, why);
    };
    t.mock.timers.setTime(Date.now() + 3 * 3_600_000);
    countEarlier(running, [1]);
    clock.adjusted(0);
    assert.match(clock.odd() ?? '', /jumped/);
    await waits('the clock is odd');
    clock.accept(Date.now());
    health.noteUnwritable('code 13');
    await waits('the store takes no changes');
    health.noteWritable();
    await running.hourNotes.tell();
    assert.equal(lengthOf(running), before.length + 1);
    assert.equal(toldOf(running, 1)?.createKey, 2);
  });
});
