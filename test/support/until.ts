/** Waits for a condition that a test cannot be told of, or for what it is told of, but never without end; the deadlines are generous, so that a slow machine is no failure. */
import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
/** What a program takes that a test runs to its end. */
const PROGRAM_MS = 600_000;
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

/** What a spawned program, or somebody else, has promised; after the deadline it throws with `what`, which may tell what there was until then. */
export async function within<T>(
  what: string | (() => string),
  promised: Promise<T>,
  deadlineMs = PROGRAM_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`not within ${deadlineMs} ms: ${typeof what === 'string' ? what : what()}`)),
    deadlineMs,
  );
  return Promise.race([promised, late]).finally(() => clearTimeout(timer));
}
