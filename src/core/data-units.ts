/** Data units and their keys. Units with one external unique ID are one group in this view only: nothing about it is stored (D2). */
import { type DataUnitState, dataUnitState } from './data-unit-state.ts';
import { statesOfIssuedKeys } from './key-standing.ts';
import { isLive } from './live.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Associations of one data unit, held when a new one is made; it bounds the work of listing them. */
export const KEYS_PER_DATA_UNIT_MAX = 10_000;
/** Units that were made with one external ID on different sides of partitions. */
const UNITS_PER_GROUP_MAX = 64;

/** Living units with this external unique ID, the canonical one (least stamp, then ID) first. */
export function unitsByExternalId(state: StateView, externalUniqueId: string): readonly Row<'data_unit'>[] {
  if (externalUniqueId === '') return [];
  const order = (unit: Row<'data_unit'>) => `${unit.createdStamp}${unit.id}`;
  return state
    .scan('data_unit', 'external', { equals: [externalUniqueId], limit: UNITS_PER_GROUP_MAX })
    .filter(isLive)
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** The unit and all others of its group. */
export function groupOfUnit(state: StateView, unit: Row<'data_unit'>): readonly Row<'data_unit'>[] {
  const group = unitsByExternalId(state, unit.externalUniqueId ?? '');
  return group.some(({ id }) => id === unit.id) ? group : [unit, ...group];
}

/** Associations of the unit's whole group that are in force, each key once. */
export function associationsOfUnit(
  state: StateView,
  unit: Row<'data_unit'>,
): readonly Row<'data_unit_key'>[] {
  const seen = new Set<string | null>();
  return groupOfUnit(state, unit)
    .flatMap(({ id }) =>
      state.scan('data_unit_key', 'unit', { equals: [id, 1], limit: KEYS_PER_DATA_UNIT_MAX }),
    )
    .filter(({ keyId }) => !seen.has(keyId) && seen.add(keyId))
    .slice(0, KEYS_PER_DATA_UNIT_MAX);
}

/** The keys of the unit's whole group that were handed out, destroyed ones too, in the order of their hand-out. */
export function keysOfUnit(state: StateView, unit: Row<'data_unit'>): readonly Row<'key'>[] {
  const order = (key: Row<'key'>) => `${key.activatedStamp}${key.id}`;
  return associationsOfUnit(state, unit)
    .flatMap(({ keyId }) => {
      const key = keyId === null ? undefined : state.get('key', keyId);
      return key === undefined || key.activatedStamp === null ? [] : [key];
    })
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export function stateOfDataUnit(state: StateView, unit: Row<'data_unit'>, nowMs: number): DataUnitState {
  return dataUnitState(keysOfUnit(state, unit).map(statesOfIssuedKeys(state, nowMs)));
}
