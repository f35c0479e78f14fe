/** RetrieveKey and RetrieveKey2: a key by its ID (protocol 6.2). A key nobody can have been given is not found, whatever the caller knows. */
import type { DataUnit } from '@openkma/protocol';
import { mayUseGroup } from '../../core/agent-access.ts';
import { isEndedLife } from '../../core/ended-life.ts';
import { event, type Fact } from '../../core/facts.ts';
import type { KeyId } from '../../core/ids.ts';
import { keyGroupOf } from '../../core/key-group.ts';
import { statesOfIssuedKeys } from '../../core/key-standing.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { isRepeatedKey } from '../../core/repeated-tail.ts';
import type { Row } from '../../core/tables.ts';
import type { DecideContext } from '../contexts.ts';
import type { Accepted } from '../operation.ts';
import { warning } from '../success.ts';
import { callingAgent } from './calling-agent.ts';
import type { OneKey } from './create-key.ts';
import { associate, planUnit } from './data-unit-plan.ts';
import { readKeyId } from './identifiers.ts';
import { bothForms } from './key-forms.ts';
import { chooseGroup, groupNameForAgents } from './key-group-choice.ts';
import { type HandOut, handOut, handOutNote, isForAgents } from './key-hand-out.ts';
import { dataUnit, fields, identifier, text } from './wire-fields.ts';

export interface RetrieveKeyRequest {
  readonly keyId: string;
  readonly dataUnit: DataUnit;
  readonly keyGroupId: string;
}

export const { plain: retrieveKey, wrapped: retrieveKey2 } = bothForms<RetrieveKeyRequest, HandOut, OneKey>({
  name: 'RetrieveKey',
  summary: 'Gives an agent the key of this ID.',
  changes: false,
  request: { keyId: identifier, dataUnit, keyGroupId: text },
  response: (key) => fields<OneKey>({ key }),
  names: ({ keyId, dataUnit: unit }) => ({ keyId, dataUnitId: unit.dataUnitId, gives: 'key' }),
  decide: decideRetrieveKey,
  reply: (given, give) => ({ key: give(given) }),
});

/** The facts only add to what is known; a KMA whose clock is odd answers without them. */
export function decideRetrieveKey(
  input: RetrieveKeyRequest,
  context: DecideContext,
): Accepted<HandOut> | Refusal {
  const keyId = readKeyId(input.keyId);
  if (isRefusal(keyId)) return keyId;
  const key = context.state.get('key', keyId);
  if (key === undefined || key.createdStamp === null)
    return refuse('AGENT_KEY_DOES_NOT_EXIST', `key=${keyId}`);
  const found =
    key.activatedStamp === null
      ? claimPerhapsIssued(key, input.keyGroupId, context)
      : findIssued(key, context);
  if (isRefusal(found)) return found;
  const unit = noteUse(keyId, input.dataUnit, context);
  if (isRefusal(unit)) return unit;
  return {
    ...found,
    facts: [...found.facts, ...unit],
    factsOptional: true,
  };
}

function findIssued(key: Row<'key'>, context: DecideContext): Accepted<HandOut> | Refusal {
  const { state, nowMs } = context;
  const groupId = keyGroupOf(key);
  if (!mayUseGroup(state, callingAgent(context).id, groupId))
    return refuse('ACCESS_DENIED', `key=${key.id} belongs to a key group that is not the agent's`);
  const keyState = statesOfIssuedKeys(state, nowMs)(key);
  if (!isForAgents(keyState)) return refuse('AGENT_KEY_DESTROYED', `key=${key.id}`);
  const given = handOut(key, keyState, groupNameForAgents(state, groupId));
  return { facts: [], output: given, audit: handOutNote([given], '') };
}

/**
 * A key that this KMA or one before it made in a life that is over, and of whose hand-out no fact is left: perhaps it was
 * issued after the last fact we have (D2). Who names its ID was given it. It is never used for encryption again.
 */
function claimPerhapsIssued(
  key: Row<'key'>,
  keyGroup: string,
  context: DecideContext,
): Accepted<HandOut> | Refusal {
  const { state, nowMs } = context;
  if (!isOfEndedLife(key, context))
    return refuse('AGENT_KEY_DOES_NOT_EXIST', `key=${key.id} was not handed out`);
  if (key.destroyedStamp !== null) return refuse('AGENT_KEY_DESTROYED', `key=${key.id}`);
  const agent = callingAgent(context);
  const group = chooseGroup(state, agent, keyGroup);
  if (isRefusal(group)) return group;
  const fact: Fact = event('key', key.id, 'activated', {
    activatedAt: nowMs,
    processOnly: 1,
    activatedByAgentId: agent.id,
    activatedKeyGroupId: group.id,
  });
  const given = handOut(key, key.compromisedStamp === null ? 'PROCESS_ONLY' : 'COMPROMISED', group.name);
  return {
    facts: [fact],
    output: given,
    audit: warning('Perhaps issued key', `key=${key.id} group=${group.name}`),
  };
}

function isOfEndedLife(key: Row<'key'>, { state, self }: DecideContext): boolean {
  if (isRepeatedKey(state, key)) return true;
  const life = key.incarnationId === null ? undefined : state.get('incarnation', key.incarnationId);
  return life !== undefined && isEndedLife(state, life, self);
}

/** Agents report the use of a key this way. A full unit does not stand between an agent and its key. */
function noteUse(keyId: KeyId, given: DataUnit, context: DecideContext): readonly Fact[] | Refusal {
  const unit = planUnit(context, given);
  if (isRefusal(unit)) return unit;
  if (unit === null) return [];
  const association = associate(context.state, unit.id, keyId);
  return isRefusal(association) ? [] : [...unit.facts, ...association];
}
