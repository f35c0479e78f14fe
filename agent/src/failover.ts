/** One call with its attempts at several KMAs (protocol 10); it knows nothing of what is called. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AffinityCache } from './affinity.ts';
import { chooseKma, isUsable, type Kma, nextKma } from './balancing.ts';
import type { Discovery } from './discovery.ts';
import { type KmaAnswer, KmsUnavailableError } from './errors.ts';
import { answersNothing, failsOver, isBusy, isUnknown } from './faults.ts';
import { type DoneByTwo, type Ended, type MaySend, OVERLAP_MS, RunningAttempts } from './running-attempts.ts';

export const UNLIMITED = -1;

/** Repetitions at KMAs that failed already slow down, so that an unlimited agent does not hammer a dead cluster. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** What may come to be known is asked for so often until the end: a KMA that comes back in the last seconds is in time. */
const ASKED_AGAIN_MS = 500;

export interface Attempts {
  readonly discovery: Discovery;
  readonly affinity: AffinityCache;
  readonly failoverLimit: number;
  /** How long a KMA that gives no answer is waited for. */
  readonly timeoutMs: number;
  readonly random: () => number;
  readonly now: () => number;
}

export interface Call<Result> {
  /** What it names: where a KMA does not know them, another one may. */
  readonly ids: readonly string[];
  readonly doneByTwo: DoneByTwo;
  readonly attempt: (kma: Kma, maySend: MaySend) => Promise<Result>;
}

interface Served<Result> {
  readonly result: Result;
  readonly kma: Kma;
}

/** At one KMA after the other, at most limit + 1 times, until one answers or refuses. */
export async function withFailover<Result>(attempts: Attempts, call: Call<Result>): Promise<Served<Result>> {
  const running = new RunningAttempts<Kma, Result>(call.attempt, call.doneByTwo);
  try {
    return await firstAnswer(attempts, call, running);
  } finally {
    running.leave((ended) => note(attempts, ended));
  }
}

async function firstAnswer<Result>(
  attempts: Attempts,
  call: Call<Result>,
  running: RunningAttempts<Kma, Result>,
): Promise<Served<Result>> {
  const { discovery, affinity, failoverLimit, timeoutMs, random, now } = attempts;
  const { ids } = call;
  await discovery.refreshIfDue();
  let kma =
    preferred(discovery.kmas, affinity.find(ids)) ?? chooseKma(discovery.kmas, discovery.siteId, random);
  const failures: KmaAnswer[] = [];
  let repetitions = 0;
  const mayTry = () => failoverLimit === UNLIMITED || running.tries <= failoverLimit;
  for (let begun = kma; ; ) {
    if (kma !== undefined && mayTry()) {
      running.begin(kma);
      begun = kma;
    }
    if (begun === undefined || running.size === 0) {
      const fault = () => unavailable(discovery, running.tries, failures);
      const mayKnowSoon =
        ids.length > 0 && failoverLimit !== 0 && failures.some(({ error }) => isBusy(error));
      const endMs = now() + timeoutMs * (failoverLimit + 1);
      if (mayKnowSoon) return await askTheOthers(attempts, running, { kma: null, endMs, fault });
      throw fault();
    }
    kma = undefined;
    const ended = await running.next(mayTry() ? OVERLAP_MS : Number.POSITIVE_INFINITY);
    if (ended === null && !running.goBeyond()) continue;
    if (ended !== null) {
      note(attempts, ended);
      if ('result' in ended) return { result: ended.result, kma: ended.at };
      const { error } = ended;
      if (isUnknown(error) && ids.length > 0 && failoverLimit !== 0)
        return await askTheOthers(attempts, running, {
          ...{ kma: ended.at, endMs: now() + timeoutMs },
          fault: () => error,
        });
      if (!failsOver(error)) throw error;
      failures.push({ address: ended.at.address, error });
    }
    const failed = ended?.at ?? begun;
    discovery.mark(failed.id, false);
    let next = nextKma(discovery.kmas, discovery.siteId, failed);
    const justBegun = ended !== null && running.has(begun.id);
    const waits = running.size > 0 && (justBegun || next.again || running.has(next.kma.id));
    if (!waits && next.again && mayTry()) {
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(repetitions++, 10)));
      // Who goes on without limit may outlive the KMAs that it knows.
      await discovery.refreshIfDue();
      next = nextKma(discovery.kmas, discovery.siteId, failed);
    }
    kma = waits ? undefined : next.kma;
  }
}

interface Asked {
  /** Who does not know what is named. Null as long as nobody has said so, and somebody is busy: he may not know yet whether it exists. */
  kma: Kma | null;
  /** While that is null as long as all attempts might take, and then as long as one. */
  endMs: number;
  /** What counts in the end. */
  fault: () => unknown;
}

/**
 * A KMA that is cut off does not know what was made elsewhere, and what one has made just before it went away it alone knows.
 * So each of the others is asked before that answer counts, and one that gives none until a call would have timed out.
 */
async function askTheOthers<Result>(
  attempts: Attempts,
  running: RunningAttempts<Kma, Result>,
  asked: Asked,
): Promise<Served<Result>> {
  const { discovery, now } = attempts;
  const waiting = new Map(
    discovery.kmas
      .filter(({ enabled, id }) => enabled && id !== asked.kma?.id)
      .map((kma) => [kma.id, kma] as const),
  );
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(ASKED_AGAIN_MS, 2 * waitMs)) {
    const served = await askEach(attempts, running, waiting, asked);
    if (served !== null) return served;
    if (waiting.size === 0 || now() + waitMs > asked.endMs) throw asked.fault();
    await pause(waitMs);
  }
}

/** Once each, and all of them in the first half of the time. Those that have answered are waited for no more. */
async function askEach<Result>(
  attempts: Attempts,
  running: RunningAttempts<Kma, Result>,
  waiting: Map<string, Kma>,
  asked: Asked,
): Promise<Served<Result> | null> {
  const { timeoutMs, now } = attempts;
  const unasked = [...waiting.values()].filter(({ id }) => !running.has(id));
  const overlapMs = Math.min(OVERLAP_MS, timeoutMs / (2 * Math.max(1, waiting.size)));
  const leftMs = () => Math.max(0, asked.endMs - now());
  for (let goesOn = true; ; ) {
    const kma = goesOn ? unasked.shift() : undefined;
    if (kma !== undefined) running.begin(kma);
    if (running.size === 0) return null;
    const ended = await running.next(unasked.length > 0 ? overlapMs : leftMs());
    if (ended === null && (unasked.length === 0 || leftMs() === 0)) return null;
    goesOn = ended !== null || running.goBeyond();
    if (ended === null) continue;
    note(attempts, ended);
    if ('result' in ended) return { result: ended.result, kma: ended.at };
    const { error } = ended;
    if (isUnknown(error)) {
      if (asked.kma === null) asked.endMs = now() + timeoutMs;
      asked.kma ??= ended.at;
      asked.fault = () => error;
    } else if (!failsOver(error)) throw error;
    if (!answersNothing(error)) waiting.delete(ended.at.id);
  }
}

/** The last that each KMA said, be it at discovery, when none answered that. */
function unavailable(
  { unanswered }: Discovery,
  tries: number,
  failures: readonly KmaAnswer[],
): KmsUnavailableError {
  const last = new Map([...unanswered, ...failures].map((answer) => [answer.address, answer] as const));
  return new KmsUnavailableError(tries, [...last.values()]);
}

/** A refusal is an answer too. */
function note<Result>({ discovery }: Attempts, ended: Ended<Kma, Result>): void {
  discovery.mark(ended.at.id, 'result' in ended || !failsOver(ended.error));
}

function preferred(kmas: readonly Kma[], id: string | undefined): Kma | undefined {
  return id === undefined ? undefined : kmas.find((kma) => kma.id === id && isUsable(kma));
}
