/** An agent that creates data units and keys and asks for earlier ones, through okm-agent's library with its defaults, and writes down what it was given. It destroys nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { KmaClient, kindOf } from '@openkma/agent';
import type { Draw } from './draw.ts';
import type { GivenKey, Ledger } from './ledger.ts';

const BETWEEN_MS = 40;
const RECENT = 20;

export class AgentWork {
  readonly #client: KmaClient;
  readonly #name: string;
  readonly #ledger: Ledger;
  readonly #random: Draw;
  readonly #mine: GivenKey[] = [];

  private constructor(client: KmaClient, name: string, ledger: Ledger, random: Draw) {
    this.#client = client;
    this.#name = name;
    this.#ledger = ledger;
    this.#random = random;
  }

  static async open(directory: string, name: string, ledger: Ledger, random: Draw): Promise<AgentWork> {
    return new AgentWork(await KmaClient.open(directory), name, ledger, random);
  }

  async run(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const [name, step] = this.#random.weighted([
        [4, ['CreateDataUnit and CreateKey', () => this.#createUnit()]],
        [3, ['CreateKey', () => this.#createKey('')]],
        [3, ['RetrieveKey', () => this.#retrieveKey()]],
      ] as const);
      try {
        await step();
      } catch (error) {
        this.#ledger.refuse(name, kindOf(error));
      }
      await pause(BETWEEN_MS);
    }
    this.#client.close();
  }

  async #createUnit(): Promise<void> {
    const externalTag = this.#random.name('tag');
    const { dataUnitId } = await this.#client.createDataUnit({ externalTag });
    this.#ledger.dataUnits.push({ dataUnitId, externalTag });
    this.#ledger.count('CreateDataUnit');
    await this.#createKey(dataUnitId);
  }

  async #createKey(dataUnitId: string): Promise<void> {
    const { keyId, key } = await this.#client.createKey(dataUnitId === '' ? {} : { dataUnitId });
    const given = { keyId, keyHex: hexOf(key.reveal()), agent: this.#name, dataUnitId };
    this.#ledger.giveKey(given);
    this.#mine.push(given);
    this.#ledger.count('CreateKey');
  }

  async #retrieveKey(): Promise<void> {
    const given = this.#random.pickAny(this.#mine.slice(-RECENT));
    if (given === undefined) return;
    const { keyId, keyHex } = given;
    const { key } = await this.#client.retrieveKey(keyId);
    if (hexOf(key.reveal()) !== keyHex) this.#ledger.contradictions.push(`${keyId} has other bytes`);
    this.#ledger.count('RetrieveKey');
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
