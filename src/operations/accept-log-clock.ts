/** AcceptLogClock: records count though they were made while a clock was ahead, up to a time, in whatever log they stand: without it nothing of such a log is taken until that time. It sets no clock. */
import { z } from 'zod';
import { ACCEPTED_AHEAD_MAX_MS, ACCEPTED_AHEAD_YEARS_MAX, isAcceptableStamp } from '../core/clock-guard.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { readSetting, settingFact } from '../core/settings.ts';
import { securityOfficer } from './common-settings.ts';
import { find } from './entities.ts';
import { date, dateText, name } from './fields.ts';
import { operation } from './operation.ts';
import { warning } from './success.ts';

export const acceptLogClock = operation({
  ...securityOfficer,
  quorum: true,
  earlierKeySplit: true,
  name: 'AcceptLogClock',
  http: { method: 'POST', path: '/v1/clock/accept-log' },
  summary: 'Takes what a KMA wrote while its clock was ahead, up to a time, at all KMAs of the cluster.',
  input: z.strictObject({
    kma: name('KMA whose clock was ahead; it has to be right again'),
    until: date('the latest time that its records have; the message of the stall names one'),
  }),
  output: z.strictObject({ acceptedUntil: z.string() }),
  command: {
    words: ['clock', 'accept-log'],
    arguments: ['kma'],
    example:
      'kma clock accept-log kma-2 --until 2027-11-26T12:00:00Z --user officer --quorum-file quorum.txt',
  },
  /** All members write after such a record from then on, so theirs count up to there as well. */
  decide({ kma: kmaName, until }, { state, nowMs }) {
    const kma = find(state, 'kma', kmaName, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    if (until > nowMs + ACCEPTED_AHEAD_MAX_MS)
      return refuse('INVALID_PARAMETERS', `until: more than ${ACCEPTED_AHEAD_YEARS_MAX} years ahead`);
    const acceptedMs = readSetting(state, 'acceptedLogClockMs');
    const known = isAcceptableStamp(until, nowMs, acceptedMs);
    return {
      facts: known ? [] : [settingFact('acceptedLogClockMs', until)],
      output: { acceptedUntil: dateText(known ? Math.max(acceptedMs, until) : until) },
      audit: warning('Records from ahead accepted', `kma=${kmaName} until=${dateText(until)}`),
    };
  },
});
