/** What happened in a simulated world, as lines: the hash over all of them says that two runs were the same, the lines of one subject tell a violation's history. */
import { createHash } from 'node:crypto';

const HASHED_AT_ONCE = 64 * 1024;
/** More than a world has; a history is cut from its front. */
const KEPT_MAX = 200_000;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  #piece = '';
  steps = 0;

  add(atMs: number, line: string): void {
    this.steps += 1;
    const text = `${this.steps} ${timeText(atMs)} ${line}`;
    this.#piece += `${text}\n`;
    if (this.#piece.length > HASHED_AT_ONCE) this.#flush();
    this.#lines.push(text);
    if (this.#lines.length > KEPT_MAX) this.#lines.shift();
  }

  /** Ends it. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  /** The lines that name the subject, and the faults before the end; of what happens again and again the first and the last. */
  historyOf(subject: string, linesMax: number): readonly string[] {
    const about = this.#lines.filter((line) => line.includes(subject) || line.includes(' fault '));
    return withoutRepeats(about).slice(-linesMax);
  }

  #flush(): void {
    this.#hash.update(this.#piece);
    this.#piece = '';
  }
}

/** Of lines that are the same but for step, time and numbers. */
function withoutRepeats(lines: readonly string[]): readonly string[] {
  return [...Map.groupBy(lines.entries(), ([, line]) => happeningOf(line)).values()]
    .flatMap((same) => {
      const told = same.length > 2 ? ` (the last of ${same.length})` : '';
      const last = same.slice(1).slice(-1);
      return [...same.slice(0, 1), ...last.map(([at, line]) => [at, line + told] as const)];
    })
    .sort(([one], [other]) => one - other)
    .map(([, line]) => line);
}
/** Without the step and the time; IDs stay, and so do the places. */
function happeningOf(line: string): string {
  return line.replace(/^\d+ [\d:]+ /, '').replace(/\b\d+\b/g, '#');
}

function timeText(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
