/** Measurements as text: families are told once, and nothing in a label breaks out of its line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, gauge, histogram } from '../../operations/metrics/metric-rows.ts';
import { metricsText } from './metrics-text.ts';

test('help and type come once, before the samples of a metric', () => {
  const rows = [
    ...counter('calls_total', 'Calls.', [
      { labels: { operation: 'A' }, value: 1 },
      { labels: { operation: 'B', outcome: 'done' }, value: 2 },
    ]),
    ...gauge('locked', 'Whether.', 0),
  ];
  assert.equal(
    metricsText(rows),
    `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{operation="A"} 1
calls_total{operation="B",outcome="done"} 2
# HELP locked Whether.
# TYPE locked gauge
locked 0
`,
  );
});

test('quotes, backslashes and line ends in a label are escaped', () => {
  const text = metricsText(gauge('info', 'a\\b\nc', 1, { kma: 'a"b\\c\nd' }));
  assert.equal(text, '# HELP info a\\\\b\\nc\n# TYPE info gauge\ninfo{kma="a\\"b\\\\c\\nd"} 1\n');
});

test('buckets of a histogram are cumulative, and the last holds all', () => {
  const distribution = { labels: { s: 'x' }, bounds: [1, 2], counts: [3, 4], count: 9, sum: 20.5 };
  assert.deepEqual(
    metricsText(histogram('took', 'Took.', [distribution]))
      .split('\n')
      .slice(2, -1),
    [
      'took_bucket{s="x",le="1"} 3',
      'took_bucket{s="x",le="2"} 7',
      'took_bucket{s="x",le="+Inf"} 9',
      'took_sum{s="x"} 20.5',
      'took_count{s="x"} 9',
    ],
  );
});
