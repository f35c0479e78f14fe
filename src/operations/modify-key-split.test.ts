/** A new key split: other people, the same root key material. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed } from '../core/facts.ts';
import { foldEntry } from '../core/fold.ts';
import { madeLife, OTHER_LIFE } from '../core/folding.fixture.ts';
import type { KeySplitId, KmaId, ObjectId, RootEpochId } from '../core/ids.ts';
import { isRefusal } from '../core/refusal.ts';
import { readSetting, settingFact } from '../core/settings.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { openKeySplit } from '../security/key-split.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { showKeySplit } from './core-security.ts';
import { modifyKeySplit } from './modify-key-split.ts';
import { World } from './world.fixture.ts';

const ROOT = Buffer.alloc(32, 7);
const root = () => new SecretBytes(Buffer.from(ROOT));
const holder = (name: string, passphrase = 'Split-again-7') => ({
  name,
  passphrase: SecretBytes.fromText(passphrase),
  new: true as const,
});

test('the new credentials open the root key material that the old ones opened', async () => {
  const world = new World();
  const old = world.state.get('key_split', world.keySplitId)?.objectId ?? '';
  const newCredentials = [holder('dora'), holder('emil')];
  await world.did(modifyKeySplit, { threshold: 2 }, { rootKeyMaterial: root(), newCredentials });
  const { createdAt: _, ...shown } = (await world.did(showKeySplit, {})).output;
  assert.deepEqual(shown, { threshold: 2, size: 2, names: ['dora', 'emil'] });
  const object = [...world.objects.values()].find(({ kind, id }) => kind === 'key-split' && id !== old);
  const opened = await openKeySplit(object?.bytes ?? Buffer.of(), newCredentials);
  assert.ok(!isRefusal(opened));
  assert.deepEqual(opened.reveal(), ROOT);
  assert.ok(!world.objects.has(old), 'the old credentials open nothing here any more');
});

test('it is refused without a quorum, and with credentials that make no sound split', async () => {
  const refusals: readonly (readonly [string, number, ReturnType<typeof holder>[]])[] = [
    ['INVALID_PARAMETERS', 1, []],
    ['INVALID_PARAMETERS', 3, [holder('dora'), holder('emil')]],
    ['INVALID_PARAMETERS', 1, [holder('dora'), holder('dora')]],
    ['INVALID_PARAMETERS', 1, [holder('J\u00f6rg'), holder('Jo\u0308rg')]],
    ['INVALID_PARAMETERS', 1, [holder(' dora')]],
    ['INVALID_PARAMETERS', 1, [...'abcdefghijk'].map((name) => holder(name))],
    ['INVALID_PASSPHRASE', 1, [holder('dora', 'short')]],
    ['INVALID_PASSPHRASE', 1, [holder('dora', 'Dora-is-here-1')]],
  ];
  const world = new World();
  for (const [code, threshold, newCredentials] of refusals)
    assert.equal(
      await world.refusal(modifyKeySplit, { threshold }, { rootKeyMaterial: root(), newCredentials }),
      code,
    );
  const newCredentials = [holder('dora')];
  assert.equal(await world.refusal(modifyKeySplit, { threshold: 1 }, { newCredentials }), 'QUORUM_NOT_MET');
});

const OTHER = 'D'.repeat(32) as KmaId;
const ELSEWHERE = '8'.repeat(32) as KeySplitId;
const OBJECT_ELSEWHERE = '9'.repeat(32) as ObjectId;

/** The other member has changed the key split, over other root key material perhaps; its stamp is so much later than all here. */
function changedElsewhere(world: World, laterMs: number, rootEpochId: RootEpochId = world.rootEpochId) {
  const fold = (ms: number, ...facts: readonly Fact[]) =>
    foldEntry(world.state, { v: 1, stamp: stampOf(hlc(ms, 0), OTHER_LIFE), operation: 'Test', facts });
  const { nowMs } = world;
  world.commit([created('kma', OTHER, { name: 'kma-2', createdAt: 1, number: 2 })]);
  fold(nowMs, madeLife(OTHER_LIFE, OTHER));
  fold(
    nowMs + laterMs,
    created('key_split', ELSEWHERE, {
      ...{ rootEpochId, threshold: 1, size: 1, namesJson: '["zoe"]', createdAt: 1 },
      ...{ objectId: OBJECT_ELSEWHERE, objectSha256: '' },
    }),
    event('key_split', world.keySplitId, 'retired', { retiredAt: 1 }),
    settingFact('currentKeySplitId', ELSEWHERE),
  );
  world.nowMs += laterMs + 1;
}

test('where the current one is lost with its maker, that of the split before is split anew, and the record says who approved and why', async () => {
  const world = new World();
  changedElsewhere(world, 1_000, '6'.repeat(32) as RootEpochId);
  const given = () => {
    const newCredentials = [holder('dora')];
    return { rootKeyMaterial: root(), newCredentials, quorumKeySplitId: world.keySplitId };
  };
  const early = await world.refusal(modifyKeySplit, { threshold: 1 }, given());
  assert.equal(early, 'QUORUM_NOT_MET', 'its maker is a member, and can send it');
  world.commit([removed('kma', OTHER)]);
  const { decision } = await world.did(modifyKeySplit, { threshold: 1 }, given());
  assert.match(
    decision?.audit?.message ?? '',
    new RegExp(`approvedBy=${world.keySplitId}, .*because ${ELSEWHERE} is lost with kma-2`),
  );
  const now = world.state.get('key_split', readSetting(world.state, 'currentKeySplitId') ?? '');
  assert.deepEqual([now?.rootEpochId, now?.namesJson], [world.rootEpochId, '["dora"]']);
  assert.notEqual(world.state.get('key_split', ELSEWHERE)?.retiredStamp, null);
});

test('a key split of the other side of a cut network, which did not prevail, is retired with the next change', async () => {
  const world = new World();
  const options = () => ({ rootKeyMaterial: root(), newCredentials: [holder('dora')] });
  world.nowMs += 60_000;
  await world.did(modifyKeySplit, { threshold: 1 }, options());
  changedElsewhere(world, -30_000);
  assert.notEqual(readSetting(world.state, 'currentKeySplitId'), ELSEWHERE);
  assert.equal(world.state.get('key_split', ELSEWHERE)?.retiredStamp, null);
  world.nowMs += 60_000;
  const { decision } = await world.did(modifyKeySplit, { threshold: 1 }, options());
  assert.notEqual(world.state.get('key_split', ELSEWHERE)?.retiredStamp, null);
  assert.ok(decision?.erase?.includes(OBJECT_ELSEWHERE));
  assert.doesNotMatch(decision?.audit?.message ?? '', /approvedBy/);
});
