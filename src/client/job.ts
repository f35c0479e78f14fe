/** Follows a job of the KMA to its end. Broken connections do not end it, and it starts none. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenKmaError } from '../errors.ts';
import { showJob, startedJob } from '../operations/jobs.ts';
import type { Answer, Manager } from './manager.ts';

/** The KMA has ended the work, and this is why; the call itself went well. */
export class JobFailed extends OpenKmaError {}

/** `done` of `total`, 0 of 0 where that is not known. */
export type Progress = (done: number, total: number, doing: string) => void;

const FIRST_WAIT_MS = 100;
const WAIT_MS_MAX = 2_000;

/** The answer as it is, or that which the work had in the end. What the work was refused with is thrown. */
export async function finished(manager: Manager, answer: Answer, progress: Progress): Promise<Answer> {
  if (answer.became !== 'job') return answer;
  const output = await resultOf(manager, startedJob.parse(answer.output).job, progress);
  return { became: 'done', output, version: null };
}

/** What came of a job. */
export async function resultOf(manager: Manager, job: string, progress: Progress): Promise<unknown> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, WAIT_MS_MAX)) {
    const { output } = await manager.call(showJob, { job });
    const { state, code, detail, result, done, total, doing } = showJob.output.parse(output);
    if (state === 'done') return result;
    if (state === 'failed') throw new JobFailed(code ?? 'SERVER_ERROR', detail === '' ? undefined : detail);
    progress(done, total, doing);
    await sleep(waitMs);
  }
}
