/** Runs a passphrase proof from the network within its limits (D15); the identical request within 60 s gets the identical answer (D6). It checks no proof itself. */
import { isRefusal } from '../../core/refusal.ts';
import type { ProofAttempt } from '../../operations/proof/attempt.ts';
import type { CoreAnswer } from './core-call.ts';
import type { RunningCore } from './open-core.ts';
import type { ProofOutcome } from './proof-attempts.ts';

export async function provenOnce(
  running: RunningCore,
  { role, entityId, key }: ProofAttempt,
  address: string,
  run: () => Promise<CoreAnswer>,
): Promise<CoreAnswer> {
  const { answer, repeat } = await running.replies.once(key, `${role}:${entityId}`, async () => {
    const attempt = running.attempts.begin(
      { kind: role, name: entityId, source: address },
      running.core.parts.time.nowMs(),
    );
    if (isRefusal(attempt)) {
      running.refused.count('certificate', attempt.refused, address);
      return attempt;
    }
    const result = await run();
    attempt.end(outcomeOf(result));
    return result;
  });
  if (isRefusal(answer) || repeat === 0) return answer;
  // One record for each proof: more would let whoever has one fill the log.
  if (repeat > 1) running.refused.countServed('certificate', 'repeated proof', address);
  else await running.core.callLocal('NoteRepeatedEnrolment', { kind: role, name: entityId, address });
  return answer;
}

/** Any other refusal came before the proof, or after a right one: neither is a guess. */
function outcomeOf(answer: CoreAnswer): ProofOutcome {
  if (!isRefusal(answer)) return 'proven';
  return answer.refused === 'AUTHENTICATION_FAILED' ? 'failed' : 'unseen';
}
