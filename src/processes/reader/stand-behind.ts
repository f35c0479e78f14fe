/** Puts this process behind the others for the processor, once it has started. It takes no priority back. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As `nice` counts: a third of the time where others want it too. More would keep a backup waiting for ever on a busy machine. */
const NICENESS = 5;
/** Of this process and those of its session: where the kernel groups processes by sessions, it shares the processor among these first, and every child of the supervisor has a session of its own. */
export const SESSION_NICENESS_PATH = '/proc/self/autogroup';
/** From others than root the kernel takes one such word in a tenth of a second. */
const TRIES = 5;
const AGAIN_MS = 200;

export function standBehind(triesLeft = TRIES): void {
  setPriority(NICENESS);
  try {
    writeFileSync(SESSION_NICENESS_PATH, String(NICENESS));
  } catch (error) {
    const isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    if (isBusy && triesLeft > 1) setTimeout(() => standBehind(triesLeft - 1), AGAIN_MS).unref();
  }
}
