/** Judges the credentials of a quorum by the current key split, where an operation asks for it by the one before while that is missing; a failure never tells which name or passphrase was wrong. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Credential, Operation } from '../../operations/operation.ts';
import { keySplitFor } from '../../operations/pending/quorum-outcome.ts';
import { type JudgedCredentials, judgeCredentials } from '../../security/key-split.ts';
import type { Store } from '../../store/store.ts';

export interface JudgedQuorum extends JudgedCredentials {
  readonly keySplitId: string;
}

type Asks = Pick<Operation, 'earlierKeySplit'>;

export async function judgeQuorum(
  store: Store,
  operation: Asks,
  credentials: readonly Credential[],
): Promise<JudgedQuorum | Refusal> {
  const split = keySplitFor(store, operation);
  const object = split?.objectId == null ? undefined : store.getObject(split.objectId);
  if (split === undefined || object === undefined)
    return refuse(
      'CORE_SECURITY_NOT_FOUND',
      split?.objectId == null ? undefined : 'the key split is on its way here',
    );
  const judged = await judgeCredentials(object.bytes, credentials);
  return isRefusal(judged) ? judged : { ...judged, keySplitId: split.id };
}
