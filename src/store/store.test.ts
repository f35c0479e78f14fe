/** The store: transactions, logs, objects, local values, two connections, and a process killed between commits. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foldEntry } from '../core/fold.ts';
import type { IncarnationId, ObjectId } from '../core/ids.ts';
import { MapState } from '../core/map-state.ts';
import { hlc } from '../core/stamp.ts';
import type { NewObject } from '../operations/operation.ts';
import { auditEntryOf, entryOf, INCARNATION, temporaryDirectory, temporaryStore } from './store.fixture.ts';
import { openStore } from './store.ts';

const OTHER = 'BBBBBBBBBBBBBBBB' as IncarnationId;

function objectOf(text: string, id = 'O1'): NewObject {
  const bytes = Buffer.from(text);
  return { id: id as ObjectId, class: 'open', kind: 'verifier', owner: 'U1', epoch: '', bytes };
}

test('an entry is stored as its exact bytes, folded, and counted in the vector', (t) => {
  const { store } = temporaryStore(t);
  const seqs = store.transaction(() => [1, 2].map((n) => store.appendEntry(INCARNATION, entryOf(n))));
  assert.deepEqual(seqs, [1, 2]);
  const texts = store.readLog(INCARNATION, 0, 10).map((bytes) => Buffer.from(bytes).toString());
  assert.deepEqual(texts, [JSON.stringify(entryOf(1)), JSON.stringify(entryOf(2))]);
  assert.equal(store.state.get('site', 'SITE-1')?.description, 'described by 2');
  assert.deepEqual(store.vector(), { [INCARNATION]: 2 });
  for (const knowing of [store, store.state]) {
    assert.equal(knowing.logLength(INCARNATION), 2);
    assert.equal(knowing.logLength(OTHER), 0);
  }
});

test('the tables are what folding the log into maps gives', (t) => {
  const { store } = temporaryStore(t);
  for (let n = 1; n <= 20; n++) store.transaction(() => store.appendEntry(INCARNATION, entryOf(n)));
  const maps = new MapState();
  for (const bytes of store.readLog(INCARNATION, 0, 100))
    foldEntry(maps, JSON.parse(Buffer.from(bytes).toString()));
  assert.deepEqual(store.state.page('site', '', 100), maps.page('site', '', 100));
});

test('the last stamp is the greatest of all logs, and zero when there are none', (t) => {
  const { store } = temporaryStore(t);
  assert.equal(store.lastStamp(), hlc(0, 0));
  store.transaction(() => {
    store.appendEntry(INCARNATION, entryOf(7));
    store.appendEntry(OTHER, entryOf(9, OTHER));
    store.appendEntry(OTHER, entryOf(3, OTHER));
  });
  assert.equal(store.lastStamp(), hlc(1009, 0));
});

test('a transaction that throws leaves nothing behind, in the file or in memory', (t) => {
  const { store } = temporaryStore(t);
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(1)));
  const failing = () =>
    store.transaction(() => {
      store.appendEntry(INCARNATION, entryOf(2));
      store.appendAudit(INCARNATION, auditEntryOf(1));
      store.putObject(objectOf('x'));
      throw new Error('broken');
    });
  assert.throws(failing, /broken/);
  assert.equal(store.logLength(INCARNATION), 1);
  assert.equal(store.state.get('site', 'SITE-2'), undefined);
  assert.equal(store.getObject('O1'), undefined);
  const [seq, head] = store.transaction(() => [
    store.appendEntry(INCARNATION, entryOf(2)),
    store.appendAudit(INCARNATION, auditEntryOf(1)),
  ]);
  assert.equal(seq, 2);
  assert.equal(typeof head === 'object' ? head.seq : head, 1);
});

test('entries and audit records are refused outside a transaction, and transactions inside one', (t) => {
  const { store } = temporaryStore(t);
  assert.throws(() => store.appendEntry(INCARNATION, entryOf(1)), /inside a transaction/);
  assert.throws(() => store.appendAudit(INCARNATION, auditEntryOf(1)), /inside a transaction/);
  store.transaction(() => assert.throws(() => store.transaction(() => 0), /open already/));
});

test('a full disk is reported as a store that cannot be written', (t) => {
  const { store } = temporaryStore(t);
  store.database.exec('PRAGMA max_page_count = 1');
  const growing = () =>
    store.transaction(() => store.putObject({ ...objectOf(''), bytes: Buffer.alloc(1e6) }));
  assert.throws(growing, { code: 'STORE_UNWRITABLE' });
  store.database.exec('PRAGMA max_page_count = 4294967294');
  assert.equal(store.transaction(() => store.putObject(objectOf('x'))).length, 64);
});

test('only a transaction that may draw on the space kept aside asks for it', (t) => {
  const { store } = temporaryStore(t);
  store.database.exec('PRAGMA max_page_count = 1');
  const large = { ...objectOf(''), bytes: Buffer.alloc(1e6) };
  const growing = () => store.putObject(large);
  assert.throws(() => store.transaction(growing), { code: 'STORE_UNWRITABLE' });
  const asked: number[] = [];
  const makeRoom = (_error: unknown, tries: number) => {
    asked.push(tries);
    if (tries === 1) store.database.exec('PRAGMA max_page_count = 4294967294');
    return true;
  };
  assert.equal(store.transaction(growing, makeRoom).length, 64);
  assert.deepEqual(asked, [0, 1]);
});

test('a rollback that fails leaves nothing in memory either', (t) => {
  const { store } = temporaryStore(t);
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(1)));
  const { database } = store;
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    exec(sql);
    if (sql === 'ROLLBACK') throw new Error('the disk is broken');
  };
  const failing = () =>
    store.transaction(() => {
      store.appendEntry(INCARNATION, entryOf(2));
      throw new Error('broken');
    });
  assert.throws(failing, /the disk is broken/);
  assert.equal(store.logLength(INCARNATION), 1);
  assert.equal(store.state.get('site', 'SITE-2'), undefined);
});

test('an object is given back with its hash, is never replaced, and can be erased', (t) => {
  const { store } = temporaryStore(t);
  const sha256 = store.putObject(objectOf('abc'));
  assert.equal(sha256, 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD');
  const stored = store.getObject('O1');
  assert.deepEqual({ ...stored, bytes: Buffer.from(stored?.bytes ?? []) }, { ...objectOf('abc'), sha256 });
  assert.throws(() => store.putObject(objectOf('other')), /UNIQUE/);
  assert.equal(store.eraseObject('O1'), true);
  assert.equal(store.eraseObject('O1'), false);
  assert.equal(store.getObject('O1'), undefined);
});

test('an erased object is in no file after the write-ahead log was truncated', (t) => {
  const { store, path } = temporaryStore(t);
  const secret = 'a sealed object that must go away for good';
  store.putObject(objectOf(secret));
  const holding = () => [path, `${path}-wal`].some((file) => readFileSync(file).includes(secret));
  assert.equal(holding(), true);
  store.checkpointTruncate();
  assert.equal(holding(), true);
  store.eraseObject('O1');
  assert.equal(store.checkpointTruncate(), true);
  assert.equal(holding(), false);
});

test('local values are kept and replaced', (t) => {
  const { store } = temporaryStore(t);
  assert.equal(store.getLocal('locked'), undefined);
  store.setLocal('locked', '1');
  store.setLocal('locked', '0');
  assert.equal(store.getLocal('locked'), '0');
});

test('all files of the database are for the owner alone', (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const { store, path } = temporaryStore(t);
  store.setLocal('a', 'b');
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
});

test('a reader sees what is committed, keeps one view inside read, and cannot write', (t) => {
  const { store, path } = temporaryStore(t);
  const reader = openStore({ path, mode: 'read' });
  t.after(() => reader.close());
  store.transaction(() => store.appendEntry(INCARNATION, entryOf(1)));
  assert.equal(reader.state.get('site', 'SITE-1')?.name, 'site 1');
  assert.equal(reader.logLength(INCARNATION), 1);
  reader.read(() => {
    assert.equal(reader.state.get('site', 'SITE-2'), undefined);
    store.transaction(() => store.appendEntry(INCARNATION, entryOf(2)));
    assert.equal(reader.state.get('site', 'SITE-2'), undefined);
    assert.equal(store.checkpointTruncate(), false);
  });
  assert.equal(reader.state.get('site', 'SITE-2')?.name, 'site 2');
  assert.equal(reader.logLength(INCARNATION), 2);
  assert.throws(() => reader.setLocal('a', 'b'), /readonly/);
});

test('a missing database is refused for writing and reading, an existing one for creating', (t) => {
  const path = join(temporaryDirectory(t), 'kma.db');
  for (const mode of ['write', 'read'] as const)
    assert.throws(() => openStore({ path, mode }), { code: 'DATA_DIRECTORY_EMPTY' });
  openStore({ path, mode: 'create' }).close();
  assert.throws(() => openStore({ path, mode: 'create' }), { code: 'EEXIST' });
});

test('a process killed while it commits has lost nothing it had printed', async (t) => {
  const { store, path } = temporaryStore(t);
  store.close();
  let printed = 0;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'commit-loop.fixture.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    const enough = printed + 50;
    child.stdout.on('data', (piece: Buffer) => {
      text += piece;
      printed = Math.max(printed, ...text.split('\n').slice(0, -1).map(Number));
      if (printed >= enough) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'close');
    assert.equal(signal, 'SIGKILL');
    const after = openStore({ path, mode: 'write' });
    const length = after.logLength(INCARNATION);
    assert.ok(length >= printed, `${printed} printed, ${length} kept`);
    assert.equal(after.readLog(INCARNATION, 0, length + 1).length, length);
    assert.equal(after.state.get('site', `SITE-${length}`)?.name, `site ${length}`);
    assert.equal(after.state.get('site', `SITE-${length + 1}`), undefined);
    assert.deepEqual(after.integrityCheck(), []);
    after.close();
  }
});
