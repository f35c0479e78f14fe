/** The list of what agents asked of this KMA over a span of time. Nothing of it is replicated: each KMA knows its own. */
import { z } from 'zod';
import { hourOf, requestsIn } from '../core/agent-performance.ts';
import { reading } from './common-settings.ts';
import { shownName } from './entities.ts';
import { date } from './fields.ts';
import { listOperation } from './lists/list.ts';

const DAY_MS = 86_400_000;
const SPANS_MS = { hour: DAY_MS / 24, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
const SPANS = ['hour', 'day', 'week', 'month'] as const;

export const listAgentPerformance = listOperation({
  ...reading,
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  name: 'ListAgentPerformance',
  http: { method: 'GET', path: '/v1/agent-performance' },
  summary:
    'Lists what agents asked of this KMA in whole hours up to the last minute, and how long it took on average.',
  scope: {
    span: z.enum(SPANS).default('day').meta({ description: 'how long, up to now' }),
    since: date('from this time on, in place of the span').optional(),
    until: date('up to this time').optional(),
  },
  row: z.strictObject({
    agent: z.string(),
    createKey: z.number(),
    retrieveKey: z.number(),
    registerKwk: z.number(),
    other: z.number(),
    refused: z.number(),
    meanMs: z.number(),
  }),
  key: ['agent'],
  order: 'agent',
  command: {
    words: ['agent', 'performance'],
    example: 'kma agent performance --span week --user operator',
  },
  rows({ state, nowMs, agentPerformance }, { span, since, until }) {
    const untilMs = until ?? nowMs;
    const sinceMs = since ?? untilMs - SPANS_MS[span];
    return agentPerformance(hourOf(sinceMs), hourOf(untilMs)).map(({ agentId, totalMs, ...counts }) => ({
      agent: shownName(state, 'agent', state.get('agent', agentId)),
      ...counts,
      meanMs: Math.round((1000 * totalMs) / requestsIn({ ...counts, totalMs })) / 1000,
    }));
  },
});
