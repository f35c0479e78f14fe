/** Runs seeds side by side, on all CPUs, and gives the results in the order of the seeds. It judges none. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedResult } from './run-seed.ts';

export interface SeedTask {
  readonly seed: number;
  readonly kmas: number;
  /** By name; null for what production runs. */
  readonly mutant: string | null;
}

/** Whoever waits for them does nothing. */
const WORKERS = availableParallelism();
/** A world makes much that is soon forgotten. */
const YOUNG_MB = 96;
const WORKER = new URL('./seed-worker.ts', import.meta.url);

/** `until` ends it early: the results after the first for which it holds are not given. */
export async function* manySeeds(
  tasks: readonly SeedTask[],
  until: (result: SeedResult) => boolean = () => false,
): AsyncGenerator<SeedResult> {
  const workers = Array.from(
    { length: Math.min(WORKERS, tasks.length) },
    () => new Worker(WORKER, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } }),
  );
  const waiting = tasks.map((task) => ({ task, ...Promise.withResolvers<SeedResult>() }));
  const left = [...waiting];
  for (const worker of workers) serve(worker, left);
  try {
    for (const { promise } of waiting) {
      const result = await promise;
      yield result;
      if (until(result)) return;
    }
  } finally {
    left.length = 0;
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Waiting extends PromiseWithResolvers<SeedResult> {
  readonly task: SeedTask;
}

/** One task at a time. */
function serve(worker: Worker, left: Waiting[]): void {
  let current: Waiting | undefined;
  const next = () => {
    current = left.shift();
    if (current !== undefined) worker.postMessage(current.task);
  };
  worker.on('message', (result: SeedResult) => {
    current?.resolve(result);
    next();
  });
  worker.on('error', (error) => current?.reject(error));
  next();
}
