/** Opens the current key split with the credentials of a quorum; a failure never tells which name or passphrase was wrong. */

import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { Credential } from '../../operations/operation.ts';
import { openKeySplit } from '../../security/key-split.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { Store } from '../../store/store.ts';

export interface OpenedQuorum {
  readonly rootKeyMaterial: SecretBytes;
  readonly keySplitId: string;
}

export async function openQuorum(
  store: Store,
  credentials: readonly Credential[],
): Promise<OpenedQuorum | Refusal> {
  const keySplitId = readSetting(store.state, 'currentKeySplitId');
  const objectId = keySplitId === null ? null : (store.state.get('key_split', keySplitId)?.objectId ?? null);
  const object = objectId === null ? undefined : store.getObject(objectId);
  if (keySplitId === null || object === undefined) return refuse('CORE_SECURITY_NOT_FOUND');
  const opened = await openKeySplit(object.bytes, credentials);
  return isRefusal(opened) ? opened : { rootKeyMaterial: opened, keySplitId };
}

/** Opening takes seconds; a key split changed meanwhile voids it. */
export function isCurrent(store: Store, quorum: OpenedQuorum): boolean {
  return readSetting(store.state, 'currentKeySplitId') === quorum.keySplitId;
}
