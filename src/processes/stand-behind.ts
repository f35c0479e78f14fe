/** Puts this process behind the others for the processor, and before them where the kernel has to end one for want of memory, once it has started. It takes neither back. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As `nice` counts: a third of the time where others want it too. More would keep a backup waiting for ever on a busy machine. */
const NICENESS = 5;
/** Of this process and those of its session: where the kernel groups processes by sessions, it shares the processor among these first, and every child of the supervisor has a session of its own. */
export const SESSION_NICENESS_PATH = '/proc/self/autogroup';
/** From others than root the kernel takes one such word in a tenth of a second. */
const TRIES = 5;
const AGAIN_MS = 200;
/** Everybody may make himself the first to go; what the core has cannot be had again without a quorum. */
export const FIRST_TO_GO_PATH = '/proc/self/oom_score_adj';
const FIRST_TO_GO = 500;

export function standBehind(): void {
  setPriority(NICENESS);
  write(FIRST_TO_GO_PATH, FIRST_TO_GO);
  write(SESSION_NICENESS_PATH, NICENESS);
}

function write(path: string, value: number, triesLeft = TRIES): void {
  try {
    writeFileSync(path, String(value));
  } catch (error) {
    const isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    if (isBusy && triesLeft > 1) setTimeout(() => write(path, value, triesLeft - 1), AGAIN_MS).unref();
  }
}
