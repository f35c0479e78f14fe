/** Judges the credentials of a quorum by the current key split; a failure never tells which name or passphrase was wrong. */
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Credential } from '../../operations/operation.ts';
import { type JudgedCredentials, judgeCredentials } from '../../security/key-split.ts';
import type { Store } from '../../store/store.ts';

export interface JudgedQuorum extends JudgedCredentials {
  readonly keySplitId: string;
}

export async function judgeQuorum(
  store: Store,
  credentials: readonly Credential[],
): Promise<JudgedQuorum | Refusal> {
  const keySplitId = readSetting(store.state, 'currentKeySplitId');
  const objectId = keySplitId === null ? null : (store.state.get('key_split', keySplitId)?.objectId ?? null);
  const object = objectId === null ? undefined : store.getObject(objectId);
  if (keySplitId === null || object === undefined)
    return refuse(
      'CORE_SECURITY_NOT_FOUND',
      objectId === null ? undefined : 'the key split is on its way here',
    );
  const judged = await judgeCredentials(object.bytes, credentials);
  return isRefusal(judged) ? judged : { ...judged, keySplitId };
}
