/** A KMA filled with a population and served as a product is, by "kma serve" in processes of its own; measuring is not its business. */
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { BACKUP, TestKma } from '../test/support/kma.ts';
import { type Ports, RawAgent } from '../test/support/raw-agent.ts';
import { ServedKma } from '../test/support/served-kma.ts';
import { BulkWriter } from './bulk-writer.ts';
import { cpuMs } from './cpu.ts';
import type { KeptCaller } from './kept-load.ts';
import { fillPool, type HeldKey, type Population, type Progress, populate } from './population.ts';
import { processesOf } from './processes.ts';
import { type Kind, keyRequest } from './requests.ts';

/** Really enrolled, with key pairs of their own. */
const CALLING_AGENTS = 16;
/** Requests prepared for one measurement, over keys and data units taken evenly from all. */
const PREPARED_REQUESTS = 4_000;
const POOL_LOOK_MS = 200;
/** Fewer keys than this take too few ticks of processor time to say anything. */
const FILLING_MIN = 1_000;

export interface BenchStatus {
  readonly keysReady: number;
  readonly keysUnissued: number;
  readonly keyPoolSize: number;
  readonly operations: number;
  readonly commits: number;
}

export class BenchKma implements AsyncDisposable {
  readonly name: string;
  readonly population: Population;
  readonly kma: TestKma;
  readonly held: readonly HeldKey[];
  readonly #agents: readonly RawAgent[];
  /** Of the fillings of the pool that were waited for. */
  readonly cpuMsPerKeyMade: number[] = [];
  #kwkIds: readonly string[] = [];
  #served: ServedKma | null = null;

  private constructor(
    name: string,
    population: Population,
    kma: TestKma,
    held: readonly HeldKey[],
    agents: readonly RawAgent[],
  ) {
    this.name = name;
    this.population = population;
    this.kma = kma;
    this.held = held;
    this.#agents = agents;
  }

  /** Filled and stopped. */
  static async make(name: string, population: Population, progress: Progress): Promise<BenchKma> {
    const kma = await TestKma.start();
    await kma.stop();
    progress(`${name}: ${population.poolKeys + population.agentKeys} keys`);
    await writeInto(kma, (writer) => fillPool(writer, population));
    await kma.resume();
    progress(`${name}: a backup of the keys, and agents that enrol`);
    await kma.backup();
    const agents: RawAgent[] = [];
    for (let number = 1; number <= CALLING_AGENTS; number += 1)
      agents.push(await RawAgent.create(kma, `caller-${number}`));
    await kma.stop();
    const held = await writeInto(kma, (writer) =>
      populate(writer, population, (what) => progress(`${name}: ${what}`)),
    );
    return new BenchKma(name, population, kma, held, agents);
  }

  /** Seconds from the start of the command to the line that says it is ready. */
  async start(fronts = availableParallelism()): Promise<number> {
    const began = performance.now();
    this.#served = await ServedKma.start(this.kma, '--fronts', String(fronts));
    const seconds = (performance.now() - began) / 1000;
    const registered = this.#agents.map(({ name, identity }) =>
      new RawAgent(name, this.ports, identity).registerKwk(),
    );
    this.#kwkIds = (await Promise.all(registered)).map(({ id }) => id);
    return seconds;
  }

  async stop(): Promise<void> {
    await this.#served?.end('SIGTERM');
    this.#served = null;
  }

  get served(): ServedKma {
    if (this.#served === null) throw new Error(`the ${this.name} KMA does not run`);
    return this.#served;
  }
  get ports(): Ports {
    return this.served.ports;
  }

  /** The supervisor and its children. */
  readonly pids = (): ReadonlyMap<string, number> => processesOf(this.served);

  status(): Promise<BenchStatus> {
    return this.kma.ask<BenchStatus>('ShowStatus', {});
  }

  /** Waits until the pool is full, so that no filling falls into a measurement, and backs it up where fewer keys than this are Ready. */
  async settle(keys: number): Promise<void> {
    const core = [this.pids().get('core') ?? 0];
    const [before, cpuBefore] = [await this.status(), cpuMs(core)];
    let now = before;
    // Setting the size, even to what it is, makes the KMA look at its pool at once.
    if (now.keysUnissued < now.keyPoolSize)
      await this.kma.ask('ModifyKeyPoolSize', { size: now.keyPoolSize }, BACKUP);
    while (now.keysUnissued < now.keyPoolSize) {
      await pause(POOL_LOOK_MS);
      now = await this.status();
    }
    const made = now.keysUnissued - before.keysUnissued;
    if (made >= FILLING_MIN) this.cpuMsPerKeyMade.push((cpuMs(core) - cpuBefore) / made);
    if (now.keysReady < keys) await this.kma.backup();
  }

  /** So many connections of the enrolled agents, each with its part of the prepared requests. */
  callers(count: number, kind: Kind): KeptCaller[] {
    const each = Math.ceil(PREPARED_REQUESTS / count);
    return Array.from({ length: count }, (_, caller) => {
      const own = caller % this.#agents.length;
      const identity = this.identity(own);
      const requests = Array.from({ length: each }, (_, number) =>
        this.request(kind, number * count + caller, own),
      );
      return { ...identity, requests };
    });
  }

  identity(agent = 0): Omit<KeptCaller, 'requests'> {
    const { identity } = this.#agents[agent] ?? {};
    if (identity === undefined) throw new Error(`there is no agent ${agent}`);
    return identity;
  }

  /** `number` of PREPARED_REQUESTS. */
  request(kind: Kind, number: number, agent = 0, headers: readonly string[] = []): string {
    const at = Math.floor((number % PREPARED_REQUESTS) * (this.held.length / PREPARED_REQUESTS));
    const held = this.held[at];
    if (held === undefined) throw new Error('no agent holds a key');
    return keyRequest(kind, held, this.#kwkIds[agent] ?? '', headers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.kma[Symbol.asyncDispose]();
  }
}

async function writeInto<T>(kma: TestKma, work: (writer: BulkWriter) => Promise<T>): Promise<T> {
  using writer = await BulkWriter.open(kma.data);
  return await work(writer);
}
