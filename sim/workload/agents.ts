/** What agents of a simulated world ask: enrolment, keys, data units. They remember what they were given, and ask any KMA for it. */
import type { DataUnit } from '@openkma/protocol';
import type { Fingerprint } from '../../src/core/ids.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { handedOut } from '../checks/keys.ts';
import type { Committed } from '../core.ts';
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { asAgent } from './people.ts';

interface Enrolled {
  readonly agent: string;
  readonly fingerprint: Fingerprint;
}

export const NO_UNIT: DataUnit = {
  dataUnitId: '',
  externalUniqueId: '',
  externalTag: '',
  description: '',
  state: 'DATA-UNIT-STATE-NO-KEY',
};
/** Of agents that are enrolled. */
const FEW = 2;
const KEYS_REMEMBERED = 60;
const UNITS_REMEMBERED = 40;
/** So few that two sides of a partition choose the same. */
const EXTERNAL_IDS = ['A1', 'B2', 'C3', 'D4', 'E5', 'F6'];

export class Agents {
  readonly #world: World;
  readonly #random: Random;
  /** By name: a later certificate revokes the one before. */
  readonly #enrolled = new Map<string, Enrolled>();
  readonly #keys: string[] = [];
  readonly #units: string[] = [];

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async enrol(machine: Machine, agent: string): Promise<void> {
    const input = {
      entityId: agent,
      clientAuthenticationResponse: new Uint8Array(20),
      serverAuthenticationChallenge: new Uint8Array(20),
    };
    const call = { operation: 'RetrieveEntityCertificate', input, claim: { claim: 'network' } } as const;
    await this.#world.call(machine, call, (answer) => {
      if (isRefusal(answer)) return;
      for (const fact of answer.decision.facts)
        if (fact.table === 'agent_certificate')
          this.#enrolled.set(agent, { agent, fingerprint: fact.id as Fingerprint });
    });
  }

  async act(machine: Machine): Promise<void> {
    const random = this.#random;
    if (this.#enrolled.size < FEW || random.chance(60))
      return this.enrol(machine, random.pick(['drive-1', 'drive-2', 'host-1', 'agent-1', 'agent-2']));
    const unit = this.#unit();
    const group = random.pick(['', '', 'tapes', 'disks', 'group-1']);
    const keyId = random.pickAny(this.#keys) ?? '0'.repeat(60);
    const about = { externalUniqueId: random.pick(EXTERNAL_IDS), externalTag: 'tag', description: '' };
    const [operation, input] = random.weighted<readonly [string, object]>([
      [30, ['CreateKey', { dataUnit: unit, keyGroupId: group }]],
      [24, ['RetrieveKey', { keyId, dataUnit: unit, keyGroupId: group }]],
      [8, ['CreateDataUnit', { ...about, externalUniqueId: random.pick(['', about.externalUniqueId]) }]],
      [6, ['RetrieveDataUnitByExternalUniqueID', about]],
      [4, ['RetrieveDataUnit', { ...about, dataUnitId: unit.dataUnitId }]],
      [6, ['RetrieveDataUnitKeys', { dataUnit: unit, pageSize: 20, pageOffset: 0 }]],
      [4, ['RetrieveProtectAndProcessKey', { dataUnit: unit, keyGroupId: group }]],
      [3, ['DisassociateDataUnitKeys', { dataUnit: unit }]],
      [4, ['RevokeKey', { keyId }]],
    ]);
    await this.ask(machine, operation, input, () => undefined);
  }

  /** As one of those who are enrolled; whose certificate is revoked enrols anew some time. */
  async ask(
    machine: Machine,
    operation: string,
    input: object,
    then: (answer: Committed) => void,
  ): Promise<void> {
    const one = this.#random.pickAny([...this.#enrolled.values()]);
    if (one === undefined) return;
    await this.#world.call(machine, asAgent(one.fingerprint, operation, input), (answer) => {
      if (isRefusal(answer)) {
        if (answer.refused === 'ACCESS_DENIED' && answer.detail === 'certificate revoked')
          this.#enrolled.delete(one.agent);
        return;
      }
      this.#remember(answer);
      then(answer);
    });
  }

  /** Some data unit that an agent knows of. */
  someUnit(): string {
    return this.#random.pickAny(this.#units) ?? '0'.repeat(32);
  }
  someKey(): string {
    return this.#random.pickAny(this.#keys) ?? '0'.repeat(60);
  }

  #unit(): DataUnit {
    const dataUnitId = this.#random.pickAny(this.#units) ?? '';
    return { ...NO_UNIT, dataUnitId };
  }

  #remember(answer: Committed): void {
    for (const { keyId } of handedOut(answer)) keep(this.#keys, keyId, KEYS_REMEMBERED);
    for (const fact of answer.decision.facts)
      if (fact.table === 'data_unit') keep(this.#units, fact.id, UNITS_REMEMBERED);
  }
}

function keep(list: string[], item: string, most: number): void {
  if (list.includes(item)) return;
  list.push(item);
  if (list.length > most) list.shift();
}
