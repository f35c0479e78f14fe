/** A key on its way to an agent: named by its sealed object until the answer is made, and what the audit says of it. It opens nothing. */
import type { AgentKey } from '@openkma/protocol';
import type { ObjectId } from '../../core/ids.ts';
import type { KeyState } from '../../core/key-state.ts';
import type { Row } from '../../core/tables.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { AuditNote } from '../audit-record.ts';
import { success, warning } from '../success.ts';

export interface HandOut {
  readonly keyId: string;
  readonly objectId: ObjectId;
  readonly state: AgentKeyState;
  /** The key group as agents see it. */
  readonly group: string;
}

/** The states in which a key may go to an agent (protocol 6.1). */
export type AgentKeyState = keyof typeof WIRE_STATES;
const WIRE_STATES = {
  PROTECT_AND_PROCESS: 'KEY-STATE-PROTECT-AND-PROCESS',
  PROCESS_ONLY: 'KEY-STATE-PROCESS-ONLY',
  DEACTIVATED: 'KEY-STATE-DEACTIVATED',
  COMPROMISED: 'KEY-STATE-COMPROMISED',
} as const satisfies Partial<Record<KeyState, AgentKey['keyState']>>;

export function isForAgents(state: KeyState): state is AgentKeyState {
  return Object.hasOwn(WIRE_STATES, state);
}

export function handOut(key: Row<'key'>, state: AgentKeyState, group: string): HandOut {
  if (key.objectId === null) throw new Error(`key ${key.id} names no sealed object`);
  return { keyId: key.id, objectId: key.objectId, state, group };
}

export function toAgentKey(given: HandOut, key: Uint8Array): AgentKey {
  return {
    keyId: given.keyId,
    keyState: WIRE_STATES[given.state],
    keyType: 'KEY-TYPE-AES-256',
    keyGroupId: given.group,
    key,
  };
}

/** Post-operational and compromised keys are still served, and audited as warnings (protocol 8). */
export function handOutNote(keys: readonly HandOut[], details: string): AuditNote {
  const message = [...keys.map(({ keyId, group }) => `key=${keyId} group=${group}`), details]
    .filter((part) => part !== '')
    .join(' ');
  if (keys.some(({ state }) => state === 'COMPROMISED')) return warning('Compromised key', message);
  if (keys.some(({ state }) => state === 'DEACTIVATED')) return warning('Deactivated key', message);
  return success(message);
}

/** Opens a sealed object, in `reply`. */
export type OpenObject = (id: ObjectId) => SecretBytes;
