/** Which key groups an agent may use: those assigned to it that exist. It knows nothing of certificates or enrolment. */
import { isLive, live } from './live.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** Assignments of one agent that are looked at; agents are told 100 at most. */
const GROUPS_PER_AGENT_MAX = 1000;

export function mayUseGroup(state: StateView, agentId: string, keyGroupId: string | null): boolean {
  if (keyGroupId === null) return false;
  return (
    state.get('agent_group', `${agentId}:${keyGroupId}`)?.present === 1 &&
    live(state, 'key_group', keyGroupId) !== undefined
  );
}

export function groupsOfAgent(state: StateView, agentId: string): readonly Row<'key_group'>[] {
  return state
    .scan('agent_group', 'agent', { equals: [agentId, 1], limit: GROUPS_PER_AGENT_MAX })
    .flatMap(({ keyGroupId }) => {
      const group = keyGroupId === null ? undefined : state.get('key_group', keyGroupId);
      return group !== undefined && isLive(group) ? [group] : [];
    });
}
