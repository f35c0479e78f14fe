/** What a KMA does that is no member any more, over all operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from './catalogue.ts';
import type { Operation } from './operation.ts';
import { outsideCluster } from './outside-cluster.ts';

const done = (operation: Operation, fromNetwork: boolean) =>
  outsideCluster(operation, fromNetwork, 'logged-out') === null;
const names = (list: readonly Operation[]) => list.map(({ name }) => name).sort();

test('a member does everything', () => {
  for (const operation of operations)
    for (const fromNetwork of [true, false])
      assert.equal(outsideCluster(operation, fromNetwork, 'member'), null);
});

test('agents get from it what they get from a locked KMA', () => {
  for (const operation of operations.filter(({ callers }) => callers === 'agent' || callers === 'stranger')) {
    const refusal = outsideCluster(operation, true, 'retired');
    assert.equal(
      refusal?.refused,
      operation.needsUnlocked ? 'AGENT_APPLIANCE_LOCKED' : undefined,
      operation.name,
    );
  }
});

test('one that is logged out lets in the KMA whose passphrase it has set; one that was removed does not', () => {
  const lettingIn = operations.filter(
    (operation) => operation.callers === 'stranger' && operation.changes && done(operation, true),
  );
  assert.deepEqual(names(lettingIn), ['EnrolKma']);
  const [enrolKma] = lettingIn;
  assert.ok(enrolKma);
  for (const standing of ['retired', 'lost', 'catching-up'] as const)
    assert.equal(outsideCluster(enrolKma, true, standing)?.refused, 'AGENT_APPLIANCE_LOCKED');
});

test('one that has joined and has not caught up gives agents nothing, and people everything', () => {
  for (const operation of operations) {
    const network = outsideCluster(operation, true, 'catching-up')?.refused;
    if (operation.callers === 'agent')
      assert.equal(network, operation.needsUnlocked ? 'AGENT_APPLIANCE_LOCKED' : undefined);
    assert.equal(outsideCluster(operation, false, 'catching-up'), null);
  }
});

test('people change nothing there but what saves its data, and read everything', () => {
  const ofPeople = operations.filter(({ callers }) => typeof callers !== 'string');
  for (const operation of ofPeople) if (!operation.changes) assert.ok(done(operation, false), operation.name);
  const changed = ofPeople.filter((operation) => operation.changes && done(operation, false));
  assert.deepEqual(names(changed), [
    'AdjustTime',
    'ConfirmBackupDownloaded',
    'ConfirmCoreSecurityBackupDownloaded',
    'CreateCoreSecurityBackup',
    'CreateDatabaseBackup',
    'RestoreFromFiles',
  ]);
});

test('what the appliance does for itself goes on: certificates, erasures, closed logs', () => {
  for (const operation of operations.filter(({ callers }) => callers === 'local'))
    assert.ok(done(operation, false), operation.name);
});
