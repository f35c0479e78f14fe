/** Least, middle and percentiles of figures, and tables of them in Markdown; it measures nothing. */

/** One thing the project has set itself, and what came out. */
export interface Goal {
  readonly name: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean;
  /** No figure, but right or wrong on any machine: where it is missed the program ends with 1. */
  readonly isRequired?: true;
}

/** Of repeats the least is the machine's figure: other load only adds. */
export function least(values: readonly number[]): number {
  return Math.min(...values);
}
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The nearest rank: the smallest value that so large a part of the values does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

export function printTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  process.stdout.write(`\n${title}\n\n${lines.join('\n')}\n`);
}

/** One of speed that is missed is told and no more: it depends on the machine. */
export function printGoals(title: string, goals: readonly Goal[]): void {
  const rows = goals.map(({ name, measured, goal, met }) => [name, measured, goal, met ? 'yes' : 'NO']);
  printTable(title, ['what', 'measured', 'goal', 'met'], rows);
  if (goals.some(({ isRequired, met }) => isRequired === true && !met)) process.exitCode = 1;
}

export function atMost(name: string, value: number, limit: number, unit: string, digits = 2): Goal {
  const measured = `${value.toFixed(digits)} ${unit}`.trim();
  return { name, measured, goal: `at most ${limit} ${unit}`.trim(), met: value <= limit };
}
export function atLeast(name: string, value: number, limit: number, unit: string, digits = 2): Goal {
  const measured = `${value.toFixed(digits)} ${unit}`.trim();
  return { name, measured, goal: `at least ${limit} ${unit}`.trim(), met: value >= limit };
}
/** Of what must never be. */
export function none(name: string, count: number): Goal {
  return { name, measured: String(count), goal: 'none', met: count === 0, isRequired: true };
}
