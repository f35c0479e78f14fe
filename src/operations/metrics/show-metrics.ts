/** ShowMetrics: what a monitoring system watches of this KMA, as numbers. It names no key, no agent and no user. */
import { z } from 'zod';
import { backupSchedule, isBackupOverdue, lastBackupAtMs } from '../../core/backup-schedule.ts';
import { isKeySplitBackedUp } from '../../core/readiness.ts';
import { readSetting } from '../../core/settings.ts';
import type { DecideContext, ViewContext } from '../contexts.ts';
import { operation, ROLES } from '../operation.ts';
import { poolLastsHours } from '../pool-outlook.ts';
import { agentStatus, poolStatus } from '../standing.ts';
import { metricsOfCertificates } from './certificate-metrics.ts';
import { metricsOfMembers } from './member-metrics.ts';
import { counter, gauge, histogram, type MetricRows, metricRows } from './metric-rows.ts';
import { platformMetrics } from './platform-metrics.ts';

const KEYS_READY = 'openkma_keys_ready';

/** The reader does the counting; the core adds what only its memory knows. */
export const showMetrics = operation<Record<string, never>, MetricRows, MetricRows, MetricRows>({
  name: 'ShowMetrics',
  summary: 'Shows the measurements of this KMA; over HTTP as text for Prometheus, unless JSON is asked for.',
  callers: ROLES,
  forMonitoring: true,
  recordedOnceAMinute: true,
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  input: z.strictObject({}),
  output: metricRows,
  command: { words: ['metrics'], example: 'kma metrics --user auditor' },
  http: { method: 'GET', path: '/metrics', asMetrics: true },
  view: (_input, context) => countedMetrics(context),
  decide: (_input, context, counted) => ({ facts: [], output: wholeMetrics(context, counted) }),
});

/** Of the state. */
export function countedMetrics({ state, self, audit, nowMs }: ViewContext): MetricRows {
  const pool = poolStatus(state, self.incarnationId);
  const { agents, agentsEnrolled, agentsWithLegacyProof } = agentStatus(state);
  const backedUp = isKeySplitBackedUp(state, readSetting(state, 'currentKeySplitId'));
  const newest = audit.newestRow();
  return [
    ...gauge('openkma_key_pool_size', 'Keys that each KMA is to make ahead.', pool.keyPoolSize),
    ...gauge('openkma_keys_unissued', 'Keys that were made and not handed out.', pool.keysUnissued),
    ...gauge(KEYS_READY, 'Keys that may be handed out now.', pool.keysReady),
    ...gauge('openkma_agents', 'Agents there are.', agents),
    ...gauge('openkma_agents_enrolled', 'Agents that hold a certificate.', agentsEnrolled),
    ...gauge(
      'openkma_agents_legacy_proof',
      'Agents whose certificate was got with the SHA-1 proof.',
      agentsWithLegacyProof,
    ),
    ...gauge(
      'openkma_last_backup_timestamp_seconds',
      'When the newest fetched backup was made; 0 without one.',
      (lastBackupAtMs(state) ?? 0) / 1000,
    ),
    ...gauge(
      'openkma_backup_overdue',
      '1 where a scheduled backup is late.',
      isBackupOverdue(backupSchedule(state), nowMs) ? 1 : 0,
    ),
    ...gauge(
      'openkma_core_security_backed_up',
      '1 where a fetched core security backup opens with the key split of today.',
      backedUp ? 1 : 0,
    ),
    ...metricsOfCertificates({ state, self }),
    ...counter('openkma_audit_records_total', 'Audit records written here, those cut away included.', [
      { value: newest },
    ]),
  ];
}

/** How long what was counted lasts; nothing is said of it while nobody takes keys. */
function metricsOfPool({ performance }: DecideContext, counted: MetricRows): MetricRows {
  const { keysTakenPerHour = 0 } = performance?.() ?? {};
  const keysReady = counted.find(({ sample }) => sample === KEYS_READY)?.value ?? 0;
  const hours = poolLastsHours(keysReady, keysTakenPerHour);
  return [
    ...gauge('openkma_keys_taken_per_hour', 'New keys that agents take at present.', keysTakenPerHour),
    ...(hours === null
      ? []
      : gauge(
          'openkma_key_pool_lasts_seconds',
          'How long the Ready keys last at the present rate.',
          hours * 3_600,
        )),
  ];
}

/** With what only the memory of the core knows. */
export function wholeMetrics(context: DecideContext, counted: MetricRows): MetricRows {
  return [...counted, ...metricsOfPool(context, counted), ...metricsOfCore(context)];
}

function metricsOfCore(context: DecideContext): MetricRows {
  const { self, unlocked, load, performance, health, sessions, clock, measurements } = context;
  const { startedAtMs = 0, operations = 0, commits = 0 } = performance?.() ?? {};
  const { calls, durations, residentBytes, cpuSeconds } = measurements?.() ?? NOTHING_MEASURED;
  return [
    ...gauge('openkma_info', 'Which KMA this is; always 1.', 1, { kma: self.kmaName }),
    ...gauge('openkma_locked', '1 where this KMA is locked, and agents get no keys.', unlocked ? 0 : 1),
    ...gauge(
      'openkma_store_troubles',
      'How many things are wrong with the store.',
      health?.().store.length ?? 0,
    ),
    ...gauge(
      'openkma_clock_offset_seconds',
      'By how much the time was adjusted by hand.',
      (clock?.().offsetMs ?? 0) / 1000,
    ),
    ...gauge(
      'openkma_clock_odd',
      '1 where the clock is not trusted, and nothing can be changed.',
      (clock?.().odd ?? null) === null ? 0 : 1,
    ),
    ...gauge('openkma_log_ins', 'Log-ins of users that count.', sessions?.().length ?? 0),
    ...gauge('openkma_core_start_time_seconds', 'When the core process started.', startedAtMs / 1000),
    ...gauge('openkma_core_resident_memory_bytes', 'Memory of the core process.', residentBytes),
    ...counter('openkma_core_cpu_seconds_total', 'Processor time of the core process.', [
      { value: cpuSeconds },
    ]),
    ...counter('openkma_core_operations_total', 'Operations that were committed.', [{ value: operations }]),
    ...counter('openkma_core_commits_total', 'Commits, which operations share.', [{ value: commits }]),
    ...metricsOfMembers(context),
    ...platformMetrics(context),
    ...gauge('openkma_calls_in_progress', 'Operations under way.', load),
    ...counter('openkma_calls_total', 'Calls of each operation by what became of them.', calls),
    ...histogram('openkma_call_duration_seconds', 'How long the core took for calls.', durations),
  ];
}

const NOTHING_MEASURED = { calls: [], durations: [], residentBytes: 0, cpuSeconds: 0 };
