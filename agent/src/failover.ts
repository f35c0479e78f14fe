/** One call with its attempts at several KMAs (protocol 10); it knows nothing of what is called. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AffinityCache } from './affinity.ts';
import { chooseKma, isUsable, type Kma, nextKma } from './balancing.ts';
import type { Discovery } from './discovery.ts';
import { KmsUnavailableError } from './errors.ts';
import { failsOver } from './faults.ts';

export const UNLIMITED = -1;

/** Repetitions at KMAs that failed already slow down, so that an unlimited agent does not hammer a dead cluster. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export interface Attempts {
  readonly discovery: Discovery;
  readonly affinity: AffinityCache;
  readonly failoverLimit: number;
  readonly random: () => number;
}

/** Calls `attempt` at one KMA after the other, at most limit + 1 times, until one answers or refuses. */
export async function withFailover<Result>(
  { discovery, affinity, failoverLimit, random }: Attempts,
  ids: readonly string[],
  attempt: (kma: Kma) => Promise<Result>,
): Promise<{ readonly result: Result; readonly kma: Kma }> {
  await discovery.refreshIfDue();
  let kma =
    preferred(discovery.kmas, affinity.find(ids)) ?? chooseKma(discovery.kmas, discovery.siteId, random);
  let last: unknown = new Error('discovery named no KMA');
  let repetitions = 0;
  let attempts = 0;
  const mayTry = () => failoverLimit === UNLIMITED || attempts <= failoverLimit;
  while (kma !== undefined && mayTry()) {
    attempts++;
    try {
      const result = await attempt(kma);
      discovery.mark(kma.id, true);
      return { result, kma };
    } catch (error) {
      if (!failsOver(error)) throw error;
      last = error;
    }
    discovery.mark(kma.id, false);
    const next = nextKma(discovery.kmas, discovery.siteId, kma);
    if (next.again && mayTry())
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(repetitions++, 10)));
    kma = next.kma;
  }
  throw new KmsUnavailableError(attempts, last);
}

function preferred(kmas: readonly Kma[], id: string | undefined): Kma | undefined {
  return id === undefined ? undefined : kmas.find((kma) => kma.id === id && isUsable(kma));
}
