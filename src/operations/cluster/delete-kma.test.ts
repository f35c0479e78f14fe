/** What is said of the log of a KMA that is deleted as retired, and what waits for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { showKey } from '../keys.ts';
import { World } from '../world.fixture.ts';
import { closeLogs } from './close-logs.ts';
import { createKma } from './create-kma.ts';
import { deleteKma } from './delete-kma.ts';

const GONE = 'A1A1A1A1A1A1A1A1' as IncarnationId;
const OTHER = 'B2B2B2B2B2B2B2B2' as IncarnationId;
const HERE = 5;

/** Of a KMA that has joined; so much of the first one's log is here. */
async function withLives(): Promise<World> {
  const world = new World();
  for (const [kma, life] of [
    ['kma-2', GONE],
    ['kma-3', OTHER],
  ] as const) {
    await world.did(createKma, { kma, passphrase: 'Joins-the-others-1' });
    world.commit([
      created('incarnation', life, {
        kmaId: byName(world.state, 'kma', kma)?.id as KmaId,
        logPublicKey: '',
        replicationPublicKey: '',
        createdAt: 1,
        reason: 'join',
        clusterEpochId: '',
        baseVectorJson: '{}',
      }),
    ]);
  }
  world.state.putLogLength(GONE, HERE);
  return world;
}
const saidHere = (world: World) => world.state.get('log_end', `${GONE}:${world.self.incarnationId}`);

test('a destroyed key waits for what members have of the log of a retired one, and what is here of it is said with its deletion', async () => {
  const world = await withLives();
  const keyId = world.poolKey();
  world.commit([event('key', keyId, 'destroyed', { destroyedAt: 1, destroyedComment: '' })]);
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  assert.equal(saidHere(world)?.length, HERE);
  const waitsFor = async () => (await world.did(showKey, { keyId })).output.destructionWaitsFor.sort();
  const [erasure, atOther, end] = await waitsFor();
  assert.deepEqual([erasure, atOther], ['erasure at kma-1', 'erasure at kma-3']);
  assert.match(end ?? '', /^the end of the log of kma-2.*: every member has to say/);
  const said = { incarnationId: GONE, byIncarnationId: OTHER, length: HERE - 1 };
  world.commit([created('log_end', `${GONE}:${OTHER}`, said)]);
  assert.deepEqual(await waitsFor(), ['erasure at kma-1', 'erasure at kma-3']);
});

test('of a log that was closed before nothing is said with the deletion: all members may not be able to read it yet', async () => {
  const world = await withLives();
  await world.did(closeLogs, { ends: [{ incarnationId: GONE, length: HERE - 2 }] });
  await world.did(deleteKma, { kma: 'kma-2', as: 'retired' });
  const { length, laterLength } = saidHere(world) ?? assert.fail('it is closed');
  assert.deepEqual([length, laterLength], [HERE - 2, null]);
});

test('of a lost one nothing is said with its deletion: its lives go on', async () => {
  const world = await withLives();
  await world.did(deleteKma, { kma: 'kma-2', as: 'lost' });
  assert.equal(saidHere(world), undefined);
  assert.equal(world.state.get('incarnation', GONE)?.endedStamp, null);
});
