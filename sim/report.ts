/** What a run of the simulated world says: violations with their history, seeds in which too little happened, and one last line of numbers. */
import { shortfallOf } from './enough.ts';
import type { SeedResult, ViolationReport } from './run-seed.ts';

export function violationText(seed: number, kmas: number, violation: ViolationReport): string {
  const { invariant, step, text, history } = violation;
  return [
    `seed ${seed} (--seeds 1 --kmas ${kmas} --from ${seed}), step ${step}: invariant ${invariant} is broken: ${text}`,
    ...history.map((line) => `  ${line}`),
  ].join('\n');
}

/** Of the seed that was just told, with what could be left out of it. */
export function fewestText(fewest: SeedResult | null): string {
  if (fewest?.violation == null) return '  without any one of its faults it is not broken';
  const kinds = Object.entries(fewest.faults).map(([kind, count]) => `${kind} ${count}`);
  const { step, text, history } = fewest.violation;
  return [
    `  with ${kinds.join(', ') || 'no fault at all'} it is broken too, at step ${step}: ${text}`,
    ...history.map((line) => `    ${line}`),
  ].join('\n');
}

export function shortfallText({ seed }: SeedResult, kmas: number, shortfall: string): string {
  return `seed ${seed} (--seeds 1 --kmas ${kmas} --from ${seed}): too little happened: ${shortfall}`;
}

/** Seeds, simulated hours, operations of agents, administrators and quorum members, chores of KMAs, faults by kind, what was excused in the end, violations. */
export function summaryOf(results: readonly SeedResult[]): string {
  const sum = (of: (result: SeedResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const faults = new Map<string, number>();
  for (const result of results)
    for (const [kind, count] of Object.entries(result.faults))
      faults.set(kind, (faults.get(kind) ?? 0) + count);
  const kinds = [...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
  const total = [...faults.values()].reduce((all, count) => all + count, 0);
  return [
    `seeds ${results.length}`,
    `simulated hours ${Math.round(sum(({ hours }) => hours))}`,
    `operations ${sum(({ counts }) => counts.operations)} (refused ${sum(({ counts }) => counts.refused)})`,
    `not answered ${sum(({ counts }) => counts.unanswered)}`,
    `chores of KMAs ${sum(({ counts }) => counts.chores)}`,
    `faults ${total} (${kinds.join(', ')})`,
    `excused as lost ${sum(({ excused }) => excused?.objectsLost ?? 0)} objects and ${sum(({ excused }) => excused?.entriesLost ?? 0)} entries, as erased ${sum(({ excused }) => excused?.objectsErased ?? 0)} objects`,
    `seeds with too little ${results.filter((result) => shortfallOf(result) !== null).length}`,
    `violations ${results.filter(({ violation }) => violation !== null).length}`,
  ].join(', ');
}
