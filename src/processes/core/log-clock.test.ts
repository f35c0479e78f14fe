/** A log whose clock had been a year ahead holds up nobody but itself, is told of once, and goes on when a quorum accepts it; and then this KMA goes on too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { created } from '../../core/facts.ts';
import { isRefusal } from '../../core/refusal.ts';
import { settingFact } from '../../core/settings.ts';
import { hlc, hlcMs, stampOf } from '../../core/stamp.ts';
import { OtherMember, PEER_LIFE, until } from './replicated-world.fixture.ts';

const { running } = await newCoreAlone();
const { core } = running;
const { store, self, time, clock } = core.parts;
const other = new OtherMember(running);
const yearAheadMs = time.nowMs() + 365 * 86_400_000;

/** As a quorum of this KMA does it. */
function accept(): void {
  const stamp = stampOf(hlc(time.nowMs(), 7), self.incarnationId);
  const facts = [settingFact('acceptedLogClockMs', yearAheadMs)];
  store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
}
const troubles = () =>
  store.database.prepare(`SELECT count(*) AS n FROM audit WHERE operation = 'NoteTrouble'`).get()?.['n'];

test('it stalls with the time of its records, which is told once however often it is tried', async () => {
  const entry = other.write(created('site', 'S', { name: 'rome', createdAt: 1 }));
  const ahead = { ...entry, stamp: stampOf(hlc(yearAheadMs, 0), PEER_LIFE) };
  other.blocks[other.blocks.length - 1] = Buffer.from(JSON.stringify(ahead));
  const { stalled, broken } = await other.deliver();
  assert.ok(stalled?.includes(new Date(yearAheadMs).toISOString()), stalled ?? '');
  assert.equal(broken, false, 'its owner is left alone');
  await until(() => troubles() === 1);
  await other.deliver();
  await core.callLocal('TidyPendingOperations', {});
  assert.equal(troubles(), 1);
  assert.equal(clock.odd(), null);
});

test('accepted, it is taken, nothing here is odd, and what is written next is later', async () => {
  accept();
  assert.equal((await other.deliver()).stalled, null);
  assert.equal(store.state.get('site', 'S')?.name, 'rome');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.equal(clock.odd(), null);
  assert.ok(clock.lastStampMs() <= time.nowMs(), 'an adjustment is not held back by it');
  const made = await core.callLocal('NoteReplicationVersion', { replicationVersion: 2 });
  assert.equal(isRefusal(made), false);
  const [own] = store.readLog(self.incarnationId, store.logLength(self.incarnationId) - 1, 1);
  assert.ok(hlcMs(JSON.parse(Buffer.from(own ?? []).toString()).stamp) >= yearAheadMs);
});
