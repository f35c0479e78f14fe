/** The time of a whole KMA, moved by hand: seen everywhere, once a day, over a restart, and its records stay in order. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hlcMs } from '../src/core/stamp.ts';
import { AUDITOR, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { filesOf, restoreFrom, withStore } from './support/restoring.ts';

interface Time {
  readonly time: string;
  readonly machineTime: string;
  readonly offsetSeconds: number;
  readonly adjustableAt: string;
  readonly odd: string;
}

/** More than any of the steps here takes. */
const SLOW_MS = 60_000;
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const shown = () => kma.ask<Time>('ShowTime', {}, AUDITOR);
const newestAudit = async () => {
  const [newest] = await kma.rows<{ createdAt: string; operation: string }>(
    'ListAuditEvents',
    // In the order of writing: by time the one from before the clock was moved is the newest.
    { limit: 1, filter: ['operation=CreateSite'], sort: '-row' },
    AUDITOR,
  );
  return Date.parse(newest?.createdAt ?? '');
};
const isNear = (givenMs: number, expectedMs: number) =>
  assert.ok(Math.abs(givenMs - expectedMs) < SLOW_MS, `${givenMs - expectedMs} ms`);

test('the time is the machine’s until somebody moves it', async () => {
  const { time, machineTime, offsetSeconds, adjustableAt, odd } = await shown();
  assert.equal(time, machineTime);
  assert.deepEqual([offsetSeconds, adjustableAt, odd], [0, '', '']);
});

test('only a Security Officer may move it', async () => {
  const answer = await kma.answer('AdjustTime', { seconds: 10 }, OPERATOR);
  assert.equal('refused' in answer && answer.refused, 'ACCESS_DENIED');
});

test('moved back, the KMA goes on: changes are taken and their stamps still grow', async () => {
  await kma.ask('CreateSite', { site: 'before' }, OFFICER);
  const stampBefore = withStore(kma.data, (store) => store.lastStamp());
  const { offsetSeconds } = await kma.ask<Time>('AdjustTime', { seconds: -300 }, OFFICER);
  assert.equal(offsetSeconds, -300);
  await kma.ask('CreateSite', { site: 'after' }, OFFICER);
  const stampAfter = withStore(kma.data, (store) => store.lastStamp());
  assert.ok(stampAfter > stampBefore);
  // It waits where it was until the time has come up to it.
  assert.ok(hlcMs(stampAfter) - hlcMs(stampBefore) < 1000);
  assert.equal((await shown()).odd, '');
});

test('it is the time of records, lists and status', async () => {
  isNear(await newestAudit(), Date.now() - 300_000);
  const expected = { clockOffsetSeconds: -300, clockOdd: '' };
  const { clockOffsetSeconds, clockOdd } = await kma.ask<typeof expected>('ShowStatus', {});
  assert.deepEqual({ clockOffsetSeconds, clockOdd }, expected);
  const [adjusted] = await kma.rows<{ message: string; severity: string }>(
    'ListAuditEvents',
    { filter: ['operation=AdjustTime', 'severity<>error'] },
    AUDITOR,
  );
  assert.match(adjusted?.message ?? '', /^seconds=-300 was=\S+ is=\S+ offset=-300$/);
});

test('agents are served as before', async () => {
  const agent = await kma.agent('drive-1');
  const { keyId } = await agent.createKey();
  assert.equal((await agent.retrieveKey(keyId)).key.reveal().length, 32);
});

test('a second time on the same day is refused, also after a restart, which keeps the time', async () => {
  await kma.stop();
  await kma.resume();
  const answer = await kma.answer('AdjustTime', { seconds: 1 }, OFFICER);
  assert.equal('refused' in answer && answer.refused, 'CLOCK_ADJUSTED_TODAY');
  const { time, machineTime, offsetSeconds, adjustableAt, odd } = await shown();
  assert.deepEqual([offsetSeconds, odd], [-300, '']);
  assert.equal(Date.parse(time) - Date.parse(machineTime), -300_000);
  isNear(Date.parse(adjustableAt), Date.now() - 300_000 + 24 * 3_600_000);
  await kma.ask('CreateSite', { site: 'later' }, OFFICER);
  isNear(await newestAudit(), Date.now() - 300_000);
});

test('a restored KMA has the time of its own machine', async () => {
  const restored = `${kma.folder}/restored`;
  await restoreFrom(filesOf(await kma.backup()), restored);
  assert.equal(
    withStore(restored, (store) => store.getLocal('clockOffsetMs')),
    undefined,
  );
});
