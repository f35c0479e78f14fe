/** The platform of this KMA as measurements, a function for each part; what a part says is checked before it is counted. It measures nothing itself. */
import { z } from 'zod';
import type { DecideContext } from '../contexts.ts';
import { statesOf } from '../platform/common.ts';
import { type SyslogServerState, syslogStatesIn } from '../platform/shown-syslog-server.ts';
import { counter, gauge, type MetricRows } from './metric-rows.ts';
import { metricsOfHmp, metricsOfSnmp } from './snmp-metrics.ts';
import { metricsOfTime } from './time-metrics.ts';

type Details = Readonly<Record<string, unknown>>;

/** One line for each part that has something to measure. */
const METRICS_OF_PARTS: Readonly<Record<string, (details: Details) => MetricRows>> = {
  names: metricsOfNames,
  syslog: metricsOfSyslog,
  snmp: metricsOfSnmp,
  hmp: metricsOfHmp,
  time: metricsOfTime,
  support: metricsOfSupport,
};

export function platformMetrics(context: Pick<DecideContext, 'platformStates'>): MetricRows {
  const { running, wanted, parts } = statesOf(context);
  return [
    ...gauge(
      'openkma_platform_wanted',
      '1 where something is set that needs the platform process: DNS, time, support access, monitoring.',
      wanted ? 1 : 0,
    ),
    ...gauge('openkma_platform_running', '1 where the platform process is there.', running ? 1 : 0),
    ...[...parts].flatMap(([part, { troubles }]) =>
      gauge(
        'openkma_platform_troubles',
        'How many things are wrong with a part of the platform.',
        troubles.length,
        {
          part,
        },
      ),
    ),
    ...[...parts].flatMap(([part, { details }]) => METRICS_OF_PARTS[part]?.(details) ?? []),
  ];
}

const names = z.object({ answered: z.number(), unknownNames: z.number(), unanswered: z.number() });

function metricsOfNames(details: Details): MetricRows {
  const { data } = names.safeParse(details);
  if (data === undefined) return [];
  return counter('openkma_dns_look_ups_total', 'Names looked up at the DNS servers, by what became of it.', [
    { labels: { outcome: 'answered' }, value: data.answered },
    { labels: { outcome: 'unknown' }, value: data.unknownNames },
    { labels: { outcome: 'unanswered' }, value: data.unanswered },
  ]);
}

function metricsOfSyslog(details: Details): MetricRows {
  const servers = syslogStatesIn(details);
  const ofEach = (value: (server: SyslogServerState) => number) =>
    servers.map((server) => ({ labels: { server: server.server }, value: value(server) }));
  const gauges = (metric: string, help: string, value: (server: SyslogServerState) => number) =>
    ofEach(value).flatMap((sample) => gauge(metric, help, sample.value, sample.labels));
  return [
    ...gauges('openkma_syslog_connected', '1 where a syslog server gets what it is sent.', ({ state }) =>
      state === 'connected' ? 1 : 0,
    ),
    ...gauges(
      'openkma_syslog_waiting_records',
      'Audit records that a syslog server has not been sent.',
      ({ waiting }) => waiting,
    ),
    ...counter(
      'openkma_syslog_sent_total',
      'Messages that a syslog server was sent, since the platform process started.',
      ofEach(({ sent }) => sent),
    ),
    ...counter(
      'openkma_syslog_repeated_total',
      'Messages that it may have got twice, since a connection broke.',
      ofEach(({ repeatedAtMost }) => repeatedAtMost),
    ),
    ...counter(
      'openkma_syslog_skipped_total',
      'Audit records that were not to be had any more when a syslog server could be reached.',
      ofEach(({ skipped }) => skipped),
    ),
  ];
}

const support = z.object({
  listening: z.unknown(),
  primaryAdministrator: z.boolean(),
  sessions: z.array(z.unknown()),
});

function metricsOfSupport(details: Details): MetricRows {
  const { data } = support.safeParse(details);
  if (data === undefined) return [];
  const listening = data.listening === null ? 0 : 1;
  const primary = data.primaryAdministrator ? 1 : 0;
  return [
    ...gauge('openkma_support_open', '1 where somebody could log in for technical support.', listening),
    ...gauge('openkma_support_primary_administrator', '1 where that somebody would be root.', primary),
    ...gauge('openkma_support_sessions', 'Who is logged in for technical support.', data.sessions.length),
  ];
}
