/** What is refused, or breaks, where a newcomer opens its copy is told to the member as well, in whose audit it is looked for. It decides nothing, and hides no error. */
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import { asStoreError } from '../../store/database.ts';
import type { FailedJoin } from './join-client.ts';

export async function toldFailure<T>(
  work: () => Promise<T | Refusal>,
  tell: (failed: FailedJoin) => Promise<void>,
): Promise<T | Refusal> {
  let made: T | Refusal;
  try {
    made = await work();
  } catch (error) {
    // What broke is what the person has to see, whatever becomes of the telling.
    await tell(failureOf(error)).catch(() => undefined);
    throw error;
  }
  if (isRefusal(made)) await tell({ code: made.refused, detail: made.detail ?? '' });
  return made;
}

/** As of a full disk. */
function failureOf(thrown: unknown): FailedJoin {
  const error = asStoreError(thrown);
  if (error instanceof OpenKmaError) return { code: error.code, detail: error.detail ?? '' };
  return { code: 'SERVER_ERROR', detail: error instanceof Error ? error.message : String(error) };
}
