/** What the core counts of its calls: outcomes apart, durations by bucket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { CallMeter } from './call-meter.ts';

test('calls are counted by operation and by what became of them', () => {
  const meter = new CallMeter();
  meter.note('management', 'ListKeys', { output: [] }, 0.002);
  meter.note('management', 'ListKeys', { output: [] }, 0.002);
  meter.note('management', 'ListKeys', refuse('ACCESS_DENIED'), 0.002);
  meter.note('management', 'ListKeys', refuse('SERVER_ERROR'), 0.002);
  assert.deepEqual(
    meter.report().calls.map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`),
    ['ListKeys done 2', 'ListKeys refused 1', 'ListKeys failed 1'],
  );
});

test('a duration falls into the first bucket it fits, one above all into none', () => {
  const meter = new CallMeter();
  for (const seconds of [0.001, 0.002, 10, 11]) meter.note('agent', 'X', { output: null }, seconds);
  const [durations] = meter.report().durations;
  assert.ok(durations);
  const filled = durations.bounds.filter((_, i) => (durations.counts[i] ?? 0) > 0);
  assert.deepEqual(filled, [0.001, 0.0025, 10]);
  assert.deepEqual([durations.count, durations.sum], [4, 21.003]);
  assert.deepEqual(durations.labels, { service: 'agent' });
});
