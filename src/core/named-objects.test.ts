/** What rows name is to be held; what they name no more is let go of, whoever comes first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, removed, set } from './facts.ts';
import { foldFact } from './fold.ts';
import { LIFE, madeKey, ROOT_EPOCH } from './folding.fixture.ts';
import type { KmaId, ObjectId, UserId } from './ids.ts';
import { MapState } from './map-state.ts';
import { NAMING_TABLES, namedObjects, objectChanges } from './named-objects.ts';
import { hlc, stampOf } from './stamp.ts';
import { type AnyRow, columnNames, type TableName, tableOf } from './tables.ts';

/** Folds entries one after another; gives what each named and let go of. */
function changesOf(...entries: readonly (readonly Fact[])[]) {
  const state = new MapState();
  return entries.map((facts, index) => {
    const stamp = stampOf(hlc(index + 1, 0), LIFE);
    const rows = [...new Map(facts.map((fact) => [`${fact.table} ${fact.id}`, fact])).values()];
    const before = rows.map(({ table, id }) => state.getRow(table, id));
    for (const fact of facts) foldFact(state, fact, stamp);
    const changes = rows.map(({ table, id }, at) => {
      const after = state.getRow(table, id);
      assert.ok(after);
      return { table, before: before[at], after };
    });
    const { named, letGo } = objectChanges(state, changes);
    return { named: named.map(({ id }) => id), letGo };
  });
}
const destroyed = event('key', 'K', 'destroyed', { destroyedAt: 2, destroyedComment: '' });
const verifier = (table: 'user', id: string, object: string) =>
  set(table, id, { verifierObjectId: object as ObjectId, verifierSha256: 'AA' });

test('every table with the hash of an object names objects, and the record of an erasure names none', () => {
  assert.deepEqual([...NAMING_TABLES].sort(), [
    'agent',
    'certificate_authority',
    'key',
    'key_split',
    'kma',
    'master_wrap',
    'member_key',
    'pending_operation',
    'root_copy',
    'snmp_manager',
    'user',
  ] satisfies TableName[]);
});

test('a key names its object with its hash and the place of its making, until it is destroyed', () => {
  const state = new MapState();
  foldFact(state, madeKey('K', 5), stampOf(hlc(1, 0), LIFE));
  const made = { incarnationId: LIFE, seq: 5 };
  const form = { class: 'root-sealed', kind: 'key', owner: 'K', epoch: null };
  assert.deepEqual(namedObjects(state, 'key', state.getRow('key', 'K')), [
    { id: 'object-K', table: 'key', row: 'K', sha256: 'AA', form, made },
  ]);
  foldFact(state, destroyed, stampOf(hlc(2, 0), LIFE));
  assert.deepEqual(namedObjects(state, 'key', state.getRow('key', 'K')), []);
  assert.deepEqual(namedObjects(state, 'key', undefined), []);
});

test('of each object that a row can name it is known what it has to be', () => {
  for (const table of NAMING_TABLES) {
    const columns = Object.keys(tableOf(table).columns);
    const cells = Object.fromEntries(columnNames(table).map((column) => [column, null]));
    const filled = Object.fromEntries(columns.map((column) => [column, `of ${column}`]));
    const row = { ...cells, ...filled, id: 'ROW', stamps: '{}' } as AnyRow;
    const named = namedObjects(new MapState(), table, row);
    assert.notEqual(named.length, 0, table);
    for (const { form } of named) assert.ok(form, table);
  }
});

test('an object that passes from one row to another is named by the other', () => {
  const state = new MapState();
  const before = { ...rowOf('pending_operation', 'P'), objectId: 'O', objectSha256: 'AA' };
  const user = { ...rowOf('user', 'U'), verifierObjectId: 'O', verifierSha256: 'AA' };
  const { named, letGo } = objectChanges(state, [
    { table: 'pending_operation', before, after: { ...before, finishedStamp: 'S' } },
    { table: 'user', before: undefined, after: user },
  ]);
  assert.deepEqual(
    named.map(({ id, table, row }) => [id, table, row]),
    [['O', 'user', 'U']],
  );
  assert.deepEqual(letGo, []);
});

function rowOf(table: TableName, id: string): AnyRow {
  const cells = Object.fromEntries(columnNames(table).map((column) => [column, null]));
  return { ...cells, id, stamps: '{}' };
}

test('destroying a key lets go of its object once', () => {
  assert.deepEqual(changesOf([madeKey('K', 1)], [destroyed], [destroyed]), [
    { named: ['object-K'], letGo: [] },
    { named: [], letGo: ['object-K'] },
    { named: [], letGo: [] },
  ]);
});

test('a key whose destruction came first is let go of when it becomes known', () => {
  assert.deepEqual(changesOf([destroyed], [madeKey('K', 1)]), [
    { named: [], letGo: [] },
    { named: [], letGo: ['object-K'] },
  ]);
});

test('another passphrase lets go of the verifier before, and a removed row of all', () => {
  const user = created('user', 'U', { name: 'olga', createdAt: 1 });
  assert.deepEqual(
    changesOf([user, verifier('user', 'U', 'O1')], [verifier('user', 'U', 'O2')], [removed('user', 'U')]),
    [
      { named: ['O1'], letGo: [] },
      { named: ['O2'], letGo: ['O1'] },
      { named: [], letGo: ['O2'] },
    ],
  );
});

test('an object that passes from a finished operation to a user is kept', () => {
  const pending = created('pending_operation', 'P', {
    operation: 'SetUserPassphrase',
    inputJson: '{}',
    objectId: 'O' as ObjectId,
    objectSha256: 'AA',
    submittedBy: 'U' as UserId,
    homeKmaId: 'KMA' as KmaId,
    submittedAt: 1,
  });
  const finished = event('pending_operation', 'P', 'finished', {
    finishedAt: 2,
    outcome: 'executed',
    finishedBy: 'U' as UserId,
  });
  assert.deepEqual(
    changesOf([pending], [finished, verifier('user', 'U', 'O')], [removed('pending_operation', 'P')]),
    [
      { named: ['O'], letGo: [] },
      // By the user now.
      { named: ['O'], letGo: [] },
      { named: [], letGo: [] },
    ],
  );
});

test('a key split is let go of when it is retired, and one that lost to another is not', () => {
  const split = (id: string) =>
    created('key_split', id, {
      rootEpochId: ROOT_EPOCH,
      threshold: 1,
      size: 1,
      namesJson: '[]',
      objectId: `object-${id}` as ObjectId,
      objectSha256: 'AA',
      createdAt: 1,
    });
  const retired = event('key_split', 'S1', 'retired', { retiredAt: 2 });
  assert.deepEqual(changesOf([split('S1')], [split('S2'), split('S3'), retired]), [
    { named: ['object-S1'], letGo: [] },
    { named: ['object-S2', 'object-S3'], letGo: ['object-S1'] },
  ]);
});

test('the verifier of a removed user who ever was a Security Officer is kept: he may be the survivor', () => {
  const user = created('user', 'U', { name: 'olga', createdAt: 1 });
  const role = created('user_role', 'U:SECURITY_OFFICER', {
    userId: 'U' as UserId,
    role: 'SECURITY_OFFICER',
  });
  const taken = set('user_role', 'U:SECURITY_OFFICER', { present: 0 });
  assert.deepEqual(changesOf([user, role, verifier('user', 'U', 'O1')], [taken], [removed('user', 'U')]), [
    { named: ['O1'], letGo: [] },
    { named: [], letGo: [] },
    { named: [], letGo: [] },
  ]);
});
