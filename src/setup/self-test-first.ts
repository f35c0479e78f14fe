/** The self-test before QuickStart and restore make keys: what fails here must not found a cluster. It makes nothing. */
import { type Refusal, refuse } from '../core/refusal.ts';
import { BadPairError } from '../security/pair-check.ts';
import { runSelfTest } from '../security/self-test.ts';

/** Runs `make` after a self-test that passed; a pair that is bad twice is refused like a failed test. */
export async function selfTestFirst<T>(make: () => Promise<T>): Promise<T | Refusal> {
  const failed = await runSelfTest();
  if (failed.length > 0) return refuse('SELF_TEST_FAILED', failed.join(', '));
  try {
    return await make();
  } catch (error) {
    if (error instanceof BadPairError) return refuse('SELF_TEST_FAILED', error.message);
    throw error;
  }
}
