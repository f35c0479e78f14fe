/** Waits for a condition that a test cannot be told of; the deadline is generous, so that a slow machine is no failure. */
import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
const POLL_MS = 20;

/** The first value that is neither undefined, null nor false; throws with `what` after the deadline. An error counts as "not yet". */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const endMs = performance.now() + deadlineMs;
  let last: unknown;
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false)
        return found as NonNullable<Exclude<T, false>>;
    } catch (error) {
      last = error;
    }
    await pause(POLL_MS);
  } while (performance.now() < endMs);
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause: last });
}
