/** What chronyc prints for programs: lines that belong together become one report, others none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReport } from './chronyc.ts';

const tracking = (correction: string, leap = 'Normal') =>
  `C0000201,192.0.2.1,3,1795680983.5,${correction},0.1,0.1,0.012,-0.063,1.073,0.004,0.005,1.0,${leap}`;
const SOURCES = ['^,*,192.0.2.1,2,4,17,3,0.5,0.5,0.006', '=,?,192.0.2.2,0,4,0,4294967295,0.0,0.0,0.0'];
const STATS = '5,1,4,0,0,0,0,0,0,0,0';
const output = (...lines: readonly string[]) => `${lines.join('\n')}\n`;

test('sources are shown against the clock of the machine, not the corrected one', () => {
  const line = tracking('-100.000000000');
  const report = readReport(output(line, ...SOURCES, line, STATS)) ?? assert.fail('a report');
  assert.deepEqual(report.sources, [
    { address: '192.0.2.1', kind: 'server', selected: true, stratum: 2, reach: 0o17, aheadSeconds: 100.5 },
    { address: '192.0.2.2', kind: 'peer', selected: false, stratum: 0, reach: 0, aheadSeconds: null },
  ]);
  assert.deepEqual(
    [report.synchronised, report.stratum, report.rootDelaySeconds, report.skewPpm],
    [true, 3, 0.004, 1.073],
  );
  assert.deepEqual([report.received, report.dropped], [5, 1]);
});

test('lines from before and after a step are no report', () => {
  assert.equal(readReport(output(tracking('0.0'), ...SOURCES, tracking('-100.0'), STATS)), null);
  assert.notEqual(readReport(output(tracking('0.0'), tracking('0.001'), STATS)), null);
});

test('a clock that is not synchronised is told, and what is no such output is refused', () => {
  const line = tracking('0.0', 'Not synchronised');
  assert.equal(readReport(output(line, line, STATS))?.synchronised, false);
  for (const text of ['', 'x', output(line), output(line, 'a,b', line, STATS), output(STATS, line, STATS)])
    assert.throws(() => readReport(text));
});
