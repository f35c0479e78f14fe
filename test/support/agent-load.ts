/** Several agents that create keys as fast as they are answered, and remember every key that was acknowledged; an answer that did not come counts for nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KmaClient } from '@openkma/agent';
import { kindOf } from '@openkma/agent';
import type { TestKma } from './kma.ts';

export interface AcknowledgedKey {
  readonly agent: KmaClient;
  readonly keyId: string;
  readonly keyHex: string;
}

/** After a failure an agent waits a little, as a drive does. */
const FAILED_PAUSE_MS = 20;
/** Calls under way for each agent. */
const CALLS_EACH = 2;

export class AgentLoad {
  readonly acknowledged: AcknowledgedKey[] = [];
  /** Calls that were not answered, by what the agent made of them. */
  readonly failures = new Map<string, number>();
  readonly #agents: readonly KmaClient[];
  #workers: readonly Promise<void>[] = [];
  #running = false;

  private constructor(agents: readonly KmaClient[]) {
    this.#agents = agents;
  }

  static async of(kma: TestKma, agents: number): Promise<AgentLoad> {
    const clients: KmaClient[] = [];
    for (let i = 1; i <= agents; i++)
      clients.push(await kma.agent(`load-${i}`, { settings: { failoverLimit: 0, timeoutMs: 15_000 } }));
    return new AgentLoad(clients);
  }

  start(): void {
    this.#running = true;
    this.#workers = this.#agents.flatMap((agent) =>
      Array.from({ length: CALLS_EACH }, () => this.#work(agent)),
    );
  }

  /** Resolves when every call under way has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#workers);
  }

  close(): void {
    for (const agent of this.#agents) agent.close();
  }

  async #work(agent: KmaClient): Promise<void> {
    while (this.#running)
      try {
        const { keyId, key } = await agent.createKey();
        this.acknowledged.push({ agent, keyId, keyHex: Buffer.from(key.reveal()).toString('hex') });
      } catch (error) {
        const kind = kindOf(error);
        this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
        await pause(FAILED_PAUSE_MS);
      }
  }
}
