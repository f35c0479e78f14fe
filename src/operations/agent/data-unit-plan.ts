/** The data unit that a key call names: found, or planned when this KMA does not know it yet (protocol 8), and its association with a key. */
import type { DataUnit } from '@openkma/protocol';
import { KEYS_PER_DATA_UNIT_MAX, unitsByExternalId } from '../../core/data-units.ts';
import { created, type Fact, set } from '../../core/facts.ts';
import type { AgentId, DataUnitId, KeyId } from '../../core/ids.ts';
import { isLive } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import type { DecideContext } from '../contexts.ts';
import { callingAgent } from './calling-agent.ts';
import { readDataUnitId, readExternalUniqueId } from './identifiers.ts';

export interface PlannedUnit {
  readonly id: DataUnitId;
  /** Undefined when the facts create it. */
  readonly row: Row<'data_unit'> | undefined;
  readonly facts: readonly Fact[];
}

/** Null where the call names none. A key call is no request to change the unit: what stands beside the ID counts for a new one only. */
export function planUnit(context: DecideContext, given: DataUnit): PlannedUnit | null | Refusal {
  if (given.dataUnitId === '') return null;
  const id = readDataUnitId(given.dataUnitId);
  if (isRefusal(id)) return id;
  const row = context.state.get('data_unit', id);
  if (isLive(row)) return { id, row, facts: [] };
  if (row !== undefined && row.removedStamp !== null) return refuse('DATA_UNIT_NOT_FOUND');
  const external = readExternalUniqueId(given.externalUniqueId);
  const free =
    !isRefusal(external) && unitsByExternalId(context.state, external.externalUniqueId).length === 0;
  const { id: agentId } = callingAgent(context);
  const about = {
    externalUniqueId: free ? external.externalUniqueId : '',
    externalTag: given.externalTag,
    description: given.description,
  };
  return { id, row: undefined, facts: newUnitFacts(id, agentId, filled(about), context.nowMs) };
}

export interface AboutUnit {
  readonly externalUniqueId: string;
  readonly externalTag: string;
  readonly description: string;
}

export function newUnitFacts(
  id: DataUnitId,
  agentId: AgentId,
  about: Partial<AboutUnit>,
  nowMs: number,
): Fact[] {
  const facts = [created('data_unit', id, { createdAt: nowMs, createdBy: agentId })];
  return Object.keys(about).length === 0 ? facts : [...facts, set('data_unit', id, about)];
}

/**
 * Of a unit that is named and not known here. It may be on its way from the member that made it, with tag and description: what
 * the call leaves empty must not take their place.
 */
export function filled(about: AboutUnit): Partial<AboutUnit> {
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== ''));
}

/** Facts that tie the key to the unit; none when they are tied already. */
export function associate(state: StateView, dataUnitId: DataUnitId, keyId: KeyId): readonly Fact[] | Refusal {
  const id = `${dataUnitId}:${keyId}`;
  const known = state.get('data_unit_key', id);
  if (known?.present === 1) return [];
  if (state.count('data_unit_key', 'unit', { equals: [dataUnitId, 1] }) >= KEYS_PER_DATA_UNIT_MAX)
    return refuse('LIMIT_EXCEEDED', `a data unit has at most ${KEYS_PER_DATA_UNIT_MAX} keys`);
  const present = set('data_unit_key', id, { present: 1 });
  return known?.createdStamp == null
    ? [created('data_unit_key', id, { dataUnitId, keyId }), present]
    : [present];
}
