/** A span of time as performance lists are asked for it: an hour, a day, a week, a month, or dates. It reads no clock. */
import { z } from 'zod';
import { hourOf } from '../core/agent-performance.ts';
import { date } from './fields.ts';

const DAY_MS = 86_400_000;
const SPANS_MS = { hour: DAY_MS / 24, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
const SPANS = ['hour', 'day', 'week', 'month'] as const;

export const timeSpan = {
  span: z.enum(SPANS).default('day').meta({ description: 'how long, up to now' }),
  since: date('from this time on, in place of the span').optional(),
  until: date('up to this time').optional(),
};

export interface TimeSpan {
  readonly span: (typeof SPANS)[number];
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** The first and the last of its hours. */
export function hoursOf({ span, since, until }: TimeSpan, nowMs: number): readonly [number, number] {
  const untilMs = until ?? nowMs;
  return [hourOf(since ?? untilMs - SPANS_MS[span]), hourOf(untilMs)];
}
