/** Repeats of several measurements in turn, so that a slow minute of the machine falls on all alike, after one round that does not count. */
import type { Measured } from './callers.ts';
import { least, median } from './figures.ts';

export interface Target<M extends Measured = Measured> {
  readonly name: string;
  readonly measure: () => Promise<M>;
}

/** Figures of every target by its name. */
export async function inTurn<M extends Measured>(
  targets: readonly Target<M>[],
  repeats: number,
): Promise<ReadonlyMap<string, readonly M[]>> {
  const figures = new Map<string, M[]>(targets.map(({ name }) => [name, []]));
  for (let repeat = 0; repeat <= repeats; repeat += 1)
    for (const { name, measure } of targets) {
      const figure = await measure();
      const counts = repeat > 0;
      if (counts) figures.get(name)?.push(figure);
      const told = `${figure.cpuMsPerCall.toFixed(3)} CPU-ms, ${figure.callsPerSecond.toFixed(0)} calls/s`;
      process.stderr.write(`${counts ? '' : 'warm-up, '}${name}: ${told}\n`);
    }
  return figures;
}

export function leastCpuMs(figures: readonly Measured[]): number {
  return least(figures.map(({ cpuMsPerCall }) => cpuMsPerCall));
}
export function medianCpuMs(figures: readonly Measured[]): number {
  return median(figures.map(({ cpuMsPerCall }) => cpuMsPerCall));
}
export function mostPerSecond(figures: readonly Measured[]): number {
  return Math.max(...figures.map(({ callsPerSecond }) => callsPerSecond));
}
/** The figure whose CPU time was the least. */
export function cheapest<M extends Measured>(figures: readonly M[]): M {
  const [first, ...rest] = figures;
  if (first === undefined) throw new Error('nothing was measured');
  return rest.reduce((best, figure) => (figure.cpuMsPerCall < best.cpuMsPerCall ? figure : best), first);
}
