/** The four key calls in their plain or in their wrapped form, so that one test holds both to the same rules (protocol 6.2, 7). */
import type { AgentKey, Requests } from '@openkma/protocol';
import { unwrapKey } from '@openkma/protocol';
import { type FaultSeen, faultOf, fieldsOf, type RawAgent, type RawAnswer, unitOf } from './raw-agent.ts';

export type KeyCall = 'CreateKey' | 'RetrieveKey' | 'RetrieveDataUnitKeys' | 'RetrieveProtectAndProcessKey';

/** A key as a test compares it. */
export interface SeenKey {
  readonly keyId: string;
  readonly state: string;
  readonly group: string;
  readonly hex: string;
}
export interface Page {
  readonly keys: readonly SeenKey[];
  readonly remaining: number;
}

export const FORMS = ['plain', 'wrapped'] as const;

export class KeyForm {
  readonly agent: RawAgent;
  readonly #kwk: { readonly id: string; readonly kwk: Buffer } | null;

  private constructor(agent: RawAgent, kwk: { readonly id: string; readonly kwk: Buffer } | null) {
    this.agent = agent;
    this.#kwk = kwk;
  }

  static async of(form: (typeof FORMS)[number], agent: RawAgent): Promise<KeyForm> {
    return new KeyForm(agent, form === 'plain' ? null : await agent.registerKwk());
  }

  async answer<Name extends KeyCall>(name: Name, fields: Requests[Name]): Promise<RawAnswer<Name>> {
    if (this.#kwk === null) return this.agent.answer(name, fields);
    // The wrapped form has the plain form's fields and the key wrapping key's ID (protocol 6.2).
    const wrapped = { ...fields, agentKwkId: this.#kwk.id } as unknown as Requests[`${Name}2`];
    return (await this.agent.answer(`${name}2` as const, wrapped)) as unknown as RawAnswer<Name>;
  }
  async refusal<Name extends KeyCall>(name: Name, fields: Requests[Name]): Promise<FaultSeen> {
    return faultOf(await this.answer(name, fields));
  }

  async create(dataUnitId = '', keyGroupId = ''): Promise<SeenKey> {
    const answer = await this.answer('CreateKey', { dataUnit: unitOf(dataUnitId), keyGroupId });
    return this.#seen(fieldsOf(answer).key);
  }
  async retrieve(keyId: string, dataUnitId = '', keyGroupId = ''): Promise<SeenKey> {
    const fields = { keyId, dataUnit: unitOf(dataUnitId), keyGroupId };
    return this.#seen(fieldsOf(await this.answer('RetrieveKey', fields)).key);
  }
  async protect(dataUnitId: string, keyGroupId = ''): Promise<SeenKey> {
    const fields = { dataUnit: unitOf(dataUnitId), keyGroupId };
    return this.#seen(fieldsOf(await this.answer('RetrieveProtectAndProcessKey', fields)).key);
  }
  async page(dataUnitId: string, pageSize = 32, pageOffset = 0, keyId?: string): Promise<Page> {
    const from = keyId === undefined ? {} : { keyId };
    const fields = { dataUnit: unitOf(dataUnitId), pageSize, pageOffset, ...from };
    const { keys, keysRemaining } = fieldsOf(await this.answer('RetrieveDataUnitKeys', fields));
    return { keys: keys.map((key) => this.#seen(key)), remaining: keysRemaining };
  }

  #seen({ keyId, keyState, keyGroupId, key }: AgentKey): SeenKey {
    const bytes = this.#kwk === null ? key : unwrapKey(this.#kwk.kwk, key);
    const state = keyState.replace('KEY-STATE-', '');
    return { keyId, state, group: keyGroupId, hex: Buffer.from(bytes).toString('hex') };
  }
}
