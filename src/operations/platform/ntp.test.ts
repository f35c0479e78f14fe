/** Setting the NTP server: asked first, refused where it is far off, and what was adjusted by hand ends with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { adjustTime } from '../system/time.ts';
import { World } from '../world.fixture.ts';
import { setNtpServer } from './ntp.ts';

const MACHINE_MS = Date.UTC(2026, 0, 2);
const SERVER = { server: 'ntp.example.com' };
const answering = (aheadSeconds: number) => ({
  platform: { ask: async () => ({ address: '192.0.2.1', aheadSeconds }) },
});
const clockAt = (offsetMs: number, lastStampMs = 0) => ({
  clock: () => ({ machineMs: MACHINE_MS, offsetMs, adjustedAtMs: null, lastStampMs, odd: null }),
});

test('the part is asked with name and port, and what it measured is told', async () => {
  const asked: unknown[] = [];
  const { output, decision } = await new World().did(
    setNtpServer,
    { ...SERVER, port: 1123 },
    {
      platform: {
        async ask(part, question) {
          asked.push(part, question);
          return { address: '192.0.2.1', aheadSeconds: -0.25 };
        },
      },
    },
  );
  assert.deepEqual(asked, ['time', { ask: 'probe', server: 'ntp.example.com', port: 1123 }]);
  assert.deepEqual(output, { server: 'ntp.example.com', aheadSeconds: -0.25 });
  assert.deepEqual(decision?.local, { 'platform.ntp': '{"server":"ntp.example.com","port":1123}' });
  assert.deepEqual(decision?.effects, [{ effect: 'platform-changed' }]);
  assert.equal(
    decision?.audit?.message,
    'server=ntp.example.com port=1123 before=none address=192.0.2.1 ahead=-0.25',
  );
});

test('what the part refuses is refused, and so is everything without a platform process', async () => {
  const platform = { ask: async () => refuse('NTP_SERVER_UNREACHABLE') };
  assert.equal(await new World().refusal(setNtpServer, SERVER, { platform }), 'NTP_SERVER_UNREACHABLE');
  assert.equal(await new World().refusal(setNtpServer, SERVER), 'PLATFORM_NOT_THERE');
});

test('the machine and the time of the KMA may both be five minutes off, and no more', async () => {
  for (const [aheadSeconds, offsetMs, expected] of [
    [300, 0, 'accepted'],
    [301, 0, 'NTP_OFFSET_TOO_GREAT'],
    [-301, 0, 'NTP_OFFSET_TOO_GREAT'],
    [200, 101_000, 'NTP_OFFSET_TOO_GREAT'],
    [-200, 101_000, 'accepted'],
    // The time that was adjusted is right, and the machine is not.
    [-400, 400_000, 'NTP_OFFSET_TOO_GREAT'],
  ] as const)
    assert.equal(
      await new World().refusal(setNtpServer, SERVER, { ...answering(aheadSeconds), ...clockAt(offsetMs) }),
      expected,
      `${aheadSeconds} ${offsetMs}`,
    );
});

test('what was adjusted by hand ends, unless records would then lie too far ahead', async () => {
  const world = new World();
  const { decision } = await world.did(setNtpServer, SERVER, { ...answering(0), ...clockAt(20_000) });
  assert.deepEqual(decision?.local, {
    'platform.ntp': '{"server":"ntp.example.com","port":123}',
    clockOffsetMs: '0',
    clockAdjustedAtMs: String(MACHINE_MS),
  });
  assert.deepEqual(decision?.effects, [{ effect: 'platform-changed' }, { effect: 'clock-adjusted' }]);
  const behind = clockAt(20_000, MACHINE_MS + 301_000);
  assert.equal(
    await world.refusal(setNtpServer, SERVER, { ...answering(0), ...behind }),
    'CLOCK_BEHIND_RECORDS',
  );
});

test('it is removed without asking anybody, and then the time may be moved by hand again', async () => {
  const world = new World();
  await world.did(setNtpServer, SERVER, answering(0));
  assert.equal(await world.refusal(adjustTime, { seconds: 1 }, clockAt(0)), 'TIME_FOLLOWS_SERVER');
  const { output, decision } = await world.did(setNtpServer, { server: 'none' }, clockAt(0));
  assert.deepEqual(output, { server: '', aheadSeconds: null });
  assert.equal(decision?.audit?.message, 'server=none port=123 before=ntp.example.com');
  assert.equal(await world.refusal(adjustTime, { seconds: 1 }, clockAt(0)), 'accepted');
});

test('what is neither a name nor an address is refused', async () => {
  for (const server of [
    '',
    'a b',
    '-x',
    'ntp..example',
    '192.0.2.1\nserver 192.0.2.2',
    'a;b',
    'x'.repeat(300),
  ])
    assert.equal(await new World().refusal(setNtpServer, { server }, answering(0)), 'INVALID_PARAMETERS');
});
