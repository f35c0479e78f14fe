/** What is told of the time: that it is served only where an ordinary client would take it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChronyReport } from './chronyc.ts';
import { type TimeShown, timeState } from './time-state.ts';

const REPORT: ChronyReport = {
  ...{ synchronised: true, stratum: 3, rootDelaySeconds: 0.006, rootDispersionSeconds: 0.02, leap: 'Normal' },
  skewPpm: 12,
  ...{ sources: [], received: 0, dropped: 0 },
};
const SHOWN: TimeShown = {
  server: '192.0.2.123',
  plan: { servers: ['192.0.2.123'], peers: [], trouble: '' },
  setsClock: false,
  port: 123,
  notServing: '',
  judgement: { standing: 'follows the server', serverReachable: true, aheadSeconds: 0 },
  report: REPORT,
  daemonTrouble: '',
  pid: 4711,
};

function told(changes: Partial<TimeShown>) {
  const { summary, details, troubles } = timeState({ ...SHOWN, ...changes });
  return {
    ...{ serving: details['serving'], why: String(details['notServing']), troubles },
    serves: summary.endsWith('; serves UDP 123'),
  };
}

test('a time that is exact enough is served', () => {
  assert.deepEqual(told({}), { serving: true, why: '', serves: true, troubles: [] });
});

test('one that may be wrong by a second or more is taken by nobody, and so not said to be served', () => {
  // As after the first answers of a server at a machine that has much to do.
  const { serving, why, serves, troubles } = told({ report: { ...REPORT, rootDispersionSeconds: 5.017 } });
  assert.deepEqual([serving, serves, troubles], [false, false, []]);
  assert.match(why, /^nobody takes a time that may be wrong by 5\.0 s: /);
  assert.equal(told({ report: { ...REPORT, rootDelaySeconds: 2 } }).serving, false);
  // Exact at this moment, and by a second less so with each second.
  assert.equal(told({ report: { ...REPORT, skewPpm: 1_000_000 } }).serving, false);
});

test('nor is that of a chronyd that has none, does not answer, or has no port', () => {
  assert.match(
    told({ report: { ...REPORT, synchronised: false } }).why,
    /^it has no time of its server yet$/,
  );
  assert.match(told({ report: null }).why, /^chronyd does not run$/);
  const taken = told({ notServing: 'UDP 123 is held by another program' });
  assert.deepEqual([taken.serving, taken.why], [false, 'UDP 123 is held by another program']);
});
