/** Asks a chronyd over its command socket what it measures, by chronyc in its form for programs. It changes nothing there. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { TimeSource } from '../../core/time-following.ts';
import { PROGRAM_ENVIRONMENT } from './programs.ts';

export interface ChronyReport {
  readonly synchronised: boolean;
  /** Of what is served here. */
  readonly stratum: number;
  readonly rootDelaySeconds: number;
  readonly rootDispersionSeconds: number;
  /** By how many parts in a million the rate of the clock may be wrong: so the dispersion grows until the next answer. A million before enough is known. */
  readonly skewPpm: number;
  readonly leap: string;
  readonly sources: readonly TimeSource[];
  /** Requests of others. */
  readonly received: number;
  readonly dropped: number;
}

const TIMEOUT_MS = 5_000;
/** No slewing moves it that far between two lines. */
const STEP_SECONDS = 0.1;
const NOT_SYNCHRONISED = 'Not synchronised';
const run = promisify(execFile);

/** Rejects where the daemon does not answer. */
export async function askChronyd(socketPath: string): Promise<ChronyReport> {
  const report = (await askOnce(socketPath)) ?? (await askOnce(socketPath));
  if (report === null) throw new Error('the clock was stepped twice while it was looked at');
  return report;
}

async function askOnce(socketPath: string): Promise<ChronyReport | null> {
  const questions = ['tracking', 'sources', 'tracking', 'serverstats'];
  const { stdout } = await run('chronyc', ['-h', socketPath, '-c', '-n', '-m', ...questions], {
    env: PROGRAM_ENVIRONMENT,
    timeout: TIMEOUT_MS,
  });
  return readReport(stdout);
}

const number = z.coerce.number();
const text = z.string();

/** Reference, its name, stratum, its time, offset, last and mean offset, three of the frequency, delay, dispersion, interval, leap. */
const tracking = z.tuple(
  [text, text, number, number, number, ...several(number, 5), number, number, number, text],
  text,
);
/** Mode, state, address, stratum, poll, reach (octal), last received, offset as adjusted, as measured, its error. */
const source = z.tuple(
  [z.enum(['^', '=', '#']), text, text, number, number, text, number, number, number, number],
  text,
);
/** Packets received and dropped, and more. */
const serverStats = z.tuple([number, number], text);

function several<S>(schema: S, _count: 5): [S, S, S, S, S] {
  return [schema, schema, schema, schema, schema];
}

/**
 * One line of tracking, one for each source, tracking once more, one of the requests that were served. Throws where it is otherwise.
 * Null where the clock was stepped between the lines, which then do not belong together.
 */
export function readReport(output: string): ChronyReport | null {
  const lines = output
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const first = tracking.parse(lines[0]);
  const last = serverStats.parse(lines.at(-1));
  const again = tracking.parse(lines.at(-2));
  if (Math.abs(again[4] - first[4]) > STEP_SECONDS) return null;
  const [, , stratum, , behindSeconds] = first;
  return {
    synchronised: first[13] !== NOT_SYNCHRONISED,
    stratum,
    rootDelaySeconds: first[10],
    rootDispersionSeconds: first[11],
    skewPpm: first[9],
    leap: first[13],
    sources: lines.slice(1, -2).map((line) => readSource(line, -behindSeconds)),
    received: last[0],
    dropped: last[1],
  };
}

/** Sources are measured against the corrected clock, not against that of the machine. */
function readSource(line: readonly string[], machineAheadSeconds: number): TimeSource {
  const [mode, state, address, stratum, , reachText, , aheadSeconds] = source.parse(line);
  const reach = Number.parseInt(reachText, 8);
  return {
    address,
    kind: mode === '^' ? 'server' : 'peer',
    selected: state === '*',
    stratum,
    reach,
    aheadSeconds: reach === 0 ? null : aheadSeconds + machineAheadSeconds,
  };
}
