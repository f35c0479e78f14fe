/** A key split that is lost with the member that made it: the quorum of the one before changes it once every other member has said that it has it not, and approves nothing else. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { QUORUM, TestKma } from '../../../test/support/kma.ts';
import { created, event } from '../../core/facts.ts';
import { admittedLife } from '../../core/folding.fixture.ts';
import type { IncarnationId, KeySplitId, KmaId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { currentKeySplit } from '../../core/key-split-standing.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting, settingFact } from '../../core/settings.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { APPLIANCE } from './core-call.ts';
import { OtherMember, PEER, until } from './replicated-world.fixture.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
const running = await openAlone(kma.data);
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const { store } = running.core.parts;
const SPLIT = '5'.repeat(32) as KeySplitId;
const OBJECT = '7'.repeat(32) as ObjectId;
const THIRD = 'C'.repeat(32) as KmaId;
const THIRD_LIFE = 'CCCCCCCCCCCCCCCC' as IncarnationId;
const NEW_HOLDERS = ['dora', 'emil'];
const PASSPHRASE = 'Split-once-more-8';
const before = currentKeySplit(store.state) ?? assert.fail();
const other = new OtherMember(running);

const call = (operation: string, input: object, holders: readonly string[] = []) =>
  running.core.call({
    ...{ operation, input, origin: APPLIANCE, claim: { claim: 'appliance' } },
    quorum: [
      ...QUORUM.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
      ...holders.map((name) => ({ name, passphrase: SecretBytes.fromText(PASSPHRASE), new: true as const })),
    ],
  });
const change = () => call('ModifyKeySplit', { threshold: 2 }, NEW_HOLDERS);

async function refusedBecause(reason: RegExp): Promise<void> {
  const changed = await change();
  assert.ok(isRefusal(changed) && changed.refused === 'CORE_SECURITY_NOT_FOUND', JSON.stringify(changed));
  assert.match(changed.detail ?? '', reason);
}

/** As its replicator tells it every second. */
function thirdSays(): void {
  const incarnationId = THIRD_LIFE;
  running.members.told({
    ...{ t: 'peer', kmaId: THIRD, incarnationId, connected: true, applied: store.vector(), holds: {} },
    ...{ health: null, responseMs: 1, clockAheadMs: 0 },
  });
  const asked = store.vector();
  running.members.searched({ t: 'searched', incarnationId, lacks: [OBJECT], has: [], asked });
}

test('while the member that made it is one, and while another may have it, the quorum of before changes nothing', async () => {
  other.write(
    created('kma', THIRD, { name: 'third', createdAt: 1, number: 3 }),
    admittedLife(THIRD_LIFE, THIRD),
    created('key_split', SPLIT, {
      ...{ rootEpochId: before.rootEpochId as RootEpochId, threshold: 1, size: 1, namesJson: '["zoe"]' },
      ...{ objectId: OBJECT, objectSha256: 'A'.repeat(64), createdAt: 1 },
    }),
    event('key_split', before.id, 'retired', { retiredAt: 1 }),
    settingFact('currentKeySplitId', SPLIT),
  );
  await other.deliver();
  await refusedBecause(/on its way here from peer/);
  other.write(event('kma', PEER, 'removed', { removedHow: 'retired' }));
  await other.deliver();
  await refusedBecause(/went with peer.*third may have it/);
  thirdSays();
  await refusedBecause(/third may have it/);
});

test('once that one has said that it has it not, they change it, and what opened the one before is erased', async (t) => {
  const telling = setInterval(thirdSays, 500);
  t.after(() => clearInterval(telling));
  await until(() => running.core.parts.lacking(THIRD, OBJECT).has(THIRD_LIFE));
  const locked = await call('SetAutonomousUnlock', { enabled: true });
  assert.ok(isRefusal(locked) && locked.refused === 'CORE_SECURITY_NOT_FOUND', JSON.stringify(locked));
  assert.match(locked.detail ?? '', /lost with peer.*the one before.*key-split modify/);
  const changed = await change();
  assert.ok(!isRefusal(changed), JSON.stringify(changed));
  const now = currentKeySplit(store.state);
  assert.deepEqual([now?.namesJson, now?.rootEpochId], [JSON.stringify(NEW_HOLDERS), before.rootEpochId]);
  assert.notEqual(store.state.get('key_split', SPLIT)?.retiredStamp, null);
  assert.ok(store.hasObject(now?.objectId ?? ''));
  assert.ok(!store.hasObject(before.objectId ?? ''), 'its persons open nothing here any more');
  assert.equal(readSetting(store.state, 'currentKeySplitId'), now?.id);
});
