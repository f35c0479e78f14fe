/** Snapshots: taken from a store in use, whole, private, and without what is local. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { created, type Fact } from '../core/facts.ts';
import { madeKey } from '../core/folding.fixture.ts';
import type { MasterEpochId, ObjectId, RootEpochId } from '../core/ids.ts';
import { settingFact } from '../core/settings.ts';
import { makeSnapshot } from './snapshot.ts';
import { stateHash } from './state-hash.ts';
import { auditEntryOf, entryOf, INCARNATION, temporaryDirectory, temporaryStore } from './store.fixture.ts';
import { openStore } from './store.ts';

test('a snapshot has the hash of its source at the vector it names, whatever happens afterwards', (t) => {
  const { store, path } = temporaryStore(t);
  for (let n = 1; n <= 5; n++) store.transaction(() => store.appendEntry(INCARNATION, entryOf(n)));
  const into = join(temporaryDirectory(t), 'copy.db');
  const snapshot = makeSnapshot(path, into);
  assert.equal(snapshot.stateHash, stateHash(store));
  assert.deepEqual(snapshot.vector, { [INCARNATION]: 5 });
  assert.equal(snapshot.bytes, statSync(into).size);
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(6)));
  assert.notEqual(stateHash(store), snapshot.stateHash);

  const restored = openStore({ path: into, mode: 'write' });
  t.after(() => restored.close());
  assert.equal(stateHash(restored), snapshot.stateHash);
  assert.deepEqual(restored.vector(), snapshot.vector);
  restored.transaction(() => restored.appendEntry(INCARNATION, entryOf(6)));
  assert.equal(stateHash(restored), stateHash(store));
});

test('a snapshot is for the owner alone and holds neither local values nor erased objects', (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const { store, path } = temporaryStore(t);
  store.setLocal('machine', 'a value of this machine alone');
  store.putObject({
    id: 'O' as never,
    class: 'open',
    kind: 'k',
    owner: '',
    epoch: '',
    bytes: Buffer.from('erased bytes'),
  });
  store.eraseObject('O');
  store.transaction(() => store.appendAudit(INCARNATION, auditEntryOf(1)));
  const into = join(temporaryDirectory(t), 'copy.db');
  makeSnapshot(path, into);
  assert.equal(statSync(into).mode & 0o777, 0o600);
  const bytes = readFileSync(into);
  assert.equal(bytes.includes('a value of this machine alone'), false);
  assert.equal(bytes.includes('erased bytes'), false);
  assert.equal(bytes.includes('KeyID=1'), true);
  assert.deepEqual(readdirSync(dirname(into)), ['copy.db']);
});

test('a snapshot holds no key under a master key that the root key material of today does not open in it', (t) => {
  const { store, path } = temporaryStore(t);
  const object = (id: string, epoch: string) => ({
    ...({
      id: id as ObjectId,
      class: 'root-sealed',
      kind: 'key',
      owner: 'K',
      epoch,
      bytes: Buffer.from(id),
    } as const),
  });
  const wrap = (rootEpochId: string): Fact =>
    created('master_wrap', `E:${rootEpochId}`, {
      masterEpochId: 'E' as MasterEpochId,
      rootEpochId: rootEpochId as RootEpochId,
      objectId: `W-${rootEpochId}` as ObjectId,
      objectSha256: 'AA',
    });
  let n = 0;
  const held = (...facts: Fact[]) => {
    n += 1;
    store.transaction(() => store.appendEntry(INCARNATION, { ...entryOf(n), facts }));
    return makeSnapshot(path, join(temporaryDirectory(t), `copy-${n}.db`)).heldVector[INCARNATION];
  };
  store.putObject(object('object-K', 'E'));
  store.putObject(object('W-R1', 'R1'));
  store.putObject(object('W-R2', 'R2'));
  assert.equal(held(settingFact('currentRootEpochId', 'R1' as RootEpochId), wrap('R1')), 1);
  assert.equal(held(madeKey('K', 2, INCARNATION)), 2);
  assert.equal(held(settingFact('currentRootEpochId', 'R2' as RootEpochId)), 1);
  assert.equal(held(wrap('R2')), 4);
});

test('a snapshot of more than is written at a time is whole', (t) => {
  const { store, path } = temporaryStore(t);
  const objects = Array.from({ length: 40 }, (_, n) => ({
    ...({ id: `O${n}` as ObjectId, class: 'open', kind: 'k', owner: '', epoch: '' } as const),
    bytes: randomBytes(64 * 1024 + n),
  }));
  store.transaction(() => {
    for (const object of objects) store.putObject(object);
  });
  const into = join(temporaryDirectory(t), 'copy.db');
  const { bytes } = makeSnapshot(path, into);
  assert.ok(bytes > 2 * 1024 * 1024);
  const copy = openStore({ path: into, mode: 'read' });
  t.after(() => copy.close());
  assert.deepEqual(copy.integrityCheck(), []);
  for (const { id, bytes: own } of objects)
    assert.ok(own.equals(copy.getObject(id)?.bytes ?? Buffer.alloc(0)));
});

test('a snapshot never overwrites a file', (t) => {
  const { path } = temporaryStore(t);
  assert.throws(() => makeSnapshot(path, path), { code: 'EEXIST' });
});
