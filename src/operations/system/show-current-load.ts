/** ShowCurrentLoad: what this KMA does now, as counts of the last minute. It names no key, no agent and no user. */
import { z } from 'zod';
import { reading } from '../common-settings.ts';
import type { CallKind, DecideContext, RecentLoad } from '../contexts.ts';
import { operation } from '../operation.ts';

const IDLE: RecentLoad = {
  seconds: 60,
  calls: new Map(),
  refused: 0,
  failed: 0,
  totalMs: 0,
  agents: 0,
  managers: 0,
};

export const loadShape = z.strictObject({
  kma: z.string(),
  /** Calls under way, this one among them. */
  inProgress: z.number(),
  /** Whose calls were let in within the minute. */
  agents: z.number(),
  managers: z.number(),
  logIns: z.number(),
  operationsPerSecond: z.number(),
  createKeyPerSecond: z.number(),
  retrieveKeyPerSecond: z.number(),
  registerKwkPerSecond: z.number(),
  otherOfAgentsPerSecond: z.number(),
  enrolmentPerSecond: z.number(),
  discoveryPerSecond: z.number(),
  managementPerSecond: z.number(),
  appliancePerSecond: z.number(),
  /** Of all these. */
  refusedPerSecond: z.number(),
  /** What the callers could do nothing about. */
  failedPerSecond: z.number(),
  meanMs: z.number(),
  /** Of the core process. */
  memoryBytes: z.number(),
  cpuSeconds: z.number(),
  /** Of the machine over the last minute: processes that run or wait for a processor. */
  machineLoad: z.number(),
  processors: z.number(),
  machineFreeBytes: z.number(),
});

export const showCurrentLoad = operation({
  ...reading,
  name: 'ShowCurrentLoad',
  http: { method: 'GET', path: '/v1/current-load' },
  summary: 'Shows what this KMA does now: who calls, and how much of what a second over the last minute.',
  recordedOnceAMinute: true,
  input: z.strictObject({}),
  output: loadShape,
  command: { words: ['system', 'load'], example: 'kma system load --user auditor' },
  decide: (_input, context) => ({ facts: [], output: currentLoad(context) }),
});

export function currentLoad({
  self,
  load,
  sessions,
  recentLoad,
  measurements,
  machine,
}: DecideContext): z.infer<typeof loadShape> {
  const recent = recentLoad?.() ?? IDLE;
  const perSecond = (count: number) => rounded(count / recent.seconds);
  const of = (kind: CallKind) => perSecond(recent.calls.get(kind) ?? 0);
  const count = [...recent.calls.values()].reduce((sum, calls) => sum + calls, 0);
  const { residentBytes = 0, cpuSeconds = 0 } = measurements?.() ?? {};
  return {
    kma: self.kmaName,
    inProgress: load,
    agents: recent.agents,
    managers: recent.managers,
    logIns: sessions?.().length ?? 0,
    operationsPerSecond: perSecond(count),
    createKeyPerSecond: of('createKey'),
    retrieveKeyPerSecond: of('retrieveKey'),
    registerKwkPerSecond: of('registerKwk'),
    otherOfAgentsPerSecond: of('otherOfAgents'),
    enrolmentPerSecond: of('enrolment'),
    discoveryPerSecond: of('discovery'),
    managementPerSecond: of('management'),
    appliancePerSecond: of('appliance'),
    refusedPerSecond: perSecond(recent.refused),
    failedPerSecond: perSecond(recent.failed),
    meanMs: count === 0 ? 0 : rounded(recent.totalMs / count),
    memoryBytes: residentBytes,
    cpuSeconds: rounded(cpuSeconds),
    ...(machine?.() ?? { machineLoad: 0, processors: 0, machineFreeBytes: 0 }),
  };
}

const rounded = (value: number): number => Math.round(1000 * value) / 1000;
