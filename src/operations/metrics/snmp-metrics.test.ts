/** What the SNMP parts say of themselves becomes measurements, and what they do not say none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsOfHmp, metricsOfSnmp } from './snmp-metrics.ts';

const shown = (rows: ReturnType<typeof metricsOfSnmp>) =>
  rows.map(({ sample, labels, value }) => `${sample} ${Object.values(labels).join(',')} ${value}`);

test('each manager is measured, metric after metric', () => {
  const of = (name: string, trouble: string) => ({ name, trouble, waiting: 3, sent: 5, dropped: 2 });
  assert.deepEqual(shown(metricsOfSnmp({ managers: [of('noc', ''), of('old', 'no answer')] })), [
    'openkma_snmp_manager_reached noc 1',
    'openkma_snmp_manager_reached old 0',
    'openkma_snmp_manager_waiting noc 3',
    'openkma_snmp_manager_waiting old 3',
    'openkma_snmp_alarms_sent_total noc 5',
    'openkma_snmp_alarms_sent_total old 5',
    'openkma_snmp_alarms_dropped_total noc 2',
    'openkma_snmp_alarms_dropped_total old 2',
  ]);
});

test('the agent is measured, and nothing where nothing is known', () => {
  assert.deepEqual(shown(metricsOfHmp({ enabled: true, listening: true, answered: 7, refused: 1 })), [
    'openkma_snmp_agent_listening  1',
    'openkma_snmp_agent_questions_total answered 7',
    'openkma_snmp_agent_questions_total refused 1',
  ]);
  assert.deepEqual([metricsOfHmp({}), metricsOfSnmp({ managers: 'none' })], [[], []]);
});
