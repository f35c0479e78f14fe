/** SNMP managers and the SNMP agent of this KMA as measurements. It measures nothing itself. */
import { z } from 'zod';
import { counter, gauge, type MetricRows } from './metric-rows.ts';

type Details = Readonly<Record<string, unknown>>;

const count = z.number();
const managers = z.object({
  managers: z.array(
    z.object({ name: z.string(), waiting: count, sent: count, dropped: count, trouble: z.string() }),
  ),
});

export function metricsOfSnmp(details: Details): MetricRows {
  const found = managers.safeParse(details).data?.managers ?? [];
  const each = (value: (manager: (typeof found)[number]) => number) =>
    found.map((manager) => ({ labels: { manager: manager.name }, value: value(manager) }));
  const gauges = (metric: string, help: string, value: (manager: (typeof found)[number]) => number) =>
    each(value).flatMap(({ labels, value: measured }) => gauge(metric, help, measured, labels));
  return [
    ...gauges('openkma_snmp_manager_reached', '1 where the last alarm was acknowledged.', ({ trouble }) =>
      trouble === '' ? 1 : 0,
    ),
    ...gauges('openkma_snmp_manager_waiting', 'Alarms that wait for a manager.', ({ waiting }) => waiting),
    ...counter(
      'openkma_snmp_alarms_sent_total',
      'Alarms that a manager acknowledged.',
      each(({ sent }) => sent),
    ),
    ...counter(
      'openkma_snmp_alarms_dropped_total',
      'Alarms left out since too many waited.',
      each(({ dropped }) => dropped),
    ),
  ];
}

const agent = z.object({ listening: z.boolean(), answered: count, refused: count });

export function metricsOfHmp(details: Details): MetricRows {
  const { data } = agent.safeParse(details);
  if (data === undefined) return [];
  return [
    ...gauge('openkma_snmp_agent_listening', '1 while the SNMP agent answers.', data.listening ? 1 : 0),
    ...counter('openkma_snmp_agent_questions_total', 'Questions to the SNMP agent, by what became of them.', [
      { labels: { outcome: 'answered' }, value: data.answered },
      { labels: { outcome: 'refused' }, value: data.refused },
    ]),
  ];
}
