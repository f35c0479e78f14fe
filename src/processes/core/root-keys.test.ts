/** A file of the member key that is damaged is put aside and told of, and keeps nothing else from being done after a loss. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { created, event, set } from '../../core/facts.ts';
import type { AgentId, KmaId, MasterEpochId, ObjectId, RootEpochId } from '../../core/ids.ts';
import { unissuedKeys } from '../../core/readiness.ts';
import { settingFact } from '../../core/settings.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { sha256Hex } from '../../security/sealing.ts';
import { readMemberKeys } from '../../setup/member-key-file.ts';
import { REPLICATION_VERSION } from '../../version.ts';
import { OtherMember, PEER_LIFE, until } from './replicated-world.fixture.ts';

const { kma, running } = await newCoreAlone();
const { core, directory } = running;
const { store, self, memory } = core.parts;
const other = new OtherMember(running);
const ownKeys = () => readMemberKeys(directory, self.incarnationId, memory.roots);
const toldOf = () =>
  Number(
    store.database.prepare(`SELECT count(*) AS n FROM audit WHERE condition = 'Member key damaged'`).get()?.[
      'n'
    ],
  );

other.write(set('incarnation', PEER_LIFE, { replicationVersion: REPLICATION_VERSION }));
await other.deliver();
await until(() => store.state.get('member_key', self.incarnationId)?.objectId != null);

test('a damaged file is told of once, and the key in memory is in a file again', async () => {
  directory.writeLocal('member-key.json', Buffer.from('[{"incarn'));
  await running.maintenance.minutely();
  assert.equal(ownKeys().length, 1);
  await until(() => toldOf() === 1);
  await running.maintenance.minutely();
  assert.equal(toldOf(), 1);
});

test('a copy of root key material that opens nothing lets nothing be held, however many there are', async () => {
  const [root, epoch] = ['E'.repeat(32), 'D'.repeat(32)];
  const object = (
    digit: string,
    about: Pick<SealedObject, 'class' | 'kind' | 'owner' | 'epoch'>,
  ): SealedObject => ({
    ...about,
    id: digit.repeat(32),
    bytes: Buffer.concat([Uint8Array.of(2), Buffer.from(epoch, 'hex'), Buffer.from(digit)]),
  });
  const named = ({ id, bytes }: SealedObject) => ({
    objectId: id as ObjectId,
    objectSha256: sha256Hex(bytes),
  });
  const wrap = object('A', { class: 'root-sealed', kind: 'master-key', owner: epoch, epoch: root });
  const copy = object('C', {
    class: 'self-protected',
    kind: 'root-copy',
    owner: self.incarnationId,
    epoch: root,
  });
  const key = object('F', { class: 'root-sealed', kind: 'key', owner: 'KF', epoch });
  const incarnationId = self.incarnationId;
  const [masterEpochId, rootEpochId] = [epoch as MasterEpochId, root as RootEpochId];
  other.write(
    created('master_epoch', epoch, { createdAt: 1 }),
    created('master_wrap', `${epoch}:${root}`, { masterEpochId, rootEpochId, ...named(wrap) }),
    created('root_copy', 'COPY', { incarnationId, rootEpochId, ...named(copy) }),
  );
  const madeSeq = other.blocks.length + 1;
  other.write(created('key', 'KF', { ...named(key), incarnationId: PEER_LIFE, madeSeq, createdAt: 1 }));
  await other.deliver();
  assert.equal(await running.replication.store([wrap, copy, key]), 0);
  await running.maintenance.minutely();
  assert.equal(store.heldVector(self.incarnationId)[PEER_LIFE], madeSeq - 1);
});

const AGENTS = Array.from({ length: 450 }, (_, n) => `${n}`.padStart(32, 'A') as AgentId);

/** More than are looked at in one go; their secret is some object under the master key of before. */
function agentsElsewhere(): void {
  const legacySecretObjectId = store.state.get('certificate_authority', 'root')?.keyObjectId as ObjectId;
  for (const id of AGENTS)
    other.write(created('agent', id, { name: id, createdAt: 1 }), set('agent', id, { legacySecretObjectId }));
}

test('a file that cannot even be read keeps nothing that a lost KMA knows: keys of the pool, passphrases of many agents', async () => {
  agentsElsewhere();
  await core.callLocal('FillKeyPool', { count: 3 });
  assert.notEqual(unissuedKeys(store.state, self.incarnationId), 0);
  const file = join(kma.data, 'local', 'member-key.json');
  rmSync(file);
  mkdirSync(file);
  const epoch = '9'.repeat(32) as MasterEpochId;
  other.write(
    created('kma', 'LOST' as KmaId, { name: 'kma-9', createdAt: 1, number: 9 }),
    event('kma', 'LOST', 'removed', { removedHow: 'lost' }),
    created('master_epoch', epoch, { createdAt: 1 }),
    settingFact('currentMasterEpochId', epoch),
  );
  await other.deliver();
  await until(() => unissuedKeys(store.state, self.incarnationId) === 0);
  await until(() => AGENTS.every((id) => store.state.get('agent', id)?.proofDisabled === 1));
});
