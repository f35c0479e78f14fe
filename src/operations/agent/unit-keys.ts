/** The keys of a data unit that an agent may have: living, of its groups, in the order of hand-out. The work is bounded by the unit's associations. */
import { mayUseGroup } from '../../core/agent-access.ts';
import { keysOfUnit } from '../../core/data-units.ts';
import { keyGroupOf } from '../../core/key-group.ts';
import { statesOfIssuedKeys } from '../../core/key-standing.ts';
import type { Row } from '../../core/tables.ts';
import type { DecideContext } from '../contexts.ts';
import { callingAgent } from './calling-agent.ts';
import { groupNameForAgents } from './key-group-choice.ts';
import { type AgentKeyState, type HandOut, handOut, isForAgents } from './key-hand-out.ts';

export interface UnitKey {
  readonly row: Row<'key'>;
  readonly state: AgentKeyState;
}

/** Destroyed keys are not listed, nor those of groups that are not the agent's. */
export function keysForAgent(unit: Row<'data_unit'>, context: DecideContext): readonly UnitKey[] {
  const { state, nowMs } = context;
  const { id: agentId } = callingAgent(context);
  const stateOf = statesOfIssuedKeys(state, nowMs);
  const allowed = new Map<string | null, boolean>();
  return keysOfUnit(state, unit).flatMap((row) => {
    const groupId = keyGroupOf(row);
    const mayUse = allowed.get(groupId) ?? mayUseGroup(state, agentId, groupId);
    allowed.set(groupId, mayUse);
    const keyState = stateOf(row);
    return mayUse && isForAgents(keyState) ? [{ row, state: keyState }] : [];
  });
}

/** The one to encrypt with: the newest in protect-and-process. */
export function newestProtecting(keys: readonly UnitKey[]): UnitKey | undefined {
  return keys.findLast(({ state }) => state === 'PROTECT_AND_PROCESS');
}

export function toHandOuts(keys: readonly UnitKey[], { state }: DecideContext): readonly HandOut[] {
  const names = new Map<string | null, string>();
  return keys.map(({ row, state: keyState }) => {
    const groupId = keyGroupOf(row);
    const name = names.get(groupId) ?? groupNameForAgents(state, groupId);
    names.set(groupId, name);
    return handOut(row, keyState, name);
  });
}
