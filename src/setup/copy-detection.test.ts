/** A log that others have another end of is taken back, and said again in a new life, whenever the machine stops meanwhile. */
import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestKma } from '../../test/support/kma.ts';
import type { LogEntry } from '../core/facts.ts';
import { repeatedThrough } from '../core/repeated-tail.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { openStore, type Store } from '../store/store.ts';
import {
  beginLife,
  doubtedLog,
  endPutBack,
  isPutBack,
  noteCutShort,
  noteForked,
  noteLivedElsewhere,
} from './copy-detection.ts';
import { readIdentity } from './local-identity.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
after(() => kma[Symbol.asyncDispose]());
const directory = DataDirectory.open(kma.data);
const store: Store = openStore({ path: directory.databasePath, mode: 'write' });
after(() => store.close());
const obstacle = join(kma.data, 'local', 'log-seed~');

const entriesOf = (id: string, after = 0): readonly LogEntry[] =>
  store.readLog(id, after, 10_000).map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as LogEntry);
const clocks = (entries: readonly LogEntry[]) => entries.map(({ stamp }) => stamp.slice(0, 16));
const start = () => beginLife(directory, store, readIdentity(directory)).incarnationId;

const reasons = () =>
  store.database
    .prepare(`SELECT condition, message FROM audit WHERE operation = 'BeginIncarnation' ORDER BY row`)
    .all()
    .map(({ condition, message }) => `${condition}: ${String(message).replace(/^.* why=/, '')}`);

test('where a member has more of the own log, that log is doubted in the life that begins', () => {
  const before = readIdentity(directory).incarnationId;
  noteLivedElsewhere(store);
  const now = start();
  assert.notEqual(now, before);
  assert.equal(doubtedLog(store), before);
  assert.equal(start(), now, 'and no other begins at the next start');
  assert.deepEqual(reasons(), ['Copied or older store: a member has more of its log than it has itself']);
});

test('what others have written since is missing, also after further starts, until they have told it', () => {
  assert.equal(isPutBack(store), true);
  endPutBack(store);
  start();
  assert.equal(isPutBack(store), false);
});

test('the end of a forked log is in the new life, at its times, and keys of it are no new ones', () => {
  const forked = doubtedLog(store) ?? assert.fail();
  const all = entriesOf(forked);
  const kept = all.length - 2;
  const keys = store.state.count('key', 'pool', { equals: [forked] });
  noteForked(store, { incarnationId: forked as never, after: kept });
  const lives = Object.keys(store.vector());
  // The new life is in the store, and the key of its log cannot be written: as where the machine stops in between.
  mkdirSync(obstacle);
  assert.throws(start, /EISDIR/);
  rmdirSync(obstacle);
  const [begun = ''] = Object.keys(store.vector()).filter((id) => !lives.includes(id));
  assert.ok(store.logLength(begun) > 1);
  const now = start();
  assert.notEqual(now, begun, 'nobody can sign that log any more');
  assert.equal(store.logLength(begun), 0);
  assert.equal(store.state.get('incarnation', begun), undefined);
  assert.deepEqual(entriesOf(forked), all.slice(0, kept));
  const repeated = entriesOf(now, 1);
  // Before them stands what the beginning that nobody can sign said of others.
  assert.deepEqual(clocks(repeated).slice(-2), clocks(all.slice(kept)));
  const life = store.state.get('incarnation', now);
  assert.equal(repeatedThrough(life), repeated.length + 1);
  assert.equal(doubtedLog(store), null);
  const moved = store.state.count('key', 'pool', { equals: [now] });
  assert.equal(store.state.count('key', 'pool', { equals: [forked] }) + moved, keys);
  assert.equal(start(), now);
});

test('a life that others have ended gives way to another one, once, and its log is not doubted', () => {
  const before = readIdentity(directory).incarnationId;
  const length = store.logLength(before);
  endPutBack(store);
  store.transaction(() => noteCutShort(store));
  const now = start();
  assert.notEqual(now, before);
  assert.deepEqual([doubtedLog(store), store.logLength(before)], [null, length]);
  assert.equal(isPutBack(store), false, 'nothing is missing here');
  assert.match(reasons().at(-1) ?? '', /^Log closed by another member: a member ends its log/);
  assert.equal(start(), now, 'and no other begins at the next start');
});

test('something is missing also where the machine stops right after the new life has begun', () => {
  endPutBack(store);
  noteLivedElsewhere(store);
  mkdirSync(obstacle);
  assert.throws(start, /EISDIR/);
  rmdirSync(obstacle);
  assert.equal(isPutBack(store), true);
});
