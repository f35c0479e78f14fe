/** What each KMA has served, hour by hour, as the cluster knows it: rows that are written over after a month, and sums of them. It knows no clock and no name. */
import { type AgentCounts, NO_COUNTS, sumOf } from './agent-performance.ts';
import { type Fact, set } from './facts.ts';
import type { KmaId } from './ids.ts';
import type { Row } from './tables.ts';

/** Of each KMA there are so many rows at most, one for each hour of a month. */
export const HOURS_KEPT = 31 * 24;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const US_PER_MS = 1000;

export interface KmaCounts extends AgentCounts {
  /** How many agents asked; of several hours the most that did so in one. */
  readonly agents: number;
  /** Agents' and strangers' calls that were sent on to another KMA, or to try again (1001). */
  readonly busy: number;
  /** Of people, here or over the network. */
  readonly management: number;
  /** Pieces of logs, sealed objects and whole copies that went to other KMAs or came from them. */
  readonly replication: number;
}
export interface KmaHour extends KmaCounts {
  readonly hour: number;
}
/** Of some hour of some KMA, as far as it is known here. */
export interface KnownHour extends KmaHour {
  readonly kmaId: string;
  /** What came later in that hour is not in it. */
  readonly countedUntilMs: number;
}
export interface KnownHours extends Omit<KnownHour, 'hour'> {
  readonly beganAtMs: number;
  /** Of how many hours something is known. */
  readonly hours: number;
}

const NOTHING: KmaCounts = { ...NO_COUNTS, agents: 0, busy: 0, management: 0, replication: 0 };

/** An hour of the next month takes the place of this one. */
export function slotOf(kmaId: string, hour: number): string {
  return `${kmaId}:${hour % HOURS_KEPT}`;
}

/** Up to when an hour has been counted at this time. */
export function countedUntilMs(hour: number, nowMs: number): number {
  return Math.min(nowMs, (hour + 1) * HOUR_MS);
}

export function hourFact(kmaId: KmaId, hour: KmaHour, untilMs: number): Fact {
  return set('kma_hour', slotOf(kmaId, hour.hour), cellsOf(hour, untilMs));
}

/** Whether the cluster knows it just so. */
export function isTold(row: Row<'kma_hour'> | undefined, hour: KmaHour, untilMs: number): boolean {
  if (row === undefined) return false;
  return Object.entries(cellsOf(hour, untilMs)).every(
    ([name, value]) => row[name as keyof typeof row] === value,
  );
}

function cellsOf({ totalMs, ...counts }: KmaHour, untilMs: number) {
  return { ...counts, totalUs: Math.round(totalMs * US_PER_MS), countedUntil: untilMs };
}

/** Of this KMA. */
export interface OwnHours {
  readonly kmaId: string;
  readonly hours: readonly KmaHour[];
  /** Null where it is not asked for. */
  readonly runningHour: number | null;
}

/**
 * What this KMA has counted itself takes the place of what it once told, and what it has not written down yet of the hour that
 * runs is nothing so far; what another one tells of itself may be anything.
 */
export function knownHours(
  told: readonly Row<'kma_hour'>[],
  { kmaId, hours, runningHour }: OwnHours,
  nowMs: number,
): readonly KnownHour[] {
  const counted = new Set(hours.map(({ hour }) => hour));
  const toldOnly = told
    .map((row) => knownHour(row, nowMs))
    .filter((one) => one.kmaId !== kmaId || !counted.has(one.hour));
  const own = hours.map((hour) => ({ ...hour, kmaId, countedUntilMs: countedUntilMs(hour.hour, nowMs) }));
  const known = [...toldOnly, ...own];
  if (runningHour === null || known.some((one) => one.kmaId === kmaId && one.hour === runningHour))
    return known;
  return [...known, { ...NOTHING, kmaId, hour: runningHour, countedUntilMs: nowMs }];
}

function knownHour(row: Row<'kma_hour'>, nowMs: number): KnownHour {
  const count = (name: Exclude<keyof KmaCounts, 'totalMs'> | 'totalUs') => Math.max(0, row[name] ?? 0);
  const hour = row.hour ?? 0;
  const until = Math.min(row.countedUntil ?? 0, countedUntilMs(hour, nowMs));
  return {
    kmaId: row.id.slice(0, row.id.lastIndexOf(':')),
    hour,
    countedUntilMs: Math.max(until, hour * HOUR_MS),
    agents: count('agents'),
    createKey: count('createKey'),
    retrieveKey: count('retrieveKey'),
    registerKwk: count('registerKwk'),
    other: count('other'),
    refused: count('refused'),
    totalMs: count('totalUs') / US_PER_MS,
    busy: count('busy'),
    management: count('management'),
    replication: count('replication'),
  };
}

export type Per = 'hour' | 'day' | 'kma';

/** Of each KMA one for each hour or day, or for all of them, in no order. */
export function summed(known: readonly KnownHour[], per: Per): readonly KnownHours[] {
  const sums = new Map<string, KnownHours>();
  for (const { hour, ...counts } of known) {
    const period = per === 'day' ? hour - (hour % DAY_HOURS) : hour;
    const key = per === 'kma' ? counts.kmaId : `${counts.kmaId}:${period}`;
    const one = { ...counts, beganAtMs: period * HOUR_MS, hours: 1 };
    const before = sums.get(key);
    sums.set(key, before === undefined ? one : added(before, one));
  }
  return [...sums.values()];
}

function added(one: KnownHours, other: KnownHours): KnownHours {
  return {
    ...sumOf([one, other]),
    kmaId: one.kmaId,
    beganAtMs: Math.min(one.beganAtMs, other.beganAtMs),
    countedUntilMs: Math.max(one.countedUntilMs, other.countedUntilMs),
    hours: one.hours + other.hours,
    agents: Math.max(one.agents, other.agents),
    busy: one.busy + other.busy,
    management: one.management + other.management,
    replication: one.replication + other.replication,
  };
}
