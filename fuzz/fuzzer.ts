/** Runs targets, each in a process of its own that may hang or die, and gathers what came of it. It makes no inputs. */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepCrash } from './corpus.ts';
import { type Order, type Report, report } from './messages.ts';

/** Without a report this long the process hangs: an input takes milliseconds. */
const HANG_MS = 60_000;
const PROGRAM = fileURLToPath(new URL('./run-target.ts', import.meta.url));
/** Memory out of bounds ends the process, which is a crash like others. */
const NODE_OPTIONS = ['--expose-gc', '--max-old-space-size=768', '--disable-warning=ExperimentalWarning'];

export type RunOrder = Omit<Order, 'currentPath'>;

export interface TargetResult extends Report {
  readonly target: string;
  readonly seed: number;
}

export async function runTarget(given: RunOrder): Promise<TargetResult> {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-fuzz-'));
  // Fronts of a KMA started as root are another user, who has to pass here.
  chmodSync(folder, 0o711);
  const currentPath = join(folder, 'input');
  try {
    const { last, end } = await watch({ ...given, currentPath }, folder);
    const crashes = [...last.crashes];
    if (end !== null) {
      const input = readFileSync(currentPath, { flag: 'a+' });
      crashes.push({ what: end, file: keepCrash(given.target, input), input: last.inputs });
    }
    return { ...last, crashes, target: given.target, seed: given.seed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The last report, and how the process ended where it did not end well. */
function watch(given: Order, folder: string): Promise<{ last: Report; end: string | null }> {
  const child = fork(PROGRAM, [], { execArgv: NODE_OPTIONS, env: { ...process.env, TMPDIR: folder } });
  let last: Report = { inputs: 0, outcomes: [], crashes: [], milliseconds: 0, done: false };
  let hung = false;
  return new Promise((resolve) => {
    const hang = () => {
      hung = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, HANG_MS);
    child.on('message', (raw) => {
      last = report.parse(raw);
      clearTimeout(timer);
      timer = setTimeout(hang, HANG_MS);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const died = `the process ended with ${signal ?? `code ${code}`}`;
      resolve({
        last,
        end: hung ? `no answer within ${HANG_MS / 1000} s` : code === 0 && last.done ? null : died,
      });
    });
    child.send(given);
  });
}

/** One line a target, as a table. */
export function tableOf(results: readonly TargetResult[]): string {
  const rows = results.map(({ target, inputs, milliseconds, outcomes, crashes }) => [
    target,
    String(inputs),
    (milliseconds / 60_000).toFixed(1),
    String(outcomes.length),
    String(crashes.length),
  ]);
  const lines = [['target', 'inputs', 'minutes', 'outcomes', 'crashes'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const crashes = results.flatMap(({ target, seed, crashes }) =>
    crashes.map(({ what, file, input }) => `${target}: seed ${seed}, input ${input}: ${what}\n  ${file}`),
  );
  return [...table, ...crashes].join('\n');
}
