/** One call with its attempts at several KMAs (protocol 10); it knows nothing of what is called. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AffinityCache } from './affinity.ts';
import { chooseKma, isUsable, type Kma, nextKma } from './balancing.ts';
import type { Discovery } from './discovery.ts';
import { type KmaAnswer, KmsUnavailableError } from './errors.ts';
import { answersNothing, failsOver, isBusy, isUnknown } from './faults.ts';
import {
  type DoneByTwo,
  type Ended,
  type Failed,
  type MaySend,
  OVERLAP_MS,
  RunningAttempts,
} from './running-attempts.ts';

export const UNLIMITED = -1;

/** Repetitions at KMAs that failed already slow down, so that an unlimited agent does not hammer a dead cluster. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** What may come to be known is asked for so often until the end: a KMA that comes back in the last seconds is in time. */
const ASKED_AGAIN_MS = 1_000;

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
  const { discovery, affinity, failoverLimit, random } = attempts;
  const { ids } = call;
  await discovery.refreshIfDue();
  let kma =
    preferred(discovery.kmas, affinity.find(ids)) ?? chooseKma(discovery.kmas, discovery.siteId, random);
  const failures = new Map<string, KmaAnswer>();
  const mayAskOthers = ids.length > 0 && failoverLimit !== 0;
  let repetitions = 0;
  const mayTry = () => failoverLimit === UNLIMITED || running.tries <= failoverLimit;
  for (let begun = kma; ; ) {
    if (kma !== undefined && mayTry()) {
      running.begin(kma);
      begun = kma;
    }
    if (begun === undefined || running.size === 0) {
      if (!mayAskOthers || ![...failures.values()].some(({ error }) => isBusy(error)))
        throw unavailable(discovery, running.tries, failures);
      return await askTheOthers(attempts, running, failures, null);
    }
    kma = undefined;
    const ended = await running.next(mayTry() ? OVERLAP_MS : Number.POSITIVE_INFINITY);
    if (ended === null && !running.goBeyond()) continue;
    if (ended !== null) {
      note(attempts, ended);
      if ('result' in ended) return { result: ended.result, kma: ended.at };
      const { error } = ended;
      if (isUnknown(error) && mayAskOthers)
        return await askTheOthers(attempts, running, failures, { kma: ended.at, fault: error });
      if (!failsOver(error)) throw error;
      failures.set(ended.at.address, { address: ended.at.address, error });
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
  readonly waiting: Map<string, Kma>;
  /** What each said last. */
  readonly failures: Map<string, KmaAnswer>;
  /** That somebody does not know it, once one has said so. */
  unknown: unknown;
  endMs: number;
  readonly lastMs: number;
  /** What was sent and not answered may have been done: so often it may be sent in all. */
  mayBeLost: number;
}

/**
 * A KMA that is cut off does not know what was made elsewhere, and what one has made just before it went away it alone knows.
 * So each of the others is asked before that answer counts, and one that gives none until a call would have timed out. Who
 * cannot know yet says for some seconds that he is busy: from then on it is the time of a call once more, but never more than
 * that of all attempts. `said` is null where nobody has said that he does not know it, and somebody that he is busy.
 */
async function askTheOthers<Result>(
  attempts: Attempts,
  running: RunningAttempts<Kma, Result>,
  failures: Map<string, KmaAnswer>,
  said: { readonly kma: Kma; readonly fault: unknown } | null,
): Promise<Served<Result>> {
  const { discovery, failoverLimit, timeoutMs, random, now } = attempts;
  const tries = failoverLimit === UNLIMITED ? Number.POSITIVE_INFINITY : failoverLimit + 1;
  const others = discovery.kmas.filter(({ enabled, id }) => enabled && id !== said?.kma.id);
  const asked: Asked = {
    waiting: new Map(others.map((kma) => [kma.id, kma] as const)),
    failures,
    unknown: said?.fault,
    endMs: now() + timeoutMs,
    lastMs: now() + timeoutMs * tries,
    mayBeLost: tries,
  };
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(ASKED_AGAIN_MS, 2 * waitMs)) {
    const served = await askEach(attempts, running, asked);
    if (served !== null) return served;
    if (asked.waiting.size === 0 || now() + waitMs > asked.endMs)
      throw asked.unknown ?? unavailable(discovery, running.tries, failures);
    // Many that wait for the same KMA do not ask all at once.
    await pause(waitMs * (0.5 + random()));
  }
}

/** Once each, and all of them in the first half of the time. Those that have answered are waited for no more. */
async function askEach<Result>(
  attempts: Attempts,
  running: RunningAttempts<Kma, Result>,
  asked: Asked,
): Promise<Served<Result> | null> {
  const { timeoutMs, now } = attempts;
  const { waiting } = asked;
  const unasked = [...waiting.values()].filter(({ id }) => !running.has(id));
  const overlapMs = Math.min(OVERLAP_MS, timeoutMs / (2 * Math.max(1, waiting.size)));
  const leftMs = () => Math.max(0, asked.endMs - now());
  for (let goesOn = true; ; ) {
    const kma = goesOn ? unasked.shift() : undefined;
    if (kma !== undefined) running.begin(kma);
    if (running.size === 0) return null;
    // One that hangs does not keep the others from being asked again.
    const ended = await running.next(unasked.length > 0 ? overlapMs : Math.min(ASKED_AGAIN_MS, leftMs()));
    if (ended === null && (unasked.length === 0 || leftMs() === 0)) return null;
    goesOn = ended !== null || running.goBeyond();
    if (ended === null) continue;
    note(attempts, ended);
    if ('result' in ended) return { result: ended.result, kma: ended.at };
    heard(attempts, asked, ended);
  }
}

function heard({ timeoutMs, now }: Attempts, asked: Asked, { at, error, sent }: Failed<Kma>): void {
  if (isUnknown(error)) asked.unknown = error;
  else if (failsOver(error)) asked.failures.set(at.address, { address: at.address, error });
  else throw error;
  if (isBusy(error)) asked.endMs = Math.max(asked.endMs, Math.min(asked.lastMs, now() + timeoutMs));
  else if (!answersNothing(error) || (sent && --asked.mayBeLost <= 0)) asked.waiting.delete(at.id);
}

/** The last that each KMA said, be it at discovery, when none answered that. */
function unavailable(
  { unanswered }: Discovery,
  tries: number,
  failures: ReadonlyMap<string, KmaAnswer>,
): KmsUnavailableError {
  const last = new Map([...unanswered.map((answer) => [answer.address, answer] as const), ...failures]);
  return new KmsUnavailableError(tries, [...last.values()]);
}

/** A refusal is an answer too. */
function note<Result>({ discovery }: Attempts, ended: Ended<Kma, Result>): void {
  discovery.mark(ended.at.id, 'result' in ended || !failsOver(ended.error));
}

function preferred(kmas: readonly Kma[], id: string | undefined): Kma | undefined {
  return id === undefined ? undefined : kmas.find((kma) => kma.id === id && isUsable(kma));
}
