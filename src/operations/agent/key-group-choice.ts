/** Which key group an agent means: the one it names, or its default (protocol 6.2, CreateKey). It never goes beyond the agent's own groups. */
import { cutUtf8, KEY_GROUP_ID_BYTES } from '@openkma/protocol';
import { groupsOfAgent, mayUseGroup } from '../../core/agent-access.ts';
import type { KeyGroupId } from '../../core/ids.ts';
import { periodsOfGroup } from '../../core/key-standing.ts';
import { byName } from '../../core/live.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import { nameOf } from '../entities.ts';
import type { CallingAgent } from './calling-agent.ts';

export interface ChosenGroup {
  readonly id: KeyGroupId;
  /** As agents see it. */
  readonly name: string;
}

/** Refused alike for a group that is unknown and one that is not the agent's: it learns nothing of others' groups. */
export function chooseGroup(state: StateView, agent: CallingAgent, named: string): ChosenGroup | Refusal {
  const id = named === '' ? agent.defaultKeyGroupId : groupNamed(state, agent, named);
  if (id === null) return deny(named === '' ? 'the agent has no default key group' : `no key group ${named}`);
  if (!mayUseGroup(state, agent.id, id))
    return deny(`key group ${named === '' ? id : named} is not the agent's`);
  if (periodsOfGroup(state, id) === null) return deny('the key group has no key policy');
  return { id: id as KeyGroupId, name: groupNameForAgents(state, id) };
}

/** Agents have 64 bytes for it (protocol 12); of two groups with one name the later is shown with a mark (D2). */
export function groupNameForAgents(state: StateView, keyGroupId: string | null): string {
  return cutUtf8(nameOf(state, 'key_group', keyGroupId), KEY_GROUP_ID_BYTES);
}

/** An agent echoes what it was shown, which is not the stored name where that was cut or marked. */
function groupNamed(state: StateView, agent: CallingAgent, named: string): string | null {
  const exact = byName(state, 'key_group', named);
  if (exact !== undefined) return exact.id;
  return groupsOfAgent(state, agent.id).find(({ id }) => groupNameForAgents(state, id) === named)?.id ?? null;
}

function deny(detail: string): Refusal {
  return refuse('ACCESS_DENIED', detail);
}
