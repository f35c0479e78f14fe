/** What a new life of a store says of the lives before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../core/facts.ts';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { beginIncarnation } from './incarnations.ts';
import { World } from './world.fixture.ts';

const key = (digit: string) => digit.repeat(64);
const input = (before: string) => ({
  logPublicKey: key('A'),
  replicationPublicKey: key('B'),
  baseVector: {},
  before,
});

const lived = (id: string, kmaId: KmaId, replicationPublicKey: string | null = key('D')) =>
  created('incarnation', id as IncarnationId, {
    kmaId,
    logPublicKey: key('C'),
    replicationPublicKey,
    createdAt: 1,
    reason: 'copy',
    clusterEpochId: '',
    baseVectorJson: '{}',
  });

const admittedBy = (facts: readonly object[]) =>
  facts.flatMap((fact) => ('event' in fact && fact.event === 'admitted' && 'id' in fact ? [fact.id] : []));

test('a life that ended before it met another member is admitted by the next one', async () => {
  const world = new World();
  const before = 'AAAAAAAAAAAAAAAA' as IncarnationId;
  world.commit([lived(before, world.self.kmaId)]);
  const next = { ...world.self, incarnationId: 'BBBBBBBBBBBBBBBB' as IncarnationId };
  Object.assign(world.self, next);
  const { decision } = await world.did(beginIncarnation, input(before));
  const life = world.state.get('incarnation', before);
  assert.ok(admittedBy(decision?.facts ?? []).includes(before));
  assert.deepEqual(
    [life?.admittedKmaId, life?.admittedLogPublicKey, life?.admittedReplicationKey],
    [world.self.kmaId, key('C'), key('D')],
  );
});

test('a new life admits none of other KMAs, none that is over, is admitted already or has no key', async () => {
  const world = new World();
  const [over, known, old, other] = ['1', '2', '3', '4'].map(
    (digit) => `A${digit.repeat(15)}` as IncarnationId,
  );
  assert.ok(over && known && old && other);
  world.commit([
    lived(over, world.self.kmaId),
    event('incarnation', over, 'ended', { endedAt: 1 }),
    lived(known, world.self.kmaId),
    event('incarnation', known, 'admitted', {
      admittedKmaId: world.self.kmaId,
      admittedLogPublicKey: key('C'),
      admittedReplicationKey: key('D'),
    }),
    lived(old, world.self.kmaId, null),
    lived(other, 'D'.repeat(32) as KmaId),
  ]);
  const before = world.self.incarnationId;
  Object.assign(world.self, { incarnationId: 'BBBBBBBBBBBBBBBB' });
  const { decision } = await world.did(beginIncarnation, input(known));
  assert.deepEqual(admittedBy(decision?.facts ?? []), [before]);
});
