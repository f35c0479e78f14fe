/** The list of what agents asked of this KMA over a span of time. Nothing of it is replicated: each KMA knows its own. */
import { z } from 'zod';
import { hourOf, requestsIn } from '../core/agent-performance.ts';
import { isRefusal } from '../core/refusal.ts';
import { reading } from './common-settings.ts';
import { find, shownName } from './entities.ts';
import { date, limit, name } from './fields.ts';
import { operation } from './operation.ts';

const DAY_MS = 86_400_000;
const SPANS_MS = { hour: DAY_MS / 24, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
const SPANS = ['hour', 'day', 'week', 'month'] as const;

export const listAgentPerformance = operation({
  ...reading,
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  name: 'ListAgentPerformance',
  http: { method: 'GET', path: '/v1/agent-performance' },
  summary:
    'Lists what agents asked of this KMA in whole hours up to the last minute, and how long it took on average.',
  input: z.strictObject({
    span: z.enum(SPANS).default('day').meta({ description: 'how long, up to now' }),
    since: date('from this time on, in place of the span').optional(),
    until: date('up to this time').optional(),
    agent: name('only this agent').optional(),
    after: name('only after this agent ID: continues a list').optional(),
    limit: limit(),
  }),
  output: z.array(
    z.strictObject({
      agent: z.string(),
      createKey: z.number(),
      retrieveKey: z.number(),
      registerKwk: z.number(),
      other: z.number(),
      refused: z.number(),
      meanMs: z.number(),
    }),
  ),
  command: {
    words: ['agent', 'performance'],
    example: 'kma agent performance --span week --user operator',
  },
  view(input, { state, nowMs, agentPerformance }) {
    const only =
      input.agent === undefined ? undefined : find(state, 'agent', input.agent, 'AGENT_DOES_NOT_EXIST');
    if (isRefusal(only)) return only;
    const untilMs = input.until ?? nowMs;
    const sinceMs = input.since ?? untilMs - SPANS_MS[input.span];
    return agentPerformance(hourOf(sinceMs), hourOf(untilMs))
      .filter(({ agentId }) => only === undefined || agentId === only.id)
      .map(({ agentId, totalMs, ...counts }) => ({
        agent: shownName(state, 'agent', state.get('agent', agentId)),
        ...counts,
        meanMs: Math.round((1000 * totalMs) / requestsIn({ ...counts, totalMs })) / 1000,
      }))
      .sort((one, other) => (one.agent < other.agent ? -1 : 1))
      .filter(({ agent }) => agent > (input.after ?? ''))
      .slice(0, input.limit);
  },
});
