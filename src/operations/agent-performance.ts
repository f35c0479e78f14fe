/** The list of what agents asked of this KMA over a span of time. Nothing of it is replicated: each KMA knows its own, and of others only what they have served in all (ListKmaPerformance). */
import { z } from 'zod';
import { meanMsOf } from '../core/agent-performance.ts';
import { reading } from './common-settings.ts';
import { shownName } from './entities.ts';
import { listOperation } from './lists/list.ts';
import { hoursOf, timeSpan } from './time-span.ts';

export const listAgentPerformance = listOperation({
  ...reading,
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  name: 'ListAgentPerformance',
  http: { method: 'GET', path: '/v1/agent-performance' },
  summary:
    'Lists what agents asked of this KMA in whole hours up to the last minute, and how long it took on average.',
  scope: timeSpan,
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
  rows: ({ state, nowMs, agentPerformance }, scope) =>
    agentPerformance(...hoursOf(scope, nowMs)).map(({ agentId, totalMs, ...counts }) => ({
      agent: shownName(state, 'agent', state.get('agent', agentId)),
      ...counts,
      meanMs: meanMsOf({ ...counts, totalMs }),
    })),
});
