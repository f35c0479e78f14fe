/** What a run of the simulated world says: violations with their history, and one last line of numbers. */
import type { SeedResult, ViolationReport } from './run-seed.ts';

export function violationText(seed: number, kmas: number, violation: ViolationReport): string {
  const { invariant, step, text, history } = violation;
  return [
    `seed ${seed} (--seeds 1 --kmas ${kmas} --from ${seed}), step ${step}: invariant ${invariant} is broken: ${text}`,
    ...history.map((line) => `  ${line}`),
  ].join('\n');
}

/** Seeds, simulated hours, operations, faults by kind, violations. */
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
    `operations ${sum(({ operations }) => operations)}`,
    `faults ${total} (${kinds.join(', ')})`,
    `violations ${results.filter(({ violation }) => violation !== null).length}`,
  ].join(', ');
}
