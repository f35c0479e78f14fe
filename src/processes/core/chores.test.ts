/** What a KMA does by itself, on a KMA that was off for long: nobody has to wait for an hour. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import type { RunningCore } from './open-core.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const certificateOf = ({ core: { parts } }: RunningCore) =>
  new X509Certificate(parts.store.state.get('kma', parts.self.kmaId)?.certificatePem ?? '');

/** The certificates before and after the first minute of a start so many days later. */
async function firstMinute(t: TestContext, data: string, days: number) {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + days * DAY_MS });
  try {
    return await withCore(data, async (running) => {
      running.pool.stop();
      const before = certificateOf(running);
      await running.maintenance.minutely();
      return { before, after: certificateOf(running), nowMs: Date.now() };
    });
  } finally {
    t.mock.timers.reset();
  }
}

test('a certificate of the KMA that ran out while it was off is renewed within a minute of its start, and none before it is due', async (t) => {
  await using kma = await TestKma.start({ bare: true });
  await kma.stop();
  const early = await firstMinute(t, kma.data, 300);
  assert.equal(early.after.serialNumber, early.before.serialNumber);
  const late = await firstMinute(t, kma.data, 800);
  assert.ok(late.before.validToDate.getTime() < late.nowMs);
  assert.notEqual(late.after.serialNumber, late.before.serialNumber);
  assert.ok(late.after.validToDate.getTime() > late.nowMs + 300 * DAY_MS);
});
