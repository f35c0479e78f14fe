/** MapState keeps the contract of the state. */
import { MapState } from './map-state.ts';
import { testStateContract } from './state.contract.ts';

testStateContract('MapState', () => new MapState());
