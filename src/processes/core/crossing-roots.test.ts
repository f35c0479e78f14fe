/** A key split that is changed on one side of a cut network while a KMA is lost on the other: what was made under the new root key material is opened by a quorum after a cold start, and both become one again. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { created, event, set } from '../../core/facts.ts';
import type { KeySplitId, KmaId, MasterEpochId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting, settingFact } from '../../core/settings.ts';
import { isRootExposed } from '../../operations/cluster/keep-root.ts';
import { createKeySplit } from '../../security/key-split.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { readMemberKeys } from '../../setup/member-key-file.ts';
import { openedCopies } from '../../store/opened-copies.ts';
import { APPLIANCE } from './core-call.ts';
import { OtherMember, PEER_LIFE, until } from './replicated-world.fixture.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
let running = await openAlone(kma.data);
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const parts = () => running.core.parts;
const setting = <T extends string>(
  name: 'currentKeySplitId' | 'currentRootEpochId' | 'currentMasterEpochId',
) => readSetting(parts().store.state, name) as unknown as T;

const SPLIT = '5'.repeat(32) as KeySplitId;
const NEW_PERSONS = ['dora', 'emil'];
const PASSPHRASE = 'Split-once-more-8';
const credentials = () => NEW_PERSONS.map((name) => ({ name, passphrase: SecretBytes.fromText(PASSPHRASE) }));

const splitBefore = setting<KeySplitId>('currentKeySplitId');
const rootBefore = setting<RootEpochId>('currentRootEpochId');
const masters = [setting<MasterEpochId>('currentMasterEpochId')];
const other = new OtherMember(running);

/** As ModifyKeySplit at the other member, which knows nothing of the loss; its clock is ahead. */
async function changeSplitElsewhere() {
  const rootKeyMaterial = parts().memory.root(rootBefore) ?? assert.fail();
  const about = { threshold: 2, rootEpochId: rootBefore, splitId: SPLIT };
  const bytes = await createKeySplit({ ...about, credentials: credentials(), rootKeyMaterial });
  const id = '7'.repeat(32) as ObjectId;
  other.write(
    created('key_split', SPLIT, {
      ...{ rootEpochId: rootBefore, threshold: 2, size: 2, namesJson: JSON.stringify(NEW_PERSONS) },
      ...{ objectId: id, objectSha256: sha256Hex(bytes), createdAt: 1 },
    }),
    event('key_split', splitBefore, 'retired', { retiredAt: 1 }),
    settingFact('currentKeySplitId', SPLIT),
  );
  await other.deliver();
  const about2 = { class: 'self-protected', kind: 'key-split', owner: SPLIT, epoch: rootBefore } as const;
  assert.equal(await running.replication.store([{ ...about2, id, bytes }]), 0);
}

async function loseOne() {
  other.write(set('incarnation', PEER_LIFE, { replicationVersion: 2 }));
  await other.deliver();
  await running.core.callLocal('NoteReplicationVersion', { replicationVersion: 2 });
  await until(() => parts().store.state.get('member_key', parts().self.incarnationId)?.objectId != null);
  other.write(created('kma', 'LOST' as KmaId, { name: 'kma-9', createdAt: 1, number: 9 }));
  other.write(event('kma', 'LOST', 'removed', { removedHow: 'lost' }));
  await other.deliver();
  assert.ok(!isRefusal(await running.core.callLocal('ReplaceExposedRoot', {})));
}

/** Nothing of it is in memory any more, and nothing opens it but a quorum. */
async function unlockCold() {
  parts().store.transaction(() => parts().store.setLocal('locked', '1'));
  await running.close();
  running = await openAlone(kma.data);
  assert.equal(parts().memory.unlocked, false);
  const unlocked = await running.core.call({
    operation: 'UnlockKma',
    input: {},
    origin: APPLIANCE,
    claim: { claim: 'appliance' },
    quorum: credentials(),
  });
  assert.ok(!isRefusal(unlocked), JSON.stringify(unlocked));
}

const opensAll = () =>
  masters.every((epoch) => parts().memory.roots.some((root) => isWrapped(epoch, root.rootEpochId)));
const isWrapped = (epoch: string, root: string) =>
  parts().store.state.get('master_wrap', `${epoch}:${root}`)?.createdStamp != null;

test('the quorum opens the root key material of before, and with it the member key and what was made since', async () => {
  await loseOne();
  masters.push(setting<MasterEpochId>('currentMasterEpochId'));
  const rootOfLoss = setting<RootEpochId>('currentRootEpochId');
  assert.equal(isRootExposed(parts().store.state), false);
  await changeSplitElsewhere();
  assert.deepEqual([setting('currentKeySplitId'), setting('currentRootEpochId')], [SPLIT, rootOfLoss]);
  assert.equal(isRootExposed(parts().store.state), true, 'no quorum opens the root key material of today');
  assert.ok(!isRefusal(await running.core.callLocal('FillKeyPool', { count: 1 })));
  const { self, memory } = parts();
  const opening = memory.roots.filter(({ rootEpochId }) => rootEpochId === rootBefore);
  await until(() => readMemberKeys(running.directory, self.incarnationId, opening).length > 0);
  await unlockCold();
  await until(() => parts().memory.root(rootOfLoss) !== undefined);
  assert.ok(opensAll());
  const { store } = parts();
  assert.deepEqual([...openedCopies(store, self.incarnationId).values()], [rootOfLoss]);
  const { [self.incarnationId]: held } = store.heldVector(self.incarnationId);
  assert.equal(held, store.logLength(self.incarnationId), 'what was made since opens by the copy alone');
});

test('root key material that a quorum opens takes the place of both, and opens all master keys', async () => {
  assert.ok(!isRefusal(await running.core.callLocal('ReplaceExposedRoot', {})));
  masters.push(setting<MasterEpochId>('currentMasterEpochId'));
  assert.equal(isRootExposed(parts().store.state), false);
  const root = setting<RootEpochId>('currentRootEpochId');
  assert.ok(masters.every((epoch) => isWrapped(epoch, root)));
  const copies = parts().store.state.scan('root_copy', 'life', {
    equals: [parts().self.incarnationId, root],
    limit: 9,
  });
  assert.equal(copies.length, 1, 'the member key was shown under the root key material of the loss');
  await unlockCold();
  assert.ok(parts().memory.root(root));
  assert.ok(!isRefusal(await running.core.callLocal('FillKeyPool', { count: 1 })));
});
