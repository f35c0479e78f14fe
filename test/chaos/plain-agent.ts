/** An agent that does what the protocol's client does and no more (protocol 10): it goes on to another KMA after the failures listed there, and takes every other answer as it comes. It keeps no connection, and asks for what it has created wherever it happens to. */

import type { OperationOf, Requests, Responses } from '@openkma/protocol';
import { AffinityCache } from '../../agent/src/affinity.ts';
import { Discovery } from '../../agent/src/discovery.ts';
import { withFailover } from '../../agent/src/failover.ts';
import { loadProfile, type Profile } from '../../agent/src/profile.ts';
import { Transport } from '../../agent/src/transport.ts';

const NO_UNIT = {
  dataUnitId: '',
  externalUniqueId: '',
  externalTag: '',
  description: '',
  state: 'DATA-UNIT-STATE-NO-KEY',
} as const;

export class PlainAgent {
  readonly #profile: Profile;
  readonly #transport: Transport;
  readonly #discovery: Discovery;

  private constructor(profile: Profile) {
    const { timeoutMs, minimumTls } = profile.settings;
    this.#profile = profile;
    this.#transport = new Transport({ ...profile, timeoutMs, minimumTls });
    this.#discovery = new Discovery(
      profile,
      (address) => this.#transport.call({ address, port: profile.ports.discovery }, 'DiscoverCluster', {}),
      () => performance.now(),
    );
  }

  static async open(directory: string): Promise<PlainAgent> {
    return new PlainAgent(await loadProfile(directory));
  }

  async createDataUnit(): Promise<string> {
    const fields = { externalUniqueId: '', externalTag: '', description: '' };
    return (await this.#call('CreateDataUnit', fields)).dataUnit.dataUnitId;
  }
  async createKey(dataUnitId: string): Promise<{ readonly keyId: string; readonly key: Uint8Array }> {
    return (await this.#call('CreateKey', { dataUnit: { ...NO_UNIT, dataUnitId }, keyGroupId: '' })).key;
  }
  async retrieveKey(keyId: string): Promise<Uint8Array> {
    return (await this.#call('RetrieveKey', { keyId, dataUnit: NO_UNIT, keyGroupId: '' })).key.key;
  }

  /** Without what the call names, nothing is preferred, nobody else is asked for what is not known, and one KMA at a time. */
  async #call<Name extends OperationOf<'agent'>>(
    name: Name,
    fields: Requests[Name],
  ): Promise<Responses[Name]> {
    const { failoverLimit, timeoutMs } = this.#profile.settings;
    const attempts = {
      discovery: this.#discovery,
      affinity: new AffinityCache(),
      failoverLimit,
      timeoutMs,
      random: Math.random,
      now: () => performance.now(),
    };
    const { result } = await withFailover(attempts, {
      ids: [],
      doneByTwo: 'twice',
      attempt: ({ address }, maySend) => {
        // As if it were sent already: then no other KMA is asked meanwhile.
        maySend();
        return this.#transport.call({ address, port: this.#profile.ports.agent }, name, fields);
      },
    });
    return result;
  }

  close(): void {
    this.#transport.close();
  }
}
