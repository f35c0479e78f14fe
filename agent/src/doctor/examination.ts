/** What a doctor says in the end: all places, and what to do, as one thing that programs can read too. It prints nothing. */
import { type Advice, diagnose, type View } from './diagnosis.ts';
import type { PlaceReport } from './place.ts';

export type Result = 'fine' | 'warnings' | 'problems';

export interface Examination {
  /** Who looked. */
  readonly from: string;
  /** When, by the clock here. */
  readonly at: string;
  readonly result: Result;
  /** Worst first. */
  readonly advice: readonly Advice[];
  readonly places: readonly PlaceReport[];
  readonly ms: number;
}

/** Of every doctor; scripts rely on them, so they never change their meaning. Other codes mean that nothing was looked at. */
export const DOCTOR_EXIT_CODES: Readonly<Record<Result, number>> = { fine: 0, warnings: 9, problems: 10 };

export const DOCTOR_EXIT_HELP = `
Exit codes of a doctor:
  0  nothing is wrong
  9  warnings only
  10 something is broken; what to change is said first
`;

/** Looks, and judges what was found. */
export async function examination(
  view: View,
  nowMs: () => number,
  look: () => Promise<readonly PlaceReport[]>,
): Promise<Examination> {
  const [startedMs, at] = [performance.now(), new Date(nowMs()).toISOString()];
  const places = await look();
  const advice = diagnose(places, view);
  const failed = advice.some(({ severity }) => severity === 'failed');
  const result = failed ? 'problems' : advice.length > 0 ? 'warnings' : 'fine';
  return { from: view.from, at, result, advice, places, ms: Math.round(performance.now() - startedMs) };
}
