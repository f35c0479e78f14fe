/** RevokeKey: an agent says that nobody is to encrypt with a key any more (docs/agent-extension.md). It takes no key from those who decrypt. */
import { mayUseGroup } from '../../core/agent-access.ts';
import { event } from '../../core/facts.ts';
import { keyGroupOf } from '../../core/key-group.ts';
import { statesOfIssuedKeys } from '../../core/key-standing.ts';
import { isDestroyed, type KeyState } from '../../core/key-state.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { readKeyId } from './identifiers.ts';
import { groupNameForAgents } from './key-group-choice.ts';
import { lookElsewhere } from './look-elsewhere.ts';
import { fields, identifier } from './wire-fields.ts';

interface RevokeKeyRequest {
  readonly keyId: string;
}

/** In any later state nobody encrypts with the key, and there is nothing to record. */
const OPERATIONAL: readonly KeyState[] = ['PROTECT_AND_PROCESS', 'PROCESS_ONLY'];

export const revokeKey = operation<RevokeKeyRequest, void, object, object>({
  ...forAgents('long'),
  name: 'RevokeKey',
  summary: 'Deactivates a key where its key policy lets agents do so: it only decrypts from now on.',
  changes: true,
  input: fields<RevokeKeyRequest>({ keyId: identifier }),
  output: fields<object>({}),
  prepare: (input, context) => lookElsewhere(input, context),
  decide(input, context) {
    const { state, nowMs } = context;
    const keyId = readKeyId(input.keyId);
    if (isRefusal(keyId)) return keyId;
    const key = state.get('key', keyId);
    if (key === undefined || key.activatedStamp === null)
      return refuse('AGENT_KEY_DOES_NOT_EXIST', `key=${keyId}`);
    const groupId = keyGroupOf(key);
    if (!mayUseGroup(state, callingAgent(context).id, groupId))
      return refuse('ACCESS_DENIED', `key=${keyId} belongs to a key group that is not the agent's`);
    if (!agentsMayRevoke(state, groupId))
      return refuse('ACCESS_DENIED', `key=${keyId}: its key policy does not let agents revoke keys`);
    const before = statesOfIssuedKeys(state, nowMs)(key);
    if (isDestroyed(before)) return refuse('AGENT_KEY_DESTROYED', `key=${keyId}`);
    const facts = OPERATIONAL.includes(before) ? [event('key', keyId, 'revoked', { revokedAt: nowMs })] : [];
    const group = groupNameForAgents(state, groupId);
    return { facts, output: {}, audit: success(`key=${keyId} group=${group} before=${before}`) };
  },
});

/** Judged at the call only: forbidding it later gives no key back. */
function agentsMayRevoke(state: StateView, keyGroupId: string | null): boolean {
  const group = keyGroupId === null ? undefined : state.get('key_group', keyGroupId);
  const policy = group?.keyPolicyId == null ? undefined : state.get('key_policy', group.keyPolicyId);
  return policy?.allowAgentsToRevoke === 1;
}
