/** What has to happen in every seed, so that one without a violation says something. It runs none. */
import type { SeedResult } from './run-seed.ts';

const HOURS_LEAST = 24;
/** Of agents, administrators and quorum members, answered; what KMAs do by themselves does not count. */
const OPERATIONS_LEAST = 2_000;
const FAULTS_LEAST = 30;
const KINDS_LEAST = 8;

/** What there was too little of; null where there was enough, or a violation ended the seed before. */
export function shortfallOf({ hours, counts, faults, violation }: SeedResult): string | null {
  if (violation !== null) return null;
  const kinds = Object.values(faults);
  const happened = [
    [hours, HOURS_LEAST, 'simulated hours'],
    [counts.operations, OPERATIONS_LEAST, 'operations'],
    [kinds.reduce((sum, count) => sum + count, 0), FAULTS_LEAST, 'faults'],
    [kinds.length, KINDS_LEAST, 'kinds of faults'],
  ] as const;
  const short = happened.filter(([there, least]) => there < least);
  return short.length === 0
    ? null
    : short.map(([there, least, what]) => `${there} ${what} instead of ${least}`).join(', ');
}
