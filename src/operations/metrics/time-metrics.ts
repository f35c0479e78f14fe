/** How the NTP server of this KMA is followed, as measurements; none without one. It measures nothing itself. */
import { isFollowing } from '../../core/time-following.ts';
import { timeDetails } from '../platform/time-details.ts';
import { counter, gauge, type MetricRows } from './metric-rows.ts';

export function metricsOfTime(details: Readonly<Record<string, unknown>>): MetricRows {
  const { data: time } = timeDetails.safeParse(details);
  if (time === undefined || time.server === '') return [];
  const { standing, serverReachable, aheadSeconds, stratum, serving, requests } = time;
  return [
    ...gauge(
      'openkma_time_followed',
      '1 where the NTP server, or another KMA in its place, is followed.',
      isFollowing(standing) ? 1 : 0,
    ),
    ...gauge('openkma_time_server_reachable', '1 where the NTP server answers.', serverReachable ? 1 : 0),
    ...(aheadSeconds === null
      ? []
      : gauge(
          'openkma_time_ahead_seconds',
          'By how much the clock of the machine is ahead of its NTP server.',
          aheadSeconds,
        )),
    ...(stratum === null
      ? []
      : gauge('openkma_time_stratum', 'How far this KMA is from a reference clock.', stratum)),
    ...gauge('openkma_time_served', '1 where others get the time from here.', serving ? 1 : 0),
    ...counter('openkma_time_requests_total', 'Requests for the time that were received.', [
      { value: requests },
    ]),
  ];
}
