/** The calls of the last minute: by kind, by caller, and gone after a minute. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fingerprint } from '../../core/ids.ts';
import { type RecentCall, RecentCalls } from './recent-calls.ts';

const call = (
  service: RecentCall['origin']['service'],
  operation: string,
  fingerprint: string | null = null,
  outcome: RecentCall['outcome'] = 'done',
): RecentCall => ({
  operation,
  origin: { service, fingerprint: fingerprint as Fingerprint | null },
  outcome,
  durationMs: 2,
});

test('calls are counted by kind, and refused and failed ones besides', () => {
  const calls = new RecentCalls(0);
  calls.note(call('agent', 'CreateKey2', 'A'), 1000);
  calls.note(call('agent', 'RetrieveKey', 'A'), 1000);
  calls.note(call('agent', 'RetrieveKey', 'A', 'refused'), 2000);
  calls.note(call('agent', 'ListKeyGroups', 'A', 'failed'), 2500);
  calls.note(call('certificate', 'LogInUser'), 3000);
  calls.note(call('ca', 'BeginProof'), 3000);
  calls.note(call('management', 'ListKeys', 'M'), 3000);
  const { calls: byKind, seconds, refused, failed, totalMs } = calls.report(10_000);
  assert.deepEqual(Object.fromEntries(byKind), {
    createKey: 1,
    retrieveKey: 2,
    otherOfAgents: 1,
    enrolment: 2,
    management: 1,
  });
  assert.deepEqual([seconds, refused, failed, totalMs], [10, 1, 1, 14]);
});

test('a caller counts once, and only where he was let in', () => {
  const calls = new RecentCalls(0);
  for (const fingerprint of ['A', 'B', 'A']) calls.note(call('agent', 'CreateKey', fingerprint), 1000);
  calls.note(call('management', 'ListKeys', 'M'), 1000);
  calls.note(call('management', 'ListKeys', 'STRANGER', 'refused'), 1000);
  calls.note(call('discovery', 'DiscoverCluster', 'D'), 1000);
  const { agents, managers } = calls.report(2000);
  assert.deepEqual([agents, managers], [2, 1]);
});

test('after a minute nothing of a call is left, and its place counts for another second', () => {
  const calls = new RecentCalls(0);
  calls.note(call('agent', 'CreateKey', 'A', 'done'), 1000);
  calls.note(call('agent', 'CreateKey', 'A', 'failed'), 1000);
  assert.equal(calls.report(60_999).calls.get('createKey'), 2);
  const gone = calls.report(61_000);
  assert.deepEqual([gone.calls.size, gone.failed, gone.totalMs, gone.agents], [0, 0, 0, 0]);
  calls.note(call('agent', 'RetrieveKey', 'B'), 61_000);
  const now = calls.report(61_000);
  assert.deepEqual(Object.fromEntries(now.calls), { retrieveKey: 1 });
  assert.deepEqual([now.seconds, now.failed, now.agents], [60, 0, 1]);
});
