/** A promise with a bound in time. It ends nothing: whoever waits closes what is left. */

/** Null where the time is over first; what happens afterwards is nobody's concern. */
export async function withinTime<T>(timeoutMs: number, work: Promise<T>): Promise<T | null> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), timeoutMs);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
