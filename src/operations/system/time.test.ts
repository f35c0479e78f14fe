/** Adjusting the time of a KMA: what is written down, what is shown, what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClockStanding } from '../../core/clock-adjustment.ts';
import { World } from '../world.fixture.ts';
import { adjustTime, showTime } from './time.ts';

const MACHINE_MS = Date.UTC(2026, 0, 2);
const standing = (changes: Partial<ClockStanding> = {}) => ({
  clock: () => ({
    machineMs: MACHINE_MS,
    offsetMs: 2000,
    adjustedAtMs: null,
    lastStampMs: 0,
    odd: null,
    ...changes,
  }),
});

const NO_SERVER = {
  server: '',
  following: '',
  aheadSeconds: null,
  stratum: null,
  rootDelaySeconds: null,
  rootDispersionSeconds: null,
  leap: '',
  notServing: 'no NTP server is set',
  peers: [],
};

test('the offset grows by what is asked, and is kept with the time of the adjustment', async () => {
  const { output, decision } = await new World().did(adjustTime, { seconds: -20 }, standing());
  assert.deepEqual(decision?.local, {
    clockOffsetMs: '-18000',
    clockAdjustedAtMs: String(MACHINE_MS - 18_000),
  });
  assert.deepEqual(decision?.facts, []);
  assert.deepEqual(output, {
    time: '2026-01-01T23:59:42.000Z',
    machineTime: '2026-01-02T00:00:00.000Z',
    offsetSeconds: -18,
    adjustedAt: '2026-01-01T23:59:42.000Z',
    adjustableAt: '2026-01-02T23:59:42.000Z',
    odd: '',
    ...NO_SERVER,
  });
  assert.equal(
    decision?.audit?.message,
    'seconds=-20 was=2026-01-02T00:00:02.000Z is=2026-01-01T23:59:42.000Z offset=-18',
  );
});

test('more than 300 seconds, none, and parts of a second are refused', async () => {
  for (const seconds of [301, -301, 0, 0.5, '5'])
    assert.equal(await new World().refusal(adjustTime, { seconds }, standing()), 'INVALID_PARAMETERS');
});

test('a second adjustment within a day is refused, and the time says from when on it may be', async () => {
  const adjusted = standing({ adjustedAtMs: MACHINE_MS });
  assert.equal(await new World().refusal(adjustTime, { seconds: 1 }, adjusted), 'CLOCK_ADJUSTED_TODAY');
  const { output } = await new World().did(showTime, {}, adjusted);
  assert.deepEqual(
    [output.time, output.offsetSeconds, output.adjustableAt],
    ['2026-01-02T00:00:02.000Z', 2, '2026-01-03T00:00:00.000Z'],
  );
});

test('with a server and no platform process nobody is told that none is set', async () => {
  const world = new World();
  world.local.set('platform.ntp', '{"server":"ntp.example.com","port":123}');
  const gone = { running: false, wanted: true, goneForMs: 1_000, parts: new Map() };
  const { output } = await world.did(showTime, {}, { ...standing(), platformStates: () => gone });
  const { server, following, notServing } = output as Record<string, unknown>;
  const unknown = 'unknown: the platform process is not there';
  assert.deepEqual([server, following, notServing], ['ntp.example.com', unknown, unknown]);
});
