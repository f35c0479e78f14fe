/** The list of what all agents together asked of this KMA, hour by hour. Nothing of it is replicated: each KMA knows its own. */
import { z } from 'zod';
import { meanMsOf } from '../../core/agent-performance.ts';
import { reading } from '../common-settings.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { hoursOf, timeSpan } from '../time-span.ts';

const HOUR_MS = 3_600_000;

export const listKmaPerformance = listOperation({
  ...reading,
  name: 'ListKmaPerformance',
  http: { method: 'GET', path: '/v1/kma-performance' },
  summary: 'Lists what all agents asked of this KMA in each hour up to the last minute, the newest first.',
  scope: timeSpan,
  row: z.strictObject({
    /** The hour's beginning. */
    beganAt: z.string(),
    agents: z.number(),
    createKey: z.number(),
    retrieveKey: z.number(),
    registerKwk: z.number(),
    other: z.number(),
    refused: z.number(),
    meanMs: z.number(),
  }),
  key: ['beganAt'],
  order: 'beganAt',
  descending: true,
  command: {
    words: ['system', 'performance'],
    example: 'kma system performance --span week --user auditor',
  },
  rows: ({ nowMs, kmaPerformance }, scope) =>
    kmaPerformance(...hoursOf(scope, nowMs)).map(({ hour, agents, totalMs, ...counts }) => ({
      beganAt: dateText(hour * HOUR_MS),
      agents,
      ...counts,
      meanMs: meanMsOf({ ...counts, totalMs }),
    })),
});
