/** Long work that goes on when the connection of who asked for it ends, and what became of it. It runs no operation by itself, and keeps nothing over a restart. */
import { randomBytes } from 'node:crypto';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { JobReport } from '../../operations/contexts.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';

/** Ended jobs of all users together; the oldest go first. */
const ENDED_MAX = 100;
const KEPT_MS = 24 * 60 * 60_000;

/** Who waits much longer may be left by what is between him and this KMA. */
const LONG_MS = 10_000;

/** Who asks for what: the same key with the same request is the same job; and what changes nothing is not begun twice. */
export interface JobRequest {
  readonly userId: string;
  readonly operation: string;
  readonly requestSha256: string;
  readonly key: string | undefined;
  readonly changes: boolean;
  /** What ends soon is answered as it is, and was no job. */
  readonly onlyWhenLong: boolean;
}

interface Job {
  readonly request: JobRequest;
  /** Who asks with the same key waits for the same answer. */
  answer: Promise<CoreAnswer>;
  report: JobReport;
}

export class Jobs {
  readonly #now: () => number;
  readonly #longMs: number;
  readonly #jobs = new Map<string, Job>();

  constructor(now: () => number, longMs = LONG_MS) {
    this.#now = now;
    this.#longMs = longMs;
  }

  /** Answers with the job as soon as its work has begun; what is refused before that is refused to who asks. */
  start(
    request: JobRequest,
    run: (progress: NonNullable<CoreCall['progress']>) => Promise<CoreAnswer>,
  ): Promise<CoreAnswer> {
    this.#forgetOld(this.#now());
    const before = this.#sameKey(request) ?? this.#underWay(request);
    if (before !== undefined)
      return before.request.requestSha256 === request.requestSha256
        ? before.answer
        : Promise.resolve(refuse('IDEMPOTENCY_KEY_REUSED'));
    const job: Job = {
      request,
      report: newReport(request, this.#now()),
      answer: Promise.resolve(refuse('SERVER_BUSY')),
    };
    this.#jobs.set(job.report.job, job);
    job.answer = this.#begun(job, run);
    return job.answer;
  }

  async #begun(
    job: Job,
    run: (progress: NonNullable<CoreCall['progress']>) => Promise<CoreAnswer>,
  ): Promise<CoreAnswer> {
    const { onlyWhenLong } = job.request;
    const { promise: begun, resolve } = Promise.withResolvers<null>();
    const timer = onlyWhenLong ? setTimeout(() => resolve(null), this.#longMs) : undefined;
    const ended = run((done, total, doing) => {
      if (job.report.state !== 'running') return;
      job.report = { ...job.report, done, total, doing };
      if (!onlyWhenLong) resolve(null);
    });
    const early = await Promise.race([begun, ended.then((answer) => end(job, answer, this.#now()))]);
    clearTimeout(timer);
    if (early === null || !(onlyWhenLong || isRefusal(early))) return answerOf(job.report);
    this.#jobs.delete(job.report.job);
    return early;
  }

  /** Newest first. */
  reports(): readonly JobReport[] {
    this.#forgetOld(this.#now());
    return [...this.#jobs.values()].map(({ report }) => report).reverse();
  }

  #sameKey({ userId, key }: JobRequest): Job | undefined {
    if (key === undefined) return undefined;
    return [...this.#jobs.values()].find(({ request }) => request.userId === userId && request.key === key);
  }

  #underWay({ userId, requestSha256, changes }: JobRequest): Job | undefined {
    if (changes) return undefined;
    return [...this.#jobs.values()].find(
      ({ request, report }) =>
        report.state === 'running' && request.userId === userId && request.requestSha256 === requestSha256,
    );
  }

  #forgetOld(nowMs: number): void {
    const ended = [...this.#jobs.values()].filter(({ report }) => report.endedAtMs !== null);
    for (const [index, { report }] of ended.entries())
      if (index < ended.length - ENDED_MAX || nowMs - (report.endedAtMs ?? nowMs) > KEPT_MS)
        this.#jobs.delete(report.job);
  }
}

function newReport({ userId, operation }: JobRequest, startedAtMs: number): JobReport {
  return {
    job: randomBytes(16).toString('hex').toUpperCase(),
    userId,
    operation,
    state: 'running',
    doing: '',
    done: 0,
    total: 0,
    startedAtMs,
    endedAtMs: null,
    refusal: null,
    output: null,
  };
}

function end(job: Job, answer: CoreAnswer, endedAtMs: number): CoreAnswer {
  const refusal = isRefusal(answer) ? answer : null;
  const output = isRefusal(answer) ? null : answer.output;
  const state = refusal === null ? 'done' : 'failed';
  job.report = { ...job.report, state, endedAtMs, refusal, output };
  return answer;
}

function answerOf({ job }: JobReport): CoreAnswer {
  return { output: { job }, job };
}
