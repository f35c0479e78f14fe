/** The state of a data unit, a pure function of the states of its keys (protocol 8); it is never stored. */
import { isDestroyed, type KeyState } from './key-state.ts';

/** In the order of the wire's ordinals (protocol 6.1). */
export const DATA_UNIT_STATES = ['NO_KEY', 'READABLE_NORMAL', 'READABLE_NEEDS_REKEY', 'SHREDDED'] as const;
export type DataUnitState = (typeof DATA_UNIT_STATES)[number];

export function dataUnitState(keys: readonly KeyState[]): DataUnitState {
  if (keys.length === 0) return 'NO_KEY';
  if (keys.includes('PROTECT_AND_PROCESS')) return 'READABLE_NORMAL';
  return keys.every(isDestroyed) ? 'SHREDDED' : 'READABLE_NEEDS_REKEY';
}
