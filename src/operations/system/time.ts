/** ShowTime and AdjustTime: the time of this KMA, which a Security Officer moves a little by hand where no NTP server is set. The clock of the machine stays as it is. */
import { z } from 'zod';
import {
  ADJUSTMENT_SECONDS_MAX,
  adjustableAtMs,
  CLOCK_ADJUSTED_AT,
  CLOCK_OFFSET,
  type ClockStanding,
  judgeAdjustment,
} from '../../core/clock-adjustment.ts';
import { refuse } from '../../core/refusal.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import type { DecideContext } from '../contexts.ts';
import { dateText } from '../fields.ts';
import { operation } from '../operation.ts';
import { settingsOf, statesOf, summaryOf } from '../platform/common.ts';
import { timeDetails } from '../platform/time-details.ts';
import { warning } from '../success.ts';

const timeShape = z.strictObject({
  time: z.string(),
  machineTime: z.string(),
  /** By how much the KMA's time is ahead of the machine's. */
  offsetSeconds: z.number(),
  adjustedAt: z.string(),
  /** "" where it may be adjusted at once. */
  adjustableAt: z.string(),
  /** Why changes are refused; "" while the clock is in order. */
  odd: z.string(),
  /** The NTP server; "" without one, and then nothing that follows is known. */
  server: z.string(),
  /** How it is followed, on one line. */
  following: z.string(),
  /** By how much the clock of the machine is ahead of it; null where nobody tells. */
  aheadSeconds: z.number().nullable(),
  stratum: z.number().nullable(),
  rootDelaySeconds: z.number().nullable(),
  rootDispersionSeconds: z.number().nullable(),
  leap: z.string(),
  /** Why others get no time from here; "" where they do. */
  notServing: z.string(),
  /** Other KMAs whose clocks are compared. */
  peers: timeDetails.shape.peers,
});

export const showTime = operation({
  ...reading,
  name: 'ShowTime',
  http: { method: 'GET', path: '/v1/time' },
  summary: 'Shows the time of this KMA, by how much it was adjusted, and how its NTP server is followed.',
  input: z.strictObject({}),
  output: timeShape,
  command: { words: ['time', 'show'], example: 'kma time show --user auditor' },
  decide: (_input, context) => ({ facts: [], output: shown(standingOf(context), context) }),
});

export const adjustTime = operation({
  ...machineOfficer,
  changes: true,
  name: 'AdjustTime',
  http: { method: 'POST', path: '/v1/time/adjust' },
  summary:
    'Moves the time of this KMA by at most 300 seconds, once a day, where no NTP server is set; the clock of the machine stays.',
  input: z.strictObject({
    seconds: z
      .int()
      .min(-ADJUSTMENT_SECONDS_MAX)
      .max(ADJUSTMENT_SECONDS_MAX)
      .refine((seconds) => seconds !== 0, 'not 0')
      .meta({ description: 'forwards, or backwards where it is negative; at most 300' }),
  }),
  output: timeShape,
  command: { words: ['time', 'adjust'], example: 'kma time adjust --seconds -20 --user officer' },
  decide({ seconds }, context) {
    if (settingsOf(context).ntp.server !== '') return refuse('TIME_FOLLOWS_SERVER');
    const before = standingOf(context);
    const refused = judgeAdjustment(seconds * 1000, before);
    if (refused !== null) return refused;
    const offsetMs = before.offsetMs + seconds * 1000;
    const adjustedAtMs = before.machineMs + offsetMs;
    const after = { ...before, offsetMs, adjustedAtMs };
    const [was, is] = [before.machineMs + before.offsetMs, adjustedAtMs].map(dateText);
    return {
      facts: [],
      local: { [CLOCK_OFFSET]: String(offsetMs), [CLOCK_ADJUSTED_AT]: String(adjustedAtMs) },
      output: shown(after, context),
      effects: [{ effect: 'clock-adjusted' }],
      audit: warning('Time adjusted', `seconds=${seconds} was=${was} is=${is} offset=${offsetMs / 1000}`),
    };
  },
});

/** Where there is no running core, the time is what it is. */
function standingOf({ clock, nowMs }: DecideContext): ClockStanding {
  return clock?.() ?? { machineMs: nowMs, offsetMs: 0, adjustedAtMs: null, lastStampMs: 0, odd: null };
}

function shown(standing: ClockStanding, context: DecideContext): z.infer<typeof timeShape> {
  const { machineMs, offsetMs, adjustedAtMs, odd } = standing;
  return {
    time: dateText(machineMs + offsetMs),
    machineTime: dateText(machineMs),
    offsetSeconds: offsetMs / 1000,
    adjustedAt: dateText(adjustedAtMs),
    adjustableAt: dateText(adjustableAtMs(standing)),
    odd: odd ?? '',
    ...shownServer(context),
  };
}

function shownServer(context: DecideContext) {
  const { server } = settingsOf(context).ntp;
  const { data: known } = timeDetails.safeParse(statesOf(context).parts.get('time')?.details);
  const following = server === '' ? '' : summaryOf(context, 'time');
  return {
    server,
    following,
    aheadSeconds: known?.aheadSeconds ?? null,
    stratum: known?.stratum ?? null,
    rootDelaySeconds: known?.rootDelaySeconds ?? null,
    rootDispersionSeconds: known?.rootDispersionSeconds ?? null,
    leap: known?.leap ?? '',
    notServing: known?.notServing ?? (following || 'no NTP server is set'),
    peers: known?.peers ?? [],
  };
}
