/** Data units with one external unique ID are one group, without anything being stored about it (D2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DATA_UNIT_STATES, dataUnitState } from './data-unit-state.ts';
import {
  associationsOfUnit,
  groupOfUnit,
  keysOfUnit,
  stateOfDataUnit,
  unitsByExternalId,
} from './data-units.ts';
import { event, removed, set } from './facts.ts';
import {
  activated,
  association,
  dataUnitOf,
  FoldingWorld,
  groupWithPolicy,
  LIFE,
  madeKey,
  OTHER_LIFE,
} from './folding.fixture.ts';
import { hlc } from './stamp.ts';
import type { Row } from './tables.ts';

function unitIn(world: FoldingWorld, id: string): Row<'data_unit'> {
  const unit = world.state.get('data_unit', id);
  assert.ok(unit);
  return unit;
}
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

test('the unit made first is the canonical one, whichever arrived first', () => {
  const world = new FoldingWorld();
  world.foldAt(hlc(20, 0), LIFE, ...dataUnitOf('A', '41'));
  world.foldAt(hlc(10, 0), OTHER_LIFE, ...dataUnitOf('B', '41'));
  world.foldAt(hlc(20, 0), OTHER_LIFE, ...dataUnitOf('C', '41'));
  assert.deepEqual(ids(unitsByExternalId(world.state, '41')), ['B', 'A', 'C']);
  assert.deepEqual(ids(groupOfUnit(world.state, unitIn(world, 'A'))), ['B', 'A', 'C']);
});

test('units without an external ID are no group', () => {
  const world = new FoldingWorld();
  world.fold(...dataUnitOf('A', ''), ...dataUnitOf('B', ''));
  assert.deepEqual(ids(unitsByExternalId(world.state, '')), []);
  assert.deepEqual(ids(groupOfUnit(world.state, unitIn(world, 'A'))), ['A']);
});

test('a unit whose making is not known yet, or that was removed, is in no group', () => {
  const world = new FoldingWorld();
  world.fold(
    ...dataUnitOf('A', '41'),
    set('data_unit', 'B', { externalUniqueId: '41' }),
    ...dataUnitOf('C', '41'),
  );
  world.fold(removed('data_unit', 'C'));
  assert.deepEqual(ids(unitsByExternalId(world.state, '41')), ['A']);
});

function worldWithKeys(): FoldingWorld {
  const world = new FoldingWorld();
  world.fold(...groupWithPolicy('G'), ...dataUnitOf('A', '41'), ...dataUnitOf('B', '41'));
  for (const [index, id] of ['K1', 'K2', 'K3'].entries()) world.fold(madeKey(id, index));
  world.fold(activated('K2', 'G', 0));
  world.fold(activated('K1', 'G', 0));
  world.fold(...association('A', 'K1'), ...association('B', 'K2'), ...association('B', 'K1'));
  return world;
}

test('finds the keys of all units of the group, each once, in the order of their hand-out', () => {
  const world = worldWithKeys();
  for (const unit of ['A', 'B'])
    assert.deepEqual(ids(keysOfUnit(world.state, unitIn(world, unit))), ['K2', 'K1']);
  assert.equal(associationsOfUnit(world.state, unitIn(world, 'A')).length, 2);
});

test('leaves out keys that were let go of, are not known, or were never handed out', () => {
  const world = worldWithKeys();
  world.fold(set('data_unit_key', 'B:K2', { present: 0 }));
  world.fold(
    ...association('A', 'K3'),
    ...association('A', 'unknown'),
    set('data_unit_key', 'X', { present: 1 }),
  );
  assert.deepEqual(ids(keysOfUnit(world.state, unitIn(world, 'A'))), ['K1']);
});

test('a data unit has the state its keys give it', () => {
  const states = [
    dataUnitState([]),
    dataUnitState(['DEACTIVATED', 'PROTECT_AND_PROCESS', 'DESTROYED_COMPLETE']),
    dataUnitState(['PROCESS_ONLY', 'DESTROYED_COMPLETE']),
    dataUnitState(['DESTROYED_INCOMPLETE', 'DESTROYED_COMPROMISED_COMPLETE']),
  ];
  assert.deepEqual(states, DATA_UNIT_STATES);
});

test('a shredded data unit is normal again with a new key', () => {
  const world = worldWithKeys();
  const now = () => stateOfDataUnit(world.state, unitIn(world, 'A'), 0);
  assert.equal(now(), 'READABLE_NORMAL');
  for (const id of ['K1', 'K2'])
    world.fold(event('key', id, 'destroyed', { destroyedAt: 1, destroyedComment: '' }));
  assert.equal(now(), 'SHREDDED');
  world.fold(activated('K3', 'G', 0), ...association('A', 'K3'));
  assert.equal(now(), 'READABLE_NORMAL');
  assert.equal(stateOfDataUnit(world.state, unitIn(world, 'A'), 86_400_000), 'READABLE_NEEDS_REKEY');
});
