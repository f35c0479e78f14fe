/** What counts as followed, unreachable, too far off: the server before other KMAs, and nobody who does not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFollowing, isReached, judgeTime, type TimeMeasured, type TimeSource } from './time-following.ts';

const source = (changes: Partial<TimeSource> = {}): TimeSource => ({
  address: '192.0.2.1',
  kind: 'server',
  selected: false,
  stratum: 2,
  reach: 0o377,
  aheadSeconds: 0.5,
  ...changes,
});
const judge = (sources: readonly TimeSource[], changes: Partial<TimeMeasured> = {}) =>
  judgeTime({ settling: false, synchronised: true, sources, ...changes });

test('the selected source is followed: the server or another KMA', () => {
  assert.deepEqual(judge([source({ selected: true })]), {
    standing: 'follows the server',
    serverReachable: true,
    aheadSeconds: 0.5,
  });
  const peer = source({ kind: 'peer', selected: true, aheadSeconds: -0.25 });
  assert.deepEqual(judge([source({ reach: 0, aheadSeconds: null }), peer]), {
    standing: 'follows other KMAs',
    serverReachable: false,
    aheadSeconds: -0.25,
  });
});

test('one of the last three polls has to be answered', () => {
  assert.deepEqual(
    [0o1, 0o4, 0o10, 0o370, 0].map((reach) => isReached({ reach })),
    [true, true, false, false, false],
  );
  const gone = source({ selected: true, reach: 0o370 });
  assert.deepEqual(judge([gone]), { standing: 'unreachable', serverReachable: false, aheadSeconds: null });
});

test('whoever is more than five minutes off is too far, selected or not', () => {
  for (const aheadSeconds of [-301, 301])
    for (const selected of [true, false])
      assert.deepEqual(judge([source({ selected, aheadSeconds })]), {
        standing: 'too far off',
        serverReachable: true,
        aheadSeconds,
      });
  assert.equal(judge([source({ selected: true, aheadSeconds: 300 })]).standing, 'follows the server');
});

test('a server that is too far off counts although another KMA is followed', () => {
  const peer = source({ kind: 'peer', selected: true });
  assert.equal(judge([source({ aheadSeconds: 3600 }), peer]).standing, 'too far off');
  // Another KMA that is wrong, and not followed, is that one's trouble.
  const wild = source({ kind: 'peer', aheadSeconds: 3600 });
  assert.equal(judge([source({ selected: true }), wild]).standing, 'follows the server');
});

test('what answers and is not taken is not synchronised; nothing is said of silence at the beginning', () => {
  const silent = source({ reach: 0, aheadSeconds: null });
  assert.equal(judge([source()]).standing, 'not synchronised');
  assert.equal(judge([source({ selected: true })], { synchronised: false }).standing, 'not synchronised');
  assert.equal(judge([silent]).standing, 'unreachable');
  assert.equal(judge([silent], { settling: true }).standing, 'starting');
  assert.equal(judge([], { settling: true }).aheadSeconds, null);
});

test('only what is followed is following', () => {
  assert.deepEqual(
    (['follows the server', 'follows other KMAs', 'too far off', 'starting'] as const).map(isFollowing),
    [true, true, false, false],
  );
});
