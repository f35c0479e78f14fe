/** Runs one seed from founding to convergence, and gives what happened in numbers. It prints nothing. */
import { Convergence, type Excused } from './checks/convergence.ts';
import { Faults } from './faults/faults.ts';
import { found } from './founding.ts';
import type { Seams } from './seams.ts';
import { PRODUCTION } from './seams.ts';
import type { Counts } from './tally.ts';
import { type Invariant, Violation } from './violation.ts';
import { Workload } from './workload/workload.ts';
import { World } from './world.ts';

export interface SeedOptions {
  readonly seed: number;
  readonly kmas: number;
  readonly seams?: Seams;
  /** By number, of those that are planned. */
  readonly faultsLeftOut?: ReadonlySet<number>;
}

export interface SeedResult {
  readonly seed: number;
  readonly traceHash: string;
  readonly hours: number;
  readonly counts: Counts;
  readonly faults: Readonly<Record<string, number>>;
  /** What need not be the same everywhere in the end; null where the end was not reached. */
  readonly excused: Excused | null;
  readonly violation: ViolationReport | null;
}
export interface ViolationReport {
  readonly invariant: Invariant;
  readonly step: number;
  readonly text: string;
  readonly history: readonly string[];
}

const HOUR_MS = 3_600_000;
const WORK_HOURS = 24;
/** Beside what is looked at as it changes. */
const LOOK_EVERY_MS = 5 * 60_000;
const HISTORY_LINES = 40;

export async function runSeed({
  seed,
  kmas,
  seams = PRODUCTION,
  faultsLeftOut,
}: SeedOptions): Promise<SeedResult> {
  const world = new World(seed, kmas, seams);
  const faults = new Faults(world, faultsLeftOut);
  let violation: ViolationReport | null = null;
  let excused: Excused | null = null;
  try {
    await found(world, kmas);
    world.tally.begin();
    const workload = new Workload(world);
    workload.plan(WORK_HOURS * HOUR_MS);
    faults.plan(WORK_HOURS * HOUR_MS);
    world.operators.plan(WORK_HOURS * HOUR_MS);
    for (const until = world.schedule.nowMs + WORK_HOURS * HOUR_MS; world.schedule.nowMs < until; ) {
      await world.schedule.run(world.schedule.nowMs + LOOK_EVERY_MS);
      world.states.look();
    }
    excused = await new Convergence(world, faults).reach();
  } catch (error) {
    violation = reportOf(error, world);
  }
  return {
    seed,
    traceHash: world.trace.digest(),
    hours: world.schedule.nowMs / HOUR_MS,
    counts: world.tally.counts,
    faults: faults.counts,
    excused,
    violation,
  };
}

function reportOf(error: unknown, world: World): ViolationReport {
  const step = world.trace.steps;
  if (error instanceof Violation)
    return {
      invariant: error.invariant,
      step,
      text: error.message,
      history: world.trace.historyOf(error.subject, HISTORY_LINES),
    };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: 'assertion', step, text, history: world.trace.historyOf(' fault ', HISTORY_LINES) };
}
