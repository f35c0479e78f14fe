/** A key split that another member made: until its objects are here the one before opens this KMA, through a restart, and then it is erased. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { QUORUM, TestKma } from '../../../test/support/kma.ts';
import { created, event, set } from '../../core/facts.ts';
import type { KeySplitId, MasterEpochId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { readSetting, settingFact } from '../../core/settings.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { REPLICATION_VERSION } from '../../version.ts';
import { APPLIANCE } from './core-call.ts';
import { OtherMember, PEER, PEER_LIFE } from './replicated-world.fixture.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
let running = await openAlone(kma.data);
after(async () => {
  await running.close();
  await kma[Symbol.asyncDispose]();
});
const store = () => running.core.parts.store;
const idOf = (digit: string) => digit.repeat(32);
const before = readSetting(store().state, 'currentKeySplitId') as KeySplitId;
const rootBefore = store().state.get('key_split', before)?.rootEpochId as RootEpochId;
const objectBefore = store().state.get('key_split', before)?.objectId as ObjectId;

const SPLIT = idOf('5') as KeySplitId;
const ROOT = idOf('6') as RootEpochId;
const MASTER = readSetting(store().state, 'currentMasterEpochId') as MasterEpochId;
const sealed = (id: string, about: Omit<SealedObject, 'id' | 'bytes'>): SealedObject => ({
  ...about,
  id: idOf(id),
  bytes: Buffer.from(`sealed ${id}`),
});
const split = sealed('7', { class: 'self-protected', kind: 'key-split', owner: SPLIT, epoch: ROOT });
const wrap = sealed('8', { class: 'root-sealed', kind: 'master-key', owner: MASTER, epoch: ROOT });
const named = ({ id, bytes }: SealedObject) => ({
  objectId: id as ObjectId,
  objectSha256: sha256Hex(bytes),
});

/** As the deletion of a lost KMA by the other member. */
async function learnOfNewSplit() {
  const other = new OtherMember(running);
  other.write(
    created('key_split', SPLIT, {
      ...{ rootEpochId: ROOT, threshold: 2, size: 3, namesJson: '[]', createdAt: 1 },
      ...named(split),
    }),
    event('key_split', before, 'retired', { retiredAt: 1 }),
    created('master_wrap', `${MASTER}:${ROOT}`, {
      masterEpochId: MASTER,
      rootEpochId: ROOT,
      ...named(wrap),
    }),
    settingFact('currentKeySplitId', SPLIT),
    settingFact('currentRootEpochId', ROOT),
    set('incarnation', PEER_LIFE, { replicationVersion: REPLICATION_VERSION }),
  );
  await other.deliver();
  const replicationVersion = REPLICATION_VERSION;
  await running.core.callLocal('NoteReplicationVersion', { replicationVersion });
  return other;
}

const call = (operation: string, input: object) =>
  running.core.call({
    operation,
    input,
    origin: APPLIANCE,
    claim: { claim: 'appliance' },
    quorum: QUORUM.map(({ name, passphrase }) => ({ name, passphrase: SecretBytes.fromText(passphrase) })),
  });

test('until its objects are here the quorum of the one before unlocks and accepts the clock, and does nothing else', async () => {
  await learnOfNewSplit();
  const accepted = await call('AcceptClock', {});
  assert.ok(!isRefusal(accepted), JSON.stringify(accepted));
  assert.ok(store().hasObject(objectBefore), 'nobody could be unlocked without it');
  const changed = await call('SetAutonomousUnlock', { enabled: true });
  assert.ok(isRefusal(changed) && changed.refused === 'CORE_SECURITY_NOT_FOUND', JSON.stringify(changed));
  running.core.parts.memory.lock();
  const unlocked = await call('UnlockKma', {});
  assert.ok(!isRefusal(unlocked), JSON.stringify(unlocked));
  assert.ok(running.core.parts.memory.root(rootBefore), 'it is the root key material of before');
  assert.equal(running.core.parts.memory.root(ROOT), undefined);
});

test('while the member that made it is one, nothing is split among the persons of before, not even where it is about to be removed', async () => {
  for (const leaving of [null, PEER]) {
    const waiting = await running.core.security.newRoot(leaving);
    assert.ok(isRefusal(waiting) && waiting.refused === 'CORE_SECURITY_NOT_FOUND', JSON.stringify(waiting));
  }
});

test('after a restart too it stays until all have come, and then its erasure is to be confirmed', async () => {
  await running.close();
  running = await openAlone(kma.data);
  assert.equal(await running.replication.store([split]), 0);
  assert.ok(store().hasObject(objectBefore), 'the master key cannot be opened yet');
  assert.equal(await running.replication.store([wrap]), 0);
  assert.ok(!store().hasObject(objectBefore));
  assert.ok(store().erasures.first(9).includes(objectBefore));
  running.core.parts.memory.lock();
  const unlocked = await call('UnlockKma', {});
  assert.ok(isRefusal(unlocked), 'its quorum counts no more');
});
