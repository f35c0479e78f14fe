/** Drives the calling processes and counts what the called ones spent; it makes no call itself. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpuMs } from './cpu.ts';
import { percentile } from './figures.ts';
import type { Connected, KeptOrder, KeptResult, ToKeptLoad } from './kept-load.ts';
import type { LoadOrder, LoadResult } from './load.ts';

/** Processes by name, at the moment they are looked at. */
export type Pids = () => ReadonlyMap<string, number>;

export interface Measured {
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Of all called processes together. */
  readonly cpuMsPerCall: number;
  readonly cpuMsByProcess: ReadonlyMap<string, number>;
  readonly callerCpuMsPerCall: number;
}
export interface KeptMeasured extends Measured, Connected {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One calling process: it answers every message but a stop with one. */
export class Caller<Message extends object> implements Disposable {
  readonly child: ChildProcess;
  #answer = Promise.withResolvers<unknown>();

  constructor(file: string) {
    this.child = fork(fileURLToPath(new URL(file, import.meta.url)));
    this.child.on('message', (message) => this.#answer.resolve(message));
    this.child.on('exit', () => this.#answer.reject(new Error('a calling process has ended')));
    this.#answer.promise.catch(() => undefined);
  }

  ask<Answer>(message: Message): Promise<Answer> {
    this.#answer = Promise.withResolvers();
    this.child.send(message);
    return this.#answer.promise as Promise<Answer>;
  }

  /** What is not answered. */
  tell(message: Message): void {
    this.child.send(message);
  }

  [Symbol.dispose](): void {
    this.child.kill();
  }
}

export class Callers implements Disposable {
  readonly #kept = new Caller<ToKeptLoad>('./kept-load.ts');
  readonly #fresh = new Caller<LoadOrder>('./load.ts');

  /** Calls over connections that are opened before counting begins. */
  async kept(what: string, order: KeptOrder, pids: Pids): Promise<KeptMeasured> {
    const { result } = await this.keptUntilTold(what, order, pids);
    return result;
  }

  /** As `kept`; `stop` ends it where the order has no number of calls. */
  async keptUntilTold(what: string, order: KeptOrder, pids: Pids) {
    const connected = await this.#kept.ask<Connected>(order);
    const spent = watch(pids, this.#kept.child);
    const answered = this.#kept.ask<KeptResult>({ go: true });
    const result = answered.then((loaded): KeptMeasured => {
      const { latenciesMs, seconds } = loaded;
      assertServed(what, loaded, latenciesMs.length);
      return {
        ...connected,
        ...spent(latenciesMs.length, seconds),
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
      };
    });
    return { result, stop: () => this.#kept.tell({ stop: true }) };
  }

  /** Calls with a new connection each. */
  async fresh(what: string, order: LoadOrder, pids: Pids): Promise<Measured> {
    const spent = watch(pids, this.#fresh.child);
    const loaded = await this.#fresh.ask<LoadResult>(order);
    assertServed(what, loaded, order.calls);
    return spent(order.calls, loaded.seconds);
  }

  [Symbol.dispose](): void {
    this.#kept[Symbol.dispose]();
    this.#fresh[Symbol.dispose]();
  }
}

/** A figure of calls that were refused would be a figure of something else. */
function assertServed(
  what: string,
  { failures, firstFailure }: Pick<LoadResult, 'failures' | 'firstFailure'>,
  calls: number,
): void {
  if (failures > 0)
    throw new Error(`${what}: ${failures} of ${calls} calls failed, the first with: ${firstFailure}`);
}

function watch(pids: Pids, caller: ChildProcess) {
  const before = new Map([...pids()].map(([name, pid]) => [name, cpuMs([pid])] as const));
  const callerBefore = cpuMs([caller.pid ?? 0]);
  return (calls: number, seconds: number): Measured => {
    const spent = [...pids()].map(
      ([name, pid]) => [name, (cpuMs([pid]) - (before.get(name) ?? 0)) / calls] as const,
    );
    return {
      calls,
      callsPerSecond: calls / seconds,
      cpuMsPerCall: spent.reduce((sum, [, ms]) => sum + ms, 0),
      cpuMsByProcess: new Map(spent),
      callerCpuMsPerCall: (cpuMs([caller.pid ?? 0]) - callerBefore) / calls,
    };
  };
}

/** "core 0.123, reader 0.000, ..." */
export function byProcess({ cpuMsByProcess }: Measured): string {
  return [...cpuMsByProcess].map(([name, ms]) => `${name} ${ms.toFixed(3)}`).join(', ');
}
