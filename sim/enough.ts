/** What has to happen in every seed, so that one without a violation says something. It runs none. */
import type { SeedResult } from './run-seed.ts';

const HOURS_LEAST = 24;
const OPERATIONS_LEAST = 2_000;
const FAULTS_LEAST = 30;
const KINDS_LEAST = 8;

/** What there was too little of; null where there was enough, or a violation ended the seed before. */
export function shortfallOf({ hours, operations, faults, violation }: SeedResult): string | null {
  if (violation !== null) return null;
  const counts = Object.values(faults);
  const happened = [
    [hours, HOURS_LEAST, 'simulated hours'],
    [operations, OPERATIONS_LEAST, 'operations'],
    [counts.reduce((sum, count) => sum + count, 0), FAULTS_LEAST, 'faults'],
    [counts.length, KINDS_LEAST, 'kinds of faults'],
  ] as const;
  const short = happened.filter(([there, least]) => there < least);
  return short.length === 0
    ? null
    : short.map(([there, least, what]) => `${there} ${what} instead of ${least}`).join(', ');
}
