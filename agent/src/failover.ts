/** One call with its attempts at several KMAs (protocol 10); it knows nothing of what is called. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AffinityCache } from './affinity.ts';
import { chooseKma, isUsable, type Kma, nextKma } from './balancing.ts';
import type { Discovery } from './discovery.ts';
import { KmsUnavailableError } from './errors.ts';
import { answersNothing, failsOver, isUnknown } from './faults.ts';

export const UNLIMITED = -1;

/** Repetitions at KMAs that failed already slow down, so that an unlimited agent does not hammer a dead cluster. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export interface Attempts {
  readonly discovery: Discovery;
  readonly affinity: AffinityCache;
  readonly failoverLimit: number;
  /** How long a KMA that gives no answer is waited for. */
  readonly timeoutMs: number;
  readonly random: () => number;
  readonly now: () => number;
}

interface Served<Result> {
  readonly result: Result;
  readonly kma: Kma;
}

/**
 * Calls `attempt` at one KMA after the other, at most limit + 1 times, until one answers or refuses. `ids` are what the call
 * names: where a KMA does not know them, another one may.
 */
export async function withFailover<Result>(
  attempts: Attempts,
  ids: readonly string[],
  attempt: (kma: Kma) => Promise<Result>,
): Promise<Served<Result>> {
  const { discovery, affinity, failoverLimit, random } = attempts;
  await discovery.refreshIfDue();
  let kma =
    preferred(discovery.kmas, affinity.find(ids)) ?? chooseKma(discovery.kmas, discovery.siteId, random);
  let last: unknown = new Error('discovery named no KMA');
  let repetitions = 0;
  let tries = 0;
  const mayTry = () => failoverLimit === UNLIMITED || tries <= failoverLimit;
  while (kma !== undefined && mayTry()) {
    tries++;
    try {
      const result = await attempt(kma);
      discovery.mark(kma.id, true);
      return { result, kma };
    } catch (error) {
      if (isUnknown(error) && ids.length > 0 && failoverLimit !== 0)
        return await askTheOthers(attempts, { kma, fault: error }, attempt);
      if (!failsOver(error)) throw error;
      last = error;
    }
    discovery.mark(kma.id, false);
    const next = nextKma(discovery.kmas, discovery.siteId, kma);
    if (next.again && mayTry())
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(repetitions++, 10)));
    kma = next.kma;
  }
  throw new KmsUnavailableError(tries, last);
}

/**
 * A KMA that is cut off does not know what was made elsewhere, and what one has made just before it went away it alone knows.
 * So each of the others is asked before that answer counts, and one that gives none until a call would have timed out.
 */
async function askTheOthers<Result>(
  { discovery, timeoutMs, now }: Attempts,
  asked: { readonly kma: Kma; readonly fault: unknown },
  attempt: (kma: Kma) => Promise<Result>,
): Promise<Served<Result>> {
  const endMs = now() + timeoutMs;
  const waiting = new Set(discovery.kmas.filter(({ enabled, id }) => enabled && id !== asked.kma.id));
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs *= 2) {
    for (const kma of waiting)
      try {
        return { result: await attempt(kma), kma };
      } catch (error) {
        if (!isUnknown(error) && !failsOver(error)) throw error;
        if (!answersNothing(error)) waiting.delete(kma);
      }
    if (waiting.size === 0 || now() + waitMs > endMs) throw asked.fault;
    await pause(waitMs);
  }
}

function preferred(kmas: readonly Kma[], id: string | undefined): Kma | undefined {
  return id === undefined ? undefined : kmas.find((kma) => kma.id === id && isUsable(kma));
}
