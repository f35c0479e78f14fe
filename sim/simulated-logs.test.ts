/** The simulated world's stand-in for the engine fulfils the same contract, in virtual time. */

import assert from 'node:assert/strict';
import {
  type ContractKma,
  type ContractWorld,
  contractOfReplicatedLogs,
} from '../src/replication/replicated-logs.contract.ts';
import { FAIR, Network } from './network.ts';
import { Random } from './random.ts';
import { Schedule } from './schedule.ts';
import { SimulatedLogs } from './simulated-logs.ts';

const STEP_MS = 1_000;
const PATIENCE_MS = 24 * 3_600_000;

class SimulatedKma implements ContractKma {
  readonly log;
  readonly truth: Uint8Array[] = [];
  readonly #world: SimulatedWorld;
  logs: SimulatedLogs;

  constructor(world: SimulatedWorld, number: number) {
    this.#world = world;
    this.log = { incarnationId: `log ${number}`, publicKey: '' };
    this.logs = world.endpoint(this.log.incarnationId);
  }
  async write(...texts: string[]): Promise<void> {
    const blocks = texts.map((text) => Buffer.from(text));
    await this.logs.append(this.truth.length, blocks);
    this.truth.push(...blocks);
  }
  async restart(cachedLength = 0): Promise<void> {
    await this.logs.close();
    this.logs = this.#world.endpoint(this.log.incarnationId);
    this.logs.refill(this.log.incarnationId, this.truth.slice(0, cachedLength));
    await this.logs.append(cachedLength, this.truth.slice(cachedLength));
  }
  async close(): Promise<void> {
    await this.logs.close();
  }
}

class SimulatedWorld implements ContractWorld {
  readonly #schedule = new Schedule();
  readonly #network = new Network(this.#schedule, new Random(1));
  readonly #endpoints = new Set<SimulatedLogs>();
  readonly #kmas: SimulatedKma[] = [];

  /** All are apart until they are connected. */
  kma(): Promise<SimulatedKma> {
    const kma = new SimulatedKma(this, this.#kmas.length);
    for (const other of this.#kmas) this.#both(kma, other, (from, to) => this.#network.cut(from, to));
    this.#kmas.push(kma);
    return Promise.resolve(kma);
  }
  endpoint(incarnationId: string): SimulatedLogs {
    return new SimulatedLogs({
      place: incarnationId,
      kmaId: incarnationId,
      logPublicKey: '',
      replicationPublicKey: '',
      clusterEpochId: '',
      incarnationId,
      schedule: this.#schedule,
      network: this.#network,
      endpoints: this.#endpoints,
      onConflict: () => undefined,
      expired: () => false,
      admits: () => true,
    });
  }
  async connect(a: SimulatedKma, b: SimulatedKma): Promise<void> {
    this.#both(a, b, (from, to) => this.#network.join(from, to));
    await this.#pass();
  }
  async disconnect(a: SimulatedKma, b: SimulatedKma): Promise<void> {
    this.#both(a, b, (from, to) => this.#network.cut(from, to));
    await this.#pass();
  }
  async until(holds: () => boolean): Promise<void> {
    const deadlineMs = this.#schedule.nowMs + PATIENCE_MS;
    while (!holds()) {
      assert.ok(this.#schedule.nowMs < deadlineMs, 'it holds in time');
      await this.#pass();
    }
  }
  async end(): Promise<void> {
    this.#network.weather = FAIR;
    for (const kma of this.#kmas) await kma.close();
  }

  /** What waits for no time happens too. */
  async #pass(): Promise<void> {
    await this.#schedule.run(this.#schedule.nowMs + STEP_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  #both(a: SimulatedKma, b: SimulatedKma, act: (from: string, to: string) => void): void {
    act(a.log.incarnationId, b.log.incarnationId);
    act(b.log.incarnationId, a.log.incarnationId);
  }
}

contractOfReplicatedLogs('simulation', () => Promise.resolve(new SimulatedWorld()));
