/** A real core finds what it and another member changed apart, and tells the cluster once all can read of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { created, type Fact, set } from '../../core/facts.ts';
import { isRefusal } from '../../core/refusal.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { admitPeer } from './admit-peer.ts';
import { OtherMember, PEER, PEER_LIFE } from './replicated-world.fixture.ts';

const { running } = await newCoreAlone();
const { core } = running;
const { store, self } = core.parts;
const other = new OtherMember(running);

/** Later than all that the other member writes in this test. */
function writeHere(...facts: readonly Fact[]): void {
  const stamp = stampOf(hlc(core.parts.time.nowMs() + 60_000, 0), self.incarnationId);
  store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
  core.observe(stamp);
}
const noted = () => store.state.page('conflict', '', 100);

test('what this KMA runs is known of it from its start on', () => {
  assert.equal(store.state.get('incarnation', self.incarnationId)?.replicationVersion, REPLICATION_VERSION);
});

test('what was changed on both sides is found, kept as long as not all can read of it, and then told', async () => {
  other.write(created('site', 'S', { name: 'rome', createdAt: 1 }));
  await other.deliver();
  writeHere(set('site', 'S', { description: 'here' }));
  const lost = other.write(set('site', 'S', { description: 'there' }));
  await other.deliver();
  await running.maintenance.minutely();
  assert.deepEqual(noted(), []);
  const found = store.conflicts.first(9);
  assert.deepEqual(
    found.map(({ rowId, lostStamp }) => [rowId, lostStamp]),
    [['S', lost.stamp]],
  );
  const refused = await core.callLocal('NoteConflicts', { found });
  assert.ok(isRefusal(refused));
  assert.equal(refused.refused, 'NOT_YET_ALL_UPGRADED');
  assert.match(refused.detail ?? '', /^peer reads version 1/);
  other.write(set('incarnation', PEER_LIFE, { replicationVersion: REPLICATION_VERSION }));
  await other.deliver();
  core.parts.health.noteUnwritable('code 13');
  await running.maintenance.minutely();
  core.parts.health.noteWritable();
  await Promise.all([running.maintenance.minutely(), running.maintenance.minutely()]);
  const audited = store.database.prepare(`SELECT count(*) AS n FROM audit WHERE operation = 'NoteConflicts'`);
  assert.equal(audited.get()?.['n'], 2, 'one was refused, and it was told once');
  const [told] = noted();
  assert.deepEqual([told?.foundByKmaId, told?.keptValueJson, told?.sure], [self.kmaId, '"here"', 1]);
  assert.deepEqual(store.conflicts.first(9), []);
});

test('a member that reads less than is written is too old to be let in', async () => {
  const hello = {
    t: 'hello',
    protocol: 1,
    softwareVersion: '0.0.9',
    replicationVersion: REPLICATION_VERSION - 1,
    kmaId: PEER,
    incarnationId: PEER_LIFE,
    replicationPublicKey: 'A'.repeat(64),
    logPublicKey: 'B'.repeat(64),
    clusterEpochId: store.state.get('incarnation', self.incarnationId)?.clusterEpochId ?? '',
    vector: {},
  } as const;
  const why = await admitPeer(core, running.replication, { keySha256: 'C'.repeat(64), hello });
  const [older, inUse] = [REPLICATION_VERSION - 1, REPLICATION_VERSION];
  assert.equal(
    why,
    `it is too old: OpenKMA 0.0.9 reads version ${older} of what stands in logs, and this cluster writes version ${inUse}; install OpenKMA ${VERSION} there, or a later one`,
  );
});
