/** A progress line on standard error for work that takes more than a second; silent for programs. */
import { printable } from './cell-text.ts';
import { Pace } from './pace.ts';
import { cut, terminalColumns } from './width.ts';

const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 200;

export function progressLine(enabled: boolean): {
  update(done: number, total: number, text: string): void;
  end(): void;
} {
  const startedMs = performance.now();
  const pace = new Pace();
  let drawnMs = 0;
  let shown = false;
  const interactive = process.stderr.isTTY === true;
  return {
    update(done, total, text) {
      const nowMs = performance.now();
      pace.note(done, total, nowMs);
      if (
        !enabled ||
        nowMs - startedMs < SHOW_AFTER_MS ||
        nowMs - drawnMs < (interactive ? REDRAW_MS : SHOW_AFTER_MS)
      )
        return;
      drawnMs = nowMs;
      shown = true;
      const line = `${printable(text)}${pace.howFar}`;
      process.stderr.write(
        interactive ? `\r\u001b[K${cut(line, terminalColumns(process.stderr))}` : `${line}\n`,
      );
    },
    end() {
      if (shown && interactive) process.stderr.write('\r\u001b[K');
    },
  };
}
