/** Judges the credentials of a quorum by the current key split, where an operation asks for it by the one before while that is missing or lost; a failure never tells which name or passphrase was wrong. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Credential, Operation } from '../../operations/operation.ts';
import { missingSplitText } from '../../operations/pending/missing-split-text.ts';
import { keySplitFor, splitSearch } from '../../operations/pending/quorum-outcome.ts';
import { type JudgedCredentials, judgeCredentials } from '../../security/key-split.ts';
import type { CoreParts } from './core-parts.ts';

export interface JudgedQuorum extends JudgedCredentials {
  readonly keySplitId: string;
}

type Asks = Pick<Operation, 'earlierKeySplit'>;

export async function judgeQuorum(
  parts: Pick<CoreParts, 'store' | 'self' | 'lacking'>,
  operation: Asks,
  credentials: readonly Credential[],
): Promise<JudgedQuorum | Refusal> {
  const split = keySplitFor(parts, operation);
  const object = split?.objectId == null ? undefined : parts.store.getObject(split.objectId);
  if (split === undefined || object === undefined)
    return refuse('CORE_SECURITY_NOT_FOUND', missingSplitText(splitSearch(parts)));
  const judged = await judgeCredentials(object.bytes, credentials);
  if (!isRefusal(judged)) return { ...judged, keySplitId: split.id };
  return refuse(judged.refused, judged.detail ?? missingSplitText(splitSearch(parts)));
}
