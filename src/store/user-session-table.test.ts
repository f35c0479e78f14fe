/** Log-ins as local rows: bounded for each user and in all, replaced by key, and in no backup; what is pushed out keeps its key. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Fingerprint, ObjectId, UserId } from '../core/ids.ts';
import type { UserSession } from '../operations/operation.ts';
import { makeSnapshot } from './snapshot.ts';
import { stateHash } from './state-hash.ts';
import { temporaryDirectory, temporaryStore } from './store.fixture.ts';
import { openStore, type Store } from './store.ts';

const sessionOf = (key: string, userId: string, createdAtMs: number): UserSession => ({
  fingerprint: key as Fingerprint,
  userId: userId as UserId,
  verifierObjectId: 'AB' as ObjectId,
  enabledStamp: 's',
  createdAtMs,
  expiresAtMs: createdAtMs + 1000,
});

/** A store to which the sessions have been put in this order. */
function storeWith(t: TestContext, sessions: readonly UserSession[]): { store: Store; path: string } {
  const made = temporaryStore(t);
  made.store.transaction(() => {
    for (const session of sessions) made.store.userSessions.put(session);
  });
  return made;
}

test('is found by its key as it was put, and a later log-in with the key takes its place', (t) => {
  const session = sessionOf('A1', 'olga', 1000);
  const { store } = storeWith(t, [session]);
  assert.deepEqual(store.userSessions.get('A1'), { ...session, usedAtMs: 1000 });
  assert.equal(store.userSessions.get('A2'), undefined);
  store.transaction(() => store.userSessions.noteUse('A1', 1500));
  assert.equal(store.userSessions.get('A1')?.usedAtMs, 1500);
  store.transaction(() => store.userSessions.put(sessionOf('A1', 'olga', 2000)));
  assert.deepEqual(
    store.userSessions.all().map(({ createdAtMs, usedAtMs }) => [createdAtMs, usedAtMs]),
    [[2000, 2000]],
  );
  store.transaction(() => store.userSessions.remove('A1'));
  assert.deepEqual(store.userSessions.all(), []);
});

test('a user who logs in without end ends his own oldest and nobody else', (t) => {
  const own = Array.from({ length: 80 }, (_, n) => sessionOf(`B${n}`, 'boris', 2000 + n));
  const { store } = storeWith(t, [sessionOf('A1', 'olga', 1000), ...own]);
  const counts = ({ verifierObjectId }: UserSession) => verifierObjectId !== '';
  const kept = store.userSessions.all();
  assert.ok(kept.some((row) => row.userId === 'olga' && counts(row)));
  const times = (rows: readonly UserSession[]) => rows.map(({ createdAtMs }) => createdAtMs).sort();
  const his = kept.filter(({ userId }) => userId === 'boris');
  assert.deepEqual(times(his.filter(counts)), times(own.slice(-16)));
  assert.deepEqual(times(his), times(own.slice(-64)), 'the keys of the others are still his');
});

test('in all there are no more than ten thousand', (t) => {
  const many = Array.from({ length: 10_020 }, (_, n) => sessionOf(`C${n}`, `user ${n >> 3}`, n));
  const { store } = storeWith(t, many);
  assert.equal(store.database.prepare('SELECT COUNT(*) AS n FROM user_session').get()?.['n'], 10_000);
  assert.equal(store.userSessions.get('C0'), undefined);
  assert.notEqual(store.userSessions.get('C10019'), undefined);
});

test('a log-in is no part of the state and in no backup', (t) => {
  const { store, path } = storeWith(t, []);
  const before = stateHash(store);
  store.transaction(() => store.userSessions.put(sessionOf('A1', 'olga', 1000)));
  assert.equal(stateHash(store), before);
  const copyPath = join(temporaryDirectory(t), 'copy.db');
  makeSnapshot(path, copyPath);
  const copy = openStore({ path: copyPath, mode: 'read' });
  t.after(() => copy.close());
  assert.deepEqual(copy.userSessions.all(), []);
  assert.equal(store.userSessions.all().length, 1);
});
