/** Whether credentials of a quorum can be sealed in this window, as far as it is known before anybody types them. The KMA says what its core can open; it judges no credential. */
import { useSession } from '../shell/session.tsx';
import { sealingKey } from './sealing-key.ts';
import { useWatched } from './watched.ts';

export type Sealing = 'possible' | 'other window' | 'forgotten';

/** A KMA that is locked meanwhile forgets the key. */
const REFRESH_MS = 5_000;

/** Possible until the answer is there. */
export function useSealing(isAsked = true): Sealing {
  const { key } = useSession();
  const { data } = useWatched('showSession', {}, REFRESH_MS, isAsked);
  // Somebody may have logged in anew in another window meanwhile: the cookie is one for all.
  if (sealingKey(key) === null || (data !== undefined && data.key !== key)) return 'other window';
  return data?.opensSealed === false ? 'forgotten' : 'possible';
}
