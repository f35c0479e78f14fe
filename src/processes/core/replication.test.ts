/** A real core takes another member's entries, objects and confirmations: folded, erased, counted Ready, and nothing that is not sound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { created, event, type Fact, removed, set } from '../../core/facts.ts';
import { madeLife } from '../../core/folding.fixture.ts';
import type { IncarnationId, KmaId, MasterEpochId, ObjectId, RootEpochId, UserId } from '../../core/ids.ts';
import { readyThroughSeq } from '../../core/readiness.ts';
import { readSetting } from '../../core/settings.ts';
import { nextHlc, stampOf } from '../../core/stamp.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { OtherMember, objectOf, PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';

const { running } = await newCoreAlone();
const { store, self } = running.core.parts;
const other = new OtherMember(running);

test("another member's entries are folded, and what is written here next has a later stamp", async () => {
  other.write(created('site', 'S', { name: 'berlin', createdAt: 1 }));
  const { stamp } = other.write(set('site', 'S', { description: 'far' }));
  assert.deepEqual(await other.deliver(), { length: 3, stalled: null, broken: false });
  assert.equal(store.state.get('site', 'S')?.description, 'far');
  await running.core.callLocal('FillKeyPool', { count: 1 });
  const own = store.readLog(self.incarnationId, store.logLength(self.incarnationId) - 1, 1)[0];
  assert.ok(JSON.parse(Buffer.from(own ?? []).toString()).stamp > stamp);
});

test('many facts are taken in several commits, so that agents wait for none of them long', async () => {
  const { commits } = running.core.committer.statistics();
  for (let n = 0; n < 8; n++)
    other.write(
      ...Array.from({ length: 250 }, (_, i) =>
        created('site', `S${n}-${i}`, { name: `s${n}-${i}`, createdAt: 1 }),
      ),
    );
  assert.deepEqual(await other.deliver(), { length: other.blocks.length, stalled: null, broken: false });
  assert.ok(running.core.committer.statistics().commits >= commits + 4);
});

test('a sealed object is taken where it is the one that a row names, is erased with its key, and never taken again', async () => {
  const object = other.makeKey('K1');
  await other.deliver();
  assert.deepEqual(store.missing.firsts(9), [object.id]);
  assert.equal(await running.replication.store([{ ...object, bytes: Buffer.from('false') }]), 1);
  assert.equal(store.getObject(object.id), undefined);
  assert.equal(await running.replication.store([object, objectOf('nobody asked')]), 0);
  assert.deepEqual(store.missing.firsts(9), []);
  assert.ok(store.getObject(object.id));
  assert.equal(store.heldVector(self.incarnationId)[PEER_LIFE], other.blocks.length);
  other.write(event('key', 'K1', 'destroyed', { destroyedAt: 1, destroyedComment: '' }));
  await other.deliver();
  assert.equal(store.getObject(object.id), undefined);
  assert.equal(await running.replication.store([object]), 0, 'nobody looks for it any more');
  assert.equal(store.getObject(object.id), undefined);
  await until(
    () => store.state.get('object_erasure', `${object.id}:${self.incarnationId}`)?.createdStamp != null,
  );
});

test('the right bytes under another class, kind, owner or epoch are not taken, since they would never open', async () => {
  const object = other.makeKey('K3');
  await other.deliver();
  const wrong: Partial<SealedObject>[] = [
    { class: 'open' },
    { kind: 'legacy-secret' },
    { owner: 'K1' },
    { epoch: '' },
    { epoch: 'E'.repeat(32) },
  ];
  for (const change of wrong) {
    assert.equal(await running.replication.store([{ ...object, ...change }]), 1, JSON.stringify(change));
    assert.equal(store.getObject(object.id), undefined);
  }
  assert.deepEqual(store.missing.firsts(9), [object.id]);
  assert.equal(await running.replication.store([object]), 0);
  assert.equal(store.getObject(object.id)?.owner, 'K3');
});

test('what cannot be opened here is not held: not a key under a master key whose wrap is not here', async () => {
  const held = () => store.heldVector(self.incarnationId)[PEER_LIFE];
  const all = other.blocks.length;
  assert.equal(held(), all);
  const [epoch, root] = ['9'.repeat(32), readSetting(store.state, 'currentRootEpochId') ?? ''];
  const bytes = Buffer.concat([Uint8Array.of(2), Buffer.from(epoch, 'hex'), Buffer.from('sealed')]);
  const key = { ...objectOf('K9'), epoch, bytes };
  other.write(created('master_epoch', epoch, { createdAt: 1 }));
  other.write(
    created('key', 'K9', {
      objectId: key.id as ObjectId,
      objectSha256: sha256Hex(bytes),
      incarnationId: PEER_LIFE,
      madeSeq: all + 2,
      createdAt: 1,
    }),
  );
  await other.deliver();
  assert.equal(
    await running.replication.store([{ ...key, epoch: root }]),
    1,
    'its epoch stands in its bytes',
  );
  assert.equal(await running.replication.store([key]), 0);
  assert.equal(held(), all + 1);
  const wrap: SealedObject = {
    ...{ id: '8'.repeat(32), class: 'root-sealed', kind: 'master-key', owner: epoch, epoch: root },
    bytes: Buffer.from('sealed master key'),
  };
  other.write(
    created('master_wrap', `${epoch}:${root}`, {
      masterEpochId: epoch as MasterEpochId,
      rootEpochId: root as RootEpochId,
      objectId: wrap.id as ObjectId,
      objectSha256: sha256Hex(wrap.bytes),
    }),
  );
  await other.deliver();
  assert.equal(held(), all + 1, 'the wrap is named, and has not come');
  assert.equal(await running.replication.store([wrap]), 0);
  assert.equal(held(), all + 3);
});

test('the secret of an agent that is not known yet waits for the agent, whose name it is sealed with', async () => {
  const bytes = Buffer.from('sealed secret');
  const epoch = readSetting(store.state, 'currentMasterEpochId') ?? '';
  const about = { class: 'root-sealed', kind: 'legacy-secret', owner: 'drive-1', epoch } as const;
  const object = { ...about, id: 'F'.repeat(32), bytes };
  other.write(
    set('agent', 'A', {
      legacySecretObjectId: object.id as ObjectId,
      legacySecretSha256: sha256Hex(bytes),
    }),
  );
  await other.deliver();
  assert.equal(await running.replication.store([object]), 0, 'nobody is to blame');
  assert.equal(store.getObject(object.id), undefined);
  other.write(created('agent', 'A', { name: 'drive-1', createdAt: 1 }));
  await other.deliver();
  assert.equal(await running.replication.store([{ ...object, owner: 'drive-2' }]), 1);
  assert.equal(await running.replication.store([object]), 0);
  assert.ok(store.getObject(object.id));
});

test('a passphrase that was submitted for approval is taken as that of the user who was made of it', async () => {
  const bytes = Buffer.from('verifier');
  const object = {
    id: 'D'.repeat(32),
    class: 'open',
    kind: 'passphrase-verifier',
    owner: '',
    epoch: '',
    bytes,
  } as const;
  const objectId = object.id as ObjectId;
  const objectSha256 = sha256Hex(bytes);
  other.write(
    created('pending_operation', 'P', {
      operation: 'CreateUser',
      inputJson: '{}',
      objectId,
      objectSha256,
      submittedBy: 'U' as UserId,
      homeKmaId: PEER,
      submittedAt: 1,
    }),
  );
  await other.deliver();
  other.write(
    event('pending_operation', 'P', 'finished', {
      finishedAt: 2,
      outcome: 'executed',
      finishedBy: 'U' as UserId,
    }),
    created('user', 'U', { name: 'olga', createdAt: 2 }),
    set('user', 'U', { verifierObjectId: objectId, verifierSha256: objectSha256 }),
  );
  await other.deliver();
  assert.deepEqual(store.missing.firsts(9), [object.id]);
  assert.equal(await running.replication.store([object]), 0);
  assert.ok(store.getObject(object.id));
});

test('an entry that is not sound holds up its log, those before it count, and people are told once', async () => {
  const sound = other.blocks.length;
  const garbage = Buffer.from('{"v":1}');
  const take = () => running.replication.apply(PEER_LIFE, sound, [garbage]);
  assert.deepEqual(await take().then(({ length, broken }) => ({ length, broken })), {
    length: sound,
    broken: true,
  });
  assert.match((await take()).stalled ?? '', /not sound/);
  await until(() => troubles().length > 0);
  assert.equal(troubles().length, 1);
});

test('objects that come while the store cannot be written are lost, and asked for again', async () => {
  const object = other.makeKey('K2');
  await other.deliver();
  store.database.exec(`CREATE TRIGGER full BEFORE INSERT ON object BEGIN SELECT raise(ABORT, 'full'); END`);
  assert.equal(await running.replication.store([object]), 0);
  assert.deepEqual(store.missing.firsts(9), [object.id]);
  store.database.exec('DROP TRIGGER full');
  assert.equal(await running.replication.store([object]), 0);
  assert.deepEqual(store.missing.firsts(9), []);
});

test('the own log is taken from nobody', async () => {
  const length = store.logLength(self.incarnationId);
  const applied = await running.replication.apply(self.incarnationId, length, [Buffer.from('{}')]);
  assert.deepEqual(applied, { length, stalled: 'this is the own log', broken: false });
});

test('keys are Ready by the word of another member, which may take it back', async () => {
  const through = () => readyThroughSeq(store.state, self.incarnationId);
  const length = store.logLength(self.incarnationId);
  const confirm = (holds: number, applied = holds) =>
    running.replication.confirmed(
      PEER_LIFE,
      PEER,
      { [self.incarnationId]: applied },
      { [self.incarnationId]: holds },
    );
  assert.equal(through(), 0);
  confirm(length);
  await until(() => through() === length);
  confirm(length - 1);
  await until(() => through() === length - 1);
  confirm(store.logLength(self.incarnationId) + 1_000, store.logLength(self.incarnationId));
  await until(() => through() === 0);
  confirm(5, 4);
  confirm(2);
  await until(() => through() === 2);
});

test('what a member holds of the logs of others costs no commit each time', async () => {
  const own = { [self.incarnationId]: 2 };
  const { commits } = running.core.committer.statistics();
  for (let length = 1; length <= 20; length += 1) {
    const vector = { ...own, [PEER_LIFE]: length };
    running.replication.confirmed(PEER_LIFE, PEER, vector, vector);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await running.core.callLocal('FillKeyPool', { count: 1 });
  assert.ok(running.core.committer.statistics().commits <= commits + 3);
});

test('a life that had more of the own log than there is holds nothing of it that counts, also when there is as much', async () => {
  const through = () => readyThroughSeq(store.state, self.incarnationId);
  const own = (seq: number) => ({ [self.incarnationId]: seq });
  running.replication.confirmed(PEER_LIFE, PEER, own(2), own(2));
  await until(() => through() === 2);
  const before = 'E'.repeat(16) as IncarnationId;
  const kmaId = 'E'.repeat(32) as KmaId;
  writeHere(created('kma', kmaId, { name: 'back', createdAt: 1, number: 3 }), madeLife(before, kmaId));
  const length = store.logLength(self.incarnationId);
  running.replication.confirmed(before, kmaId, own(length + 1), {});
  await running.core.callLocal('FillKeyPool', { count: 1 });
  assert.ok(store.logLength(self.incarnationId) > length);
  running.replication.confirmed(before, kmaId, own(length + 1), own(length + 1));
  await running.core.callLocal('FillKeyPool', { count: 1 });
  assert.equal(through(), 2);
});

test('what another life of this KMA says to hold does not count', async () => {
  const before = readyThroughSeq(store.state, self.incarnationId);
  running.replication.confirmed(
    'C'.repeat(16),
    self.kmaId,
    { [self.incarnationId]: 9 },
    { [self.incarnationId]: 9 },
  );
  running.replication.confirmed(PEER_LIFE, PEER, { [self.incarnationId]: 3 }, { [self.incarnationId]: 3 });
  await until(() => readyThroughSeq(store.state, self.incarnationId) !== before);
  assert.equal(readyThroughSeq(store.state, self.incarnationId), 3);
});

test('once the member is removed its word counts no more, nothing is taken of its log, and its end is written down', async () => {
  const length = other.blocks.length;
  remove();
  assert.equal(readyThroughSeq(store.state, self.incarnationId), 0);
  other.write(created('site', 'LATE', { name: 'late', createdAt: 1 }));
  const applied = await other.deliver();
  assert.deepEqual([applied.length, applied.broken], [length, false]);
  assert.match(applied.stalled ?? '', /ends at/);
  await running.maintenance.minutely();
  const end = store.state.get('log_end', `${PEER_LIFE}:${self.incarnationId}`);
  assert.deepEqual([end?.length, end?.byIncarnationId], [length, self.incarnationId as IncarnationId]);
});

/** As an officer does here. */
function remove(): void {
  writeHere(removed('kma', PEER));
}

function writeHere(...facts: readonly Fact[]): void {
  const stamp = stampOf(nextHlc(store.lastStamp(), 0), self.incarnationId);
  store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
}

function troubles(): unknown[] {
  return store.database.prepare(`SELECT 1 FROM audit WHERE condition = 'Replication stalled'`).all();
}
