/** ListJobs and ShowJob: what became of long work that the caller asked for over the network. They start and end none. */
import { z } from 'zod';
import { refuse } from '../core/refusal.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import type { DecideContext, JobReport } from './contexts.ts';
import { dateText, internalId } from './fields.ts';
import { listOfCore } from './lists/list.ts';
import { operation, ROLES } from './operation.ts';

/** What takes longer than a call over the network may is answered with this, and goes on. */
export const startedJob = z.strictObject({ job: z.string() });

const JOB_STATES = ['running', 'done', 'failed'] as const;

const everybody = {
  callers: ROLES,
  quorum: false,
  needsUnlocked: false,
  changes: false,
  whileGivingWay: true,
  audit: { class: 'Management', retention: 'short' },
} as const;

const row = z.strictObject({
  job: z.string(),
  operation: z.string(),
  state: z.enum(JOB_STATES),
  startedAt: z.string(),
  endedAt: z.string(),
});

const rowOf = ({ job, operation: name, state, startedAtMs, endedAtMs }: JobReport) => ({
  job,
  operation: name,
  state,
  startedAt: dateText(startedAtMs),
  endedAt: dateText(endedAtMs),
});

const own = ({ jobs, caller }: DecideContext) =>
  (jobs?.() ?? []).filter(({ userId }) => caller.kind === 'user' && caller.id === userId);

export const listJobs = listOfCore({
  ...everybody,
  name: 'ListJobs',
  summary: 'Lists long work that you asked for at this KMA over the network, newest first.',
  row,
  key: ['job'],
  order: 'startedAt',
  descending: true,
  command: { words: ['job', 'list'], example: 'kma job list --user backup-operator' },
  http: { method: 'GET', path: '/v1/jobs' },
  rows: (context) => own(context).map(rowOf),
});

export const showJob = operation({
  ...everybody,
  name: 'ShowJob',
  summary: 'Shows how far long work of yours is, and in the end what came of it.',
  // Who waits for the end asks every second.
  recordedOnceAMinute: true,
  input: z.strictObject({ job: internalId('job') }),
  output: row.extend({
    doing: z.string(),
    done: z.number(),
    total: z.number(),
    /** Code of the register, where it failed. */
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).nullable(),
    detail: z.string(),
    /** What the code means, and what can be done about it; "" where it did not fail. */
    problem: z.string().default(''),
    whatToDo: z.string().default(''),
    result: z
      .unknown()
      .meta({ description: 'what the operation gives that the job does; null until it is done' }),
  }),
  command: { words: ['job', 'show'], arguments: ['job'], example: 'kma job show ID --user backup-operator' },
  http: { method: 'GET', path: '/v1/jobs/{job}' },
  decide(input, context) {
    const report = own(context).find(({ job }) => job === input.job);
    if (report === undefined) return refuse('JOB_DOES_NOT_EXIST', input.job);
    const { doing, done, total, refusal, output } = report;
    return {
      facts: [],
      output: {
        ...rowOf(report),
        doing,
        done,
        total,
        code: refusal?.refused ?? null,
        detail: refusal?.detail ?? '',
        problem: refusal === null ? '' : ERRORS[refusal.refused].text,
        whatToDo: refusal === null ? '' : ERRORS[refusal.refused].advice,
        result: output,
      },
    };
  },
});

export const jobOperations = [listJobs, showJob];
