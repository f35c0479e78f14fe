/** New root key material that was made while the key split of today was lost is judged again in the transaction: that may have come meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed } from '../../core/facts.ts';
import { foldEntry } from '../../core/fold.ts';
import { madeLife, OTHER_LIFE } from '../../core/folding.fixture.ts';
import type { IncarnationId, KeySplitId, KmaId, ObjectId } from '../../core/ids.ts';
import { currentKeySplit } from '../../core/key-split-standing.ts';
import { isRefusal } from '../../core/refusal.ts';
import { settingFact } from '../../core/settings.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { World } from '../world.fixture.ts';
import { newRootOf } from './new-root.fixture.ts';
import { replaceRoot } from './root-facts.ts';

const [MAKER, THIRD] = ['D'.repeat(32), 'E'.repeat(32)] as [KmaId, KmaId];
const SECOND = '8'.repeat(32) as KeySplitId;
const LIFE_OF_THIRD = 'C3C3C3C3C3C3C3C3' as IncarnationId;
const OBJECT = '9'.repeat(32) as ObjectId;

/** FIRST is here; SECOND, by which its maker replaced it, is lost with that one. */
function lostElsewhere() {
  const world = new World();
  const { state } = world;
  const splitLike = currentKeySplit(state) ?? assert.fail();
  const kma = (id: KmaId, number: number) => created('kma', id, { name: id, createdAt: 1, number });
  world.commit([kma(MAKER, 2)]);
  const elsewhere = (...facts: readonly Fact[]) => {
    world.nowMs += 1;
    const stamp = stampOf(hlc(world.nowMs, 0), OTHER_LIFE);
    foldEntry(state, { v: 1, stamp, operation: 'Test', facts });
  };
  elsewhere(madeLife(OTHER_LIFE, MAKER));
  elsewhere(
    created('key_split', SECOND, {
      ...{ rootEpochId: world.rootEpochId, threshold: 1, size: 1, namesJson: '["zoe"]', createdAt: 1 },
      ...{ objectId: OBJECT, objectSha256: '' },
    }),
    event('key_split', splitLike.id, 'retired', { retiredAt: 1 }),
    settingFact('currentKeySplitId', SECOND),
  );
  world.commit([removed('kma', MAKER)]);
  const made = newRootOf(world);
  assert.ok(!isRefusal(made));
  const here = new Set([splitLike.objectId]);
  const keySplits = () => ({
    ...{ state, kmaId: world.self.kmaId, lacking: () => new Set<string>() },
    has: (id: string) => here.has(id as ObjectId),
  });
  const context = {
    ...{ state, self: world.self, nowMs: world.nowMs, load: 0, nextSeq: 1, unlocked: true },
    origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
    caller: { kind: 'local' },
    random: (bytes: number) => new Uint8Array(bytes),
  } as const;
  const decide = (splits: typeof keySplits | null = keySplits) => {
    const change = replaceRoot(
      { ...made, splitLike },
      splits === null ? context : { ...context, keySplits: splits },
    );
    return isRefusal(change) ? change.refused : change.erase;
  };
  return { world, here, decide, kma };
}

test('it takes the place of a lost key split only while that is lost', () => {
  const { here, decide } = lostElsewhere();
  assert.ok(decide().includes(OBJECT));
  here.add(OBJECT);
  assert.equal(decide(), 'SERVER_BUSY', 'it would be erased unread');
});

test('it does not where a member may have that one after all, nor where nobody can say', () => {
  const { world, decide, kma } = lostElsewhere();
  world.commit([kma(THIRD, 3), madeLife(LIFE_OF_THIRD, THIRD)]);
  assert.equal(decide(), 'SERVER_BUSY');
  assert.equal(decide(null), 'SERVER_BUSY');
});
