/** Key calls in their wrapped or plain form, as the KMA's version asks (protocol 7); it never chooses a KMA. */
import type { AgentKey, KeyState, KeyType, Requests, Responses } from '@openkma/protocol';
import type { Kma } from './balancing.ts';
import { TransportError } from './errors.ts';
import { asksForRegistration } from './faults.ts';
import { KeyBytes } from './key-bytes.ts';
import type { KeyWrappingKey, KeyWrappingKeys } from './kwk.ts';
import type { Endpoint, Transport } from './transport.ts';

/** A key as applications get it. */
export interface RetrievedKey {
  readonly keyId: string;
  readonly keyState: KeyState;
  readonly keyType: KeyType;
  readonly keyGroupId: string;
  /** The 32 bytes of the AES-256 key. */
  readonly key: KeyBytes;
}

/** The calls that exist in a plain and in a wrapped form, by their plain names. */
export type KeyCall = 'CreateKey' | 'RetrieveKey' | 'RetrieveDataUnitKeys' | 'RetrieveProtectAndProcessKey';

/** A KMA that goes on denying the key it has just registered would otherwise keep us for ever (protocol 13, item 5). */
const REGISTRATIONS_MAX = 3;

export interface KeyCaller {
  readonly transport: Transport;
  readonly kwks: KeyWrappingKeys;
}

/** Turns a key on the wire into one for the application. */
type Opener = (key: AgentKey) => RetrievedKey;
export interface KeyAnswer<Name extends KeyCall> {
  readonly response: Responses[Name];
  readonly open: Opener;
}

export async function callForKeys<Name extends KeyCall>(
  caller: KeyCaller,
  kma: Kma,
  endpoint: Endpoint,
  name: Name,
  fields: Requests[Name],
  maySend: () => boolean,
): Promise<KeyAnswer<Name>> {
  if (kma.wrapsKeys) return await callWrapped(caller, kma, endpoint, name, fields, maySend);
  const response = await caller.transport.call(endpoint, name, fields, maySend);
  return { response, open: (key) => opened(key, new KeyBytes(key.key)) };
}

async function callWrapped<Name extends KeyCall>(
  { transport, kwks }: KeyCaller,
  kma: Kma,
  endpoint: Endpoint,
  name: Name,
  fields: Requests[Name],
  maySend: () => boolean,
): Promise<KeyAnswer<Name>> {
  for (let registrations = 0; registrations < REGISTRATIONS_MAX; registrations++) {
    const kwk = await kwks.of(kma.id, endpoint);
    // The wrapped form has the plain form's fields and the key-wrapping key's identifier (protocol 6.2).
    const wrapped = { ...fields, agentKwkId: kwk.id } as unknown as Requests[`${Name}2`];
    try {
      const response = await transport.call(endpoint, `${name}2` as const, wrapped, maySend);
      return { response: response as Responses[Name], open: opener(kwk) };
    } catch (error) {
      if (!asksForRegistration(error)) throw error;
      await kwks.forget(kma.id, kwk);
    }
  }
  throw new TransportError(`${kma.name}: the KMA does not keep the key-wrapping keys that it registers`);
}

function opener(kwk: KeyWrappingKey): Opener {
  return (key) => opened(key, kwk.unwrap(key.key));
}

function opened({ keyId, keyState, keyType, keyGroupId }: AgentKey, key: KeyBytes): RetrievedKey {
  return { keyId, keyState, keyType, keyGroupId, key };
}
