/** What may be written is what the last living member reads, and every newer thing says since when. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { created, event, type Fact, removed, set } from './facts.ts';
import { admittedLife, FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';
import { behind, mayWrite, readingVersions, SINCE, writableVersion } from './replication-version.ts';
import { settingFact } from './settings.ts';
import { TABLE_NAMES, tableOf } from './tables.ts';

const [A, B] = ['A'.repeat(32) as KmaId, 'B'.repeat(32) as KmaId];
const NEXT_LIFE = 'D4D4D4D4D4D4D4D4' as IncarnationId;
const conflict = removed('conflict', 'X');

function worldOfTwo(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(
    created('kma', A, { name: 'a', createdAt: 1, number: 1 }),
    created('kma', B, { name: 'b', createdAt: 1, number: 2 }),
    madeLife(LIFE, A),
    admittedLife(OTHER_LIFE, B),
  );
  return world;
}
const reads = (id: string, replicationVersion: number) => set('incarnation', id, { replicationVersion });

test('who never said reads the first version, and holds up what is newer for all', () => {
  const world = worldOfTwo();
  world.fold(reads(LIFE, 2));
  assert.equal(writableVersion(world.state), 1);
  assert.deepEqual(
    behind(world.state, [conflict]).map(({ kma, version }) => [kma.name, version]),
    [['b', 1]],
  );
  assert.deepEqual(behind(world.state, [created('site', 'S', { name: 's', createdAt: 1 })]), []);
  world.fold(reads(OTHER_LIFE, 2));
  assert.equal(writableVersion(world.state), 2);
  assert.deepEqual(behind(world.state, [conflict]), []);
});

test('of each member its newest life counts, and one that is gone, or has not joined yet, holds up nobody', () => {
  const world = worldOfTwo();
  world.fold(reads(LIFE, 2), madeLife(NEXT_LIFE, B), reads(NEXT_LIFE, 2));
  assert.equal(writableVersion(world.state), 2);
  world.fold(created('kma', 'C', { name: 'c', createdAt: 1, number: 3 }));
  assert.equal(readingVersions(world.state).length, 2);
  world.fold(event('incarnation', NEXT_LIFE, 'ended', { endedAt: 1 }));
  assert.equal(writableVersion(world.state), 1);
  world.fold(event('kma', B, 'removed', { removedHow: 'lost' }));
  assert.equal(writableVersion(world.state), 2);
});

test('an empty cluster writes what everybody reads', () => {
  assert.equal(writableVersion(new FoldingWorld().state), 1);
});

test('whatever the first version did not have says since when it is there', () => {
  const url = new URL('../../test/wire-format/version-1-tables.json', import.meta.url);
  const first = new Set(JSON.parse(readFileSync(url, 'utf8')) as string[]);
  const parts = TABLE_NAMES.flatMap((name) => {
    if (Object.hasOwn(SINCE, name)) return [];
    const { columns, events } = tableOf(name);
    return [
      name,
      ...events.map((one) => `${name} ${one}`),
      ...Object.keys(columns).map((one) => `${name}.${one}`),
    ];
  });
  assert.deepEqual(
    parts.filter((part) => !first.has(part) && !Object.hasOwn(SINCE, part)),
    [],
    'add them to SINCE in src/core/replication-version.ts, and raise REPLICATION_VERSION in src/version.ts',
  );
});

test('the time up to which records count, and a second master key, wait for all; other settings do not', () => {
  const world = worldOfTwo();
  world.fold(reads(LIFE, 2));
  const waits = (fact: Fact) => behind(world.state, [fact]).length > 0;
  assert.ok(waits(settingFact('acceptedLogClockMs', 5)));
  assert.ok(waits(created('master_epoch', 'M', { createdAt: 1 })));
  assert.ok(!waits(settingFact('keyPoolSize', 2000)));
  world.fold(reads(OTHER_LIFE, 2));
  assert.ok(!waits(settingFact('acceptedLogClockMs', 5)));
});

test('how much there is of a closed log is said again once all can read that; the first time it waits for nobody', () => {
  const world = worldOfTwo();
  const first = created('log_end', `${LIFE}:${OTHER_LIFE}`, {
    incarnationId: LIFE,
    byIncarnationId: OTHER_LIFE,
    length: 1,
  });
  const again = set('log_end', `${LIFE}:${OTHER_LIFE}`, { laterLength: 2 });
  world.fold(reads(LIFE, 4), reads(OTHER_LIFE, 3));
  assert.deepEqual([behind(world.state, [first]).length, behind(world.state, [again]).length], [0, 1]);
  world.fold(reads(OTHER_LIFE, 4));
  assert.equal(mayWrite(world.state, 'log_end.laterLength'), true);
});

test('a column is written where its table is, and the first version where all read no later one', () => {
  const world = worldOfTwo();
  const copied = set('member_key', LIFE, { objectSha256: 'AA' });
  world.fold(reads(LIFE, 2));
  assert.equal(behind(world.state, [copied]).length, 1);
  assert.deepEqual([mayWrite(world.state, 'member_key'), mayWrite(world.state, 'site')], [false, true]);
  world.fold(reads(OTHER_LIFE, 2));
  assert.deepEqual(behind(world.state, [copied]), []);
  assert.equal(mayWrite(world.state, 'member_key'), true);
});
