/** CreateKey and CreateKey2: the next ready key of this KMA's pool becomes the agent's (protocol 6.2). No key is made here, and none is issued twice. */
import type { AgentKey, DataUnit } from '@openkma/protocol';
import { event, type Fact } from '../../core/facts.ts';
import type { KeyId } from '../../core/ids.ts';
import { nextReadyKey } from '../../core/readiness.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { DecideContext } from '../contexts.ts';
import type { Decision } from '../operation.ts';
import { callingAgent } from './calling-agent.ts';
import { associate, type PlannedUnit, planUnit } from './data-unit-plan.ts';
import { bothForms } from './key-forms.ts';
import { chooseGroup } from './key-group-choice.ts';
import { type HandOut, handOut, handOutNote } from './key-hand-out.ts';
import { dataUnit, fields, text } from './wire-fields.ts';

export interface CreateKeyRequest {
  readonly dataUnit: DataUnit;
  readonly keyGroupId: string;
}
export interface OneKey {
  readonly key: AgentKey;
}

export const { plain: createKey, wrapped: createKey2 } = bothForms<CreateKeyRequest, HandOut, OneKey>({
  name: 'CreateKey',
  summary: 'Gives an agent a new key.',
  changes: true,
  request: { dataUnit, keyGroupId: text },
  response: (key) => fields<OneKey>({ key }),
  names: (input) => ({ dataUnitId: input.dataUnit.dataUnitId }),
  decide(input, context) {
    const unit = planUnit(context, input.dataUnit);
    return isRefusal(unit) ? unit : issueKey(context, input.keyGroupId, unit);
  },
  reply: (given, give) => ({ key: give(given) }),
});

/** Takes a key out of the pool; it belongs to the group and the unit with the same entry that activates it. */
export function issueKey(
  context: DecideContext,
  keyGroup: string,
  unit: PlannedUnit | null,
): Decision<HandOut> {
  const { state, self, nowMs } = context;
  const agent = callingAgent(context);
  const group = chooseGroup(state, agent, keyGroup);
  if (isRefusal(group)) return group;
  const key = nextReadyKey(state, self.incarnationId);
  if (key === undefined) return refuse('AGENT_NO_READY_KEYS');
  const association = unit === null ? [] : associate(state, unit.id, key.id as KeyId);
  if (isRefusal(association)) return association;
  const activated: Fact = event('key', key.id, 'activated', {
    activatedAt: nowMs,
    processOnly: 0,
    activatedByAgentId: agent.id,
    activatedKeyGroupId: group.id,
  });
  const given = handOut(key, 'PROTECT_AND_PROCESS', group.name);
  return {
    facts: [...(unit?.facts ?? []), activated, ...association],
    output: given,
    audit: handOutNote([given], unit === null ? '' : `dataUnit=${unit.id}`),
    effects: [{ effect: 'key-taken' }],
  };
}
