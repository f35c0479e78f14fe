/** Agents in a loop, each round a data unit, its key, and the key again; every call that fails is kept with what it failed of. They repeat nothing themselves. */

import { setTimeout as pause } from 'node:timers/promises';
import { KmaClient, kindOf } from '@openkma/agent';
import { hexOf } from './agent-work.ts';
import { PlainAgent } from './plain-agent.ts';

const BETWEEN_MS = 25;

/** The three calls of a round, whatever library makes them. */
interface Caller {
  createDataUnit(): Promise<string>;
  createKey(dataUnitId: string): Promise<{ readonly keyId: string; readonly hex: string }>;
  retrieveKey(keyId: string): Promise<string>;
  close(): void;
}

export interface Failure {
  readonly phase: string;
  readonly what: string;
}

export class AgentLoop {
  readonly name: string;
  calls = 0;
  readonly failures: Failure[] = [];
  readonly #caller: Caller;
  readonly #phase: () => string;

  private constructor(name: string, caller: Caller, phase: () => string) {
    this.name = name;
    this.#caller = caller;
    this.#phase = phase;
  }

  /** With okm-agent's library and its defaults. */
  static async withLibrary(name: string, directory: string, phase: () => string): Promise<AgentLoop> {
    const client = await KmaClient.open(directory);
    return new AgentLoop(
      name,
      {
        createDataUnit: async () => (await client.createDataUnit()).dataUnitId,
        async createKey(dataUnitId) {
          const { keyId, key } = await client.createKey({ dataUnitId });
          return { keyId, hex: hexOf(key.reveal()) };
        },
        retrieveKey: async (keyId) => hexOf((await client.retrieveKey(keyId)).key.reveal()),
        close: () => client.close(),
      },
      phase,
    );
  }

  static async plain(name: string, directory: string, phase: () => string): Promise<AgentLoop> {
    const agent = await PlainAgent.open(directory);
    return new AgentLoop(
      name,
      {
        createDataUnit: () => agent.createDataUnit(),
        async createKey(dataUnitId) {
          const { keyId, key } = await agent.createKey(dataUnitId);
          return { keyId, hex: hexOf(key) };
        },
        retrieveKey: async (keyId) => hexOf(await agent.retrieveKey(keyId)),
        close: () => agent.close(),
      },
      phase,
    );
  }

  async run(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await this.#round();
      await pause(BETWEEN_MS);
    }
    this.#caller.close();
  }

  async #round(): Promise<void> {
    const unit = await this.#call('CreateDataUnit', () => this.#caller.createDataUnit());
    if (unit === null) return;
    const key = await this.#call('CreateKey', () => this.#caller.createKey(unit));
    if (key === null) return;
    const again = await this.#call('RetrieveKey', () => this.#caller.retrieveKey(key.keyId));
    if (again !== null && again !== key.hex) this.#failed('RetrieveKey', 'other bytes');
  }

  async #call<T>(name: string, call: () => Promise<T>): Promise<T | null> {
    this.calls += 1;
    try {
      return await call();
    } catch (error) {
      this.#failed(name, `${kindOf(error)}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  #failed(name: string, why: string): void {
    this.failures.push({ phase: this.#phase(), what: `${this.name} ${name}: ${why}` });
  }
}
