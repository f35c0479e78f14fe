/** The list of what each KMA of the cluster has served: its own counts of this KMA, and of the others what they have told. It counts nothing, and shows nothing of hours that nobody has told of. */
import { z } from 'zod';
import { hourOf, meanMsOf, requestsOf } from '../../core/agent-performance.ts';
import { knownHours, summed } from '../../core/kma-performance.ts';
import { reading } from '../common-settings.ts';
import { nameOf } from '../entities.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { hoursOf, timeSpan } from '../time-span.ts';

/** Many times what the KMAs of a cluster tell of a month. */
const ROWS_MAX = 1_000_000;

export const listKmaPerformance = listOperation({
  ...reading,
  name: 'ListKmaPerformance',
  http: { method: 'GET', path: '/v1/kma-performance' },
  summary:
    'Lists what each KMA has served, by the hour, by the day or together, the newest first: of this one up to the last minute, of others what they have told of hours that are over.',
  scope: {
    ...timeSpan,
    per: z
      .enum(['hour', 'day', 'kma'])
      .default('hour')
      .meta({ description: 'a row for each hour of each KMA, for each day (UTC), or one for each KMA' }),
  },
  row: z.strictObject({
    kma: z.string(),
    /** Of the hour, of the day, or of the first hour that is known. */
    beganAt: z.string(),
    /** Of the last hour that is known. */
    countedUntil: z.string(),
    /** Of how many hours something is known. */
    hours: z.number(),
    /** Of several hours the most of one. */
    agents: z.number(),
    agentRequests: z.number(),
    createKey: z.number(),
    retrieveKey: z.number(),
    registerKwk: z.number(),
    other: z.number(),
    refused: z.number(),
    /** Of agents' requests. */
    meanMs: z.number(),
    /** Calls of agents, and of who would be one, that were to try again or elsewhere. */
    serverBusy: z.number(),
    managementRequests: z.number(),
    /** Pieces of logs, sealed objects and whole copies, given and taken. */
    replicationRequests: z.number(),
  }),
  key: ['kma', 'beganAt'],
  order: 'beganAt',
  descending: true,
  command: {
    words: ['system', 'performance'],
    example: 'kma system performance --span week --per kma --user auditor',
  },
  rows: ({ state, self, nowMs, kmaPerformance }, { per, ...scope }) => {
    const [atLeast, atMost] = hoursOf(scope, nowMs);
    const told = state.scan('kma_hour', 'hour', { equals: [], atLeast, atMost, limit: ROWS_MAX });
    const now = hourOf(nowMs);
    const own = {
      kmaId: self.kmaId,
      hours: kmaPerformance(atLeast, atMost),
      runningHour: atLeast <= now && now <= atMost ? now : null,
    };
    const names = new Map<string, string>();
    const shown = (kmaId: string) => {
      const name = names.get(kmaId) ?? (nameOf(state, 'kma', kmaId) || kmaId);
      names.set(kmaId, name);
      return name;
    };
    return summed(knownHours(told, own, nowMs), per).map((known) => ({
      kma: shown(known.kmaId),
      beganAt: dateText(known.beganAtMs),
      countedUntil: dateText(known.countedUntilMs),
      hours: known.hours,
      agents: known.agents,
      agentRequests: requestsOf(known),
      createKey: known.createKey,
      retrieveKey: known.retrieveKey,
      registerKwk: known.registerKwk,
      other: known.other,
      refused: known.refused,
      meanMs: meanMsOf(known),
      serverBusy: known.busy,
      managementRequests: known.management,
      replicationRequests: known.replication,
    }));
  },
});
