/** An approval counts for the text that was read, until it expires, and each credential once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, removed } from './facts.ts';
import { FoldingWorld } from './folding.fixture.ts';
import type { PendingId, UserId } from './ids.ts';
import { approvalsOf, approvers, expiryOfApproval } from './pending-approvals.ts';

const PENDING = 'PENDING' as PendingId;
const HOUR_MS = 3_600_000;

const approval = (id: string, credentialName: string, textSha256 = 'TEXT') =>
  created('pending_approval', id, {
    pendingId: PENDING,
    credentialName,
    textSha256,
    approvedAt: 1_000,
    byUserId: 'USER' as UserId,
    expiresAt: 9_000,
  });

const standings = (world: FoldingWorld, nowMs: number) =>
  approvalsOf(world.state, PENDING, 'TEXT', nowMs).map(({ standing }) => standing);

test('it counts from when it is given until it expires, and not where the clock is before it', () => {
  const world = new FoldingWorld();
  world.fold(approval('ONE', 'ann'));
  assert.deepEqual(
    [999, 1_000, 8_999, 9_000].map((nowMs) => standings(world, nowMs)[0]),
    ['expired', 'counts', 'counts', 'expired'],
  );
});

test('that of another text has changed; one that was taken back is not there', () => {
  const world = new FoldingWorld();
  world.fold(approval('ONE', 'ann', 'EARLIER'), approval('TWO', 'ben'));
  assert.deepEqual(standings(world, 2_000).sort(), ['changed', 'counts']);
  world.fold(removed('pending_approval', 'TWO'));
  assert.deepEqual(standings(world, 2_000), ['changed']);
});

test('each credential counts once, in the order of names', () => {
  const world = new FoldingWorld();
  world.fold(approval('ONE', 'ben'), approval('TWO', 'ann'), approval('THREE', 'ben'));
  world.fold(approval('FOUR', 'cem', 'EARLIER'));
  assert.deepEqual(approvers(approvalsOf(world.state, PENDING, 'TEXT', 2_000)), ['ann', 'ben']);
});

test('how long one counts is the setting of when it was given: two days at first', () => {
  assert.equal(expiryOfApproval(new FoldingWorld().state, 5), 48 * HOUR_MS + 5);
});
