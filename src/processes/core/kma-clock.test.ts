/** The clock of the core: it follows an adjustment once that is told, keeps it over a restart, and none is taken for a jump. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOCK_OFFSET } from '../../core/clock-adjustment.ts';
import { temporaryStore } from '../../store/store.fixture.ts';
import { ClockWatch } from './clock-watch.ts';
import { KmaClock } from './kma-clock.ts';

test('the time moves when an adjustment is told, and is kept', (t) => {
  const { store } = temporaryStore(t);
  const time = new KmaClock(store);
  assert.equal(time.offsetMs, 0);
  store.setLocal(CLOCK_OFFSET, '-5000');
  assert.equal(time.offsetMs, 0);
  assert.equal(time.adjusted(), -5000);
  assert.equal(time.adjusted(), 0);
  assert.equal(new KmaClock(store).offsetMs, -5000);
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  assert.deepEqual([time.nowMs(), time.machineMs()], [995_000, 1_000_000]);
});

test('an adjustment is no jump, however many there were, and a time that moves untold is', (t) => {
  const { store } = temporaryStore(t);
  const time = new KmaClock(store);
  const watch = new ClockWatch(store, time);
  const untold = new ClockWatch(store, time);
  for (const offset of [300_000, 600_000]) {
    store.setLocal(CLOCK_OFFSET, String(offset));
    watch.adjusted(time.adjusted());
    assert.equal(watch.odd(), null);
  }
  assert.match(untold.odd() ?? '', /jumped/);
});

test("what the others' clocks say is odd until it is accepted, which is kept", (t) => {
  const { store } = temporaryStore(t);
  const time = new KmaClock(store);
  const hour = () => [3_600_000];
  const watch = new ClockWatch(store, time, hour);
  assert.match(watch.odd() ?? '', /60 min behind those of the other KMAs/);
  watch.accept(0);
  assert.equal(watch.odd(), null);
  assert.equal(new ClockWatch(store, time, hour).odd(), null);
});
