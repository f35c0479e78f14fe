/** What the simulated world has found once of approvals that nobody was answered, made by hand: they count for the quorum where the log has them, and a loss of power that takes one back takes its weight too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { pendingText } from '../src/operations/pending/pending-text.ts';
import type { Call } from './core.ts';
import type { CrashPoint } from './disk.ts';
import { cluster, done, pass } from './found.fixture.ts';
import type { Machine } from './machine.ts';
import { MUTANTS } from './mutants.ts';
import { Random } from './random.ts';
import type { Seams } from './seams.ts';
import { Violation } from './violation.ts';
import { asOfficer, asUser } from './workload/people.ts';
import type { World } from './world.ts';

const RANDOM = new Random(1, 'who');

/** As somebody who has read it at the machine. */
function approval(machine: Machine, pendingId: string, credential: string): Call {
  const { state } = machine.store;
  const row = state.get('pending_operation', pendingId);
  assert.ok(row);
  const text = pendingText(state, machine.self, row);
  assert.ok(!isRefusal(text));
  const input = { pendingId, textSha256: text.sha256 };
  return { ...asUser(machine, 'quentin', 'ApprovePendingOperation', input), credentials: [credential] };
}

/** Of two credentials that are needed the first comes just before the power goes, at this point of its commit. */
async function approvedUnanswered(crashAt: CrashPoint, seams: Partial<Seams> = {}) {
  const world = await cluster(2, seams);
  const [one] = world.machines;
  assert.ok(one?.running);
  await pass(world, 2);
  const submission = asOfficer(one, RANDOM, 'ModifyUser', { user: 'anna', roles: ['OPERATOR'] });
  const { output } = await done(world, one, submission);
  const { pendingId } = output as { readonly pendingId: string };
  one.running.disk.crashAt = crashAt;
  let answers = 0;
  await world.call(one, approval(one, pendingId, 'cred-a'), () => {
    answers += 1;
  });
  await pass(world, 1);
  assert.equal(one.running, null);
  one.boot();
  await pass(world, 1);
  assert.equal(answers, 0);
  return { world, one, pendingId };
}

async function approve(world: World, machine: Machine, pendingId: string): Promise<boolean> {
  const { output } = await done(world, machine, approval(machine, pendingId, 'cred-b'));
  return (output as { readonly executed: boolean }).executed;
}

test('an approval that is in the log counts for the quorum, though the power went before anybody was answered', async () => {
  const { world, one, pendingId } = await approvedUnanswered('after the sync');
  assert.equal(await approve(world, one, pendingId), true);
});

test('an approval that a loss of power has taken back counts for nothing, and what is carried out without it is told', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'each approval counts as that of another credential');
  assert.ok(mutant);
  const { world, one, pendingId } = await approvedUnanswered('before the sync', mutant.seams);
  assert.equal(await approve(world, one, pendingId), false);
  await assert.rejects(
    approve(world, one, pendingId),
    (error: unknown) =>
      error instanceof Violation &&
      error.invariant === 8 &&
      error.message === `m1 carries out ${pendingId}, which 1 approved`,
  );
});
