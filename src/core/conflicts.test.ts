/** Two changes of one thing on two sides: the side whose change counts finds it, the other one and third ones find nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conflictsOf } from './conflicts.ts';
import { created, event, type Fact, type LogEntry, removed, set } from './facts.ts';
import { foldEntry } from './fold.ts';
import { LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId, ObjectId, SiteId } from './ids.ts';
import { MapState } from './map-state.ts';
import { hlc, stampOf } from './stamp.ts';

const [A, B, C] = ['A'.repeat(32) as KmaId, 'B'.repeat(32) as KmaId, 'C'.repeat(32) as KmaId];
const THIRD_LIFE = 'C3C3C3C3C3C3C3C3' as IncarnationId;

/** One entry of a life. */
function entry(ms: number, life: IncarnationId, ...facts: Fact[]): LogEntry {
  return { v: 1, stamp: stampOf(hlc(ms, 0), life), operation: `Act${ms}`, facts };
}
const BEGINNING = entry(
  1,
  THIRD_LIFE,
  created('kma', A, { name: 'a', createdAt: 1, number: 1 }),
  created('kma', B, { name: 'b', createdAt: 1, number: 2 }),
  created('kma', C, { name: 'c', createdAt: 1, number: 3 }),
  madeLife(LIFE, A),
  madeLife(OTHER_LIFE, B),
  madeLife(THIRD_LIFE, C),
  created('agent', 'D', { name: 'drive', createdAt: 1 }),
  set('agent', 'D', { description: 'old', enabled: 1, oneTimePassphrase: 1, enrolled: 0 }),
);

/** A member that has folded these, the last of them just now; what it finds in the last. */
function foundBy(kmaId: KmaId, ...entries: LogEntry[]) {
  return foundIn(LIVES.get(kmaId) ?? LIFE, kmaId, ...entries);
}
const LIVES = new Map([
  [A, LIFE],
  [B, OTHER_LIFE],
  [C, THIRD_LIFE],
]);
function foundIn(incarnationId: IncarnationId, kmaId: KmaId, ...entries: LogEntry[]) {
  const state = new MapState();
  for (const one of [BEGINNING, ...entries]) foldEntry(state, one);
  const last = entries.at(-1);
  return last === undefined ? [] : conflictsOf(state, last, { kmaId, incarnationId });
}
const described = (ms: number, life: IncarnationId, description: string) =>
  entry(ms, life, set('agent', 'D', { description }));

test('of two changes the one that counts is told by its own KMA, with both values', () => {
  const [lost, kept] = [described(10, LIFE, 'west'), described(20, OTHER_LIFE, 'east')];
  assert.deepEqual(foundBy(B, kept, lost), [
    {
      id: `${lost.stamp}:0:description`,
      kind: 'field',
      inTable: 'agent',
      rowId: 'D',
      inColumn: 'description',
      keptStamp: kept.stamp,
      keptValueJson: '"east"',
      lostStamp: lost.stamp,
      lostValueJson: '"west"',
      lostOperation: 'Act10',
      sure: 1,
    },
  ]);
});

test('whoever lost, and a third one, cannot tell it from a later change, and say nothing', () => {
  const [lost, kept] = [described(10, LIFE, 'west'), described(20, OTHER_LIFE, 'east')];
  assert.deepEqual(foundBy(A, lost, kept), []);
  assert.deepEqual(foundBy(C, lost, kept), []);
  assert.deepEqual(foundBy(C, kept, lost), []);
});

test('at the same moment the stamps decide, and it is found all the same', () => {
  const [one, other] = [described(10, LIFE, 'west'), described(10, OTHER_LIFE, 'east')];
  assert.ok(one.stamp < other.stamp);
  assert.equal(foundBy(B, other, one)[0]?.keptValueJson, '"east"');
});

test('two who say the same do not contradict each other', () => {
  assert.deepEqual(foundBy(B, described(20, OTHER_LIFE, 'east'), described(10, LIFE, 'east')), []);
  const none = (ms: number, life: IncarnationId, siteId: string | null) =>
    entry(ms, life, set('agent', 'D', { siteId: siteId as SiteId | null }));
  assert.deepEqual(foundBy(B, none(20, OTHER_LIFE, ''), none(10, LIFE, null)), []);
});

test('fields are told apart: who changes the description does not collide with who changes the site', () => {
  const site = entry(10, LIFE, set('agent', 'D', { siteId: 'S' as SiteId }));
  assert.deepEqual(foundBy(B, described(20, OTHER_LIFE, 'east'), site), []);
});

test('where the KMA whose change counts is gone, whoever learns of the other says that it may be so', () => {
  const [lost, kept] = [described(10, LIFE, 'west'), described(20, OTHER_LIFE, 'east')];
  const gone = entry(30, THIRD_LIFE, event('kma', B, 'removed', { removedHow: 'lost' }));
  const [found] = foundBy(C, kept, gone, lost);
  assert.deepEqual([found?.sure, found?.keptValueJson], [0, '"east"']);
});

test('a change of what was deleted elsewhere is told by who deleted it, earlier or later', () => {
  const gone = entry(20, OTHER_LIFE, removed('agent', 'D'));
  for (const ms of [10, 30]) {
    const [found] = foundBy(B, gone, described(ms, LIFE, 'west'));
    assert.deepEqual([found?.kind, found?.lostValueJson], ['removed', '{"description":"west"}']);
  }
  const both = entry(10, LIFE, removed('agent', 'D'), set('agent', 'D', { description: '' }));
  assert.deepEqual(foundBy(B, gone, both), [], 'both deleted it');
});

test('a one-time passphrase that was spent on both sides is told, one that works for ever is not', () => {
  const spent = (ms: number, life: IncarnationId) => entry(ms, life, set('agent', 'D', { enrolled: 1 }));
  const [found] = foundBy(B, spent(20, OTHER_LIFE), spent(10, LIFE));
  assert.deepEqual([found?.kind, found?.inColumn], ['spent', 'enrolled']);
  const often = entry(5, THIRD_LIFE, set('agent', 'D', { oneTimePassphrase: 0 }));
  assert.deepEqual(foundBy(B, often, spent(20, OTHER_LIFE), spent(10, LIFE)), []);
  const again = entry(20, OTHER_LIFE, set('agent', 'D', { enrolled: 0 }));
  assert.deepEqual(foundBy(B, again, spent(10, LIFE)), [], 'a new passphrase was set meanwhile');
});

test('a KMA joins with its passphrase once', () => {
  const spent = (ms: number, life: IncarnationId) => entry(ms, life, set('kma', C, { enrolled: 1 }));
  assert.equal(foundBy(B, spent(20, OTHER_LIFE), spent(10, LIFE))[0]?.kind, 'spent');
});

test('of passphrases no value is told, long values are cut, and rows of absurd names are left out', () => {
  const secret = (ms: number, life: IncarnationId, id: string) =>
    entry(ms, life, set('agent', 'D', { verifierObjectId: id as ObjectId, verifierSha256: id }));
  const [found, more] = foundBy(B, secret(20, OTHER_LIFE, 'E'), secret(10, LIFE, 'F'));
  assert.deepEqual([found?.keptValueJson, found?.lostValueJson, more], ['null', 'null', undefined]);
  const long = foundBy(B, described(20, OTHER_LIFE, 'x'), described(10, LIFE, '"'.repeat(50_000)));
  assert.ok((long[0]?.lostValueJson?.length ?? 1e9) <= 1024);
  const absurd = 'D'.repeat(200);
  const named = (ms: number, life: IncarnationId) =>
    entry(ms, life, set('agent', absurd, { description: `${ms}` }));
  assert.deepEqual(foundBy(B, named(20, OTHER_LIFE), named(10, LIFE)), []);
});

test('of what an earlier life of this KMA wrote it says that it may be so: an older store does not know what was known then', () => {
  const next = 'D4D4D4D4D4D4D4D4' as IncarnationId;
  const begun = entry(5, next, madeLife(next, B));
  const [changed] = foundIn(next, B, begun, described(20, OTHER_LIFE, 'east'), described(10, LIFE, 'west'));
  assert.deepEqual([changed?.keptValueJson, changed?.sure], ['"east"', 0]);
  const gone = entry(20, OTHER_LIFE, removed('agent', 'D'));
  const [deleted] = foundIn(next, B, begun, gone, described(10, LIFE, 'west'));
  assert.deepEqual([deleted?.kind, deleted?.sure], ['removed', 0]);
  const [own] = foundIn(next, B, begun, described(20, next, 'east'), described(10, LIFE, 'west'));
  assert.equal(own?.sure, 1);
});

test('what nobody watches, and what is not folded yet, collides with nothing', () => {
  const reads = entry(10, LIFE, set('incarnation', LIFE, { replicationVersion: 2 }));
  assert.deepEqual(foundBy(B, described(20, OTHER_LIFE, 'east'), reads), []);
  assert.deepEqual(
    conflictsOf(new MapState(), described(10, LIFE, 'west'), { kmaId: B, incarnationId: OTHER_LIFE }),
    [],
  );
});

test('that there is nothing is a value as well, on either side and of what was deleted', () => {
  const at = (ms: number, life: IncarnationId, siteId: string | null) =>
    entry(ms, life, set('agent', 'D', { siteId: siteId as SiteId | null }));
  const values = (kept: string | null, lost: string | null) => {
    const [found] = foundBy(B, at(20, OTHER_LIFE, kept), at(10, LIFE, lost));
    return [found?.keptValueJson, found?.lostValueJson];
  };
  assert.deepEqual(values(null, 'S'), ['null', '"S"']);
  assert.deepEqual(values('S', null), ['"S"', 'null']);
  const [found] = foundBy(B, entry(20, OTHER_LIFE, removed('agent', 'D')), at(10, LIFE, null));
  assert.equal(found?.lostValueJson, '{"siteId":null}');
});

test('who deletes another thing in the same act has not deleted this one', () => {
  const gone = entry(20, OTHER_LIFE, removed('agent', 'D'));
  const changed = set('agent', 'D', { description: 'west' });
  for (const other of [removed('agent', 'E'), removed('site', 'D'), madeLife(LIFE, A)])
    assert.equal(foundBy(B, gone, entry(10, LIFE, changed, other)).length, 1);
});

test('of a life that nobody knows nothing is said', () => {
  const unknown = 'E5E5E5E5E5E5E5E5' as IncarnationId;
  assert.deepEqual(foundBy(B, described(20, unknown, 'east'), described(10, LIFE, 'west')), []);
});

test('a passphrase that one side has not spent was not spent twice', () => {
  const enrolled = (ms: number, life: IncarnationId, spent: 0 | 1) =>
    entry(ms, life, set('agent', 'D', { enrolled: spent }));
  assert.deepEqual(foundBy(B, enrolled(20, OTHER_LIFE, 1), enrolled(10, LIFE, 0)), []);
});
