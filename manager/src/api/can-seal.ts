/** Whether credentials of a quorum can be sealed in this window, as far as it is known before anybody types them. The KMA says what its core can open; it judges no credential. */
import { sealingKey } from './sealing-key.ts';
import { useWatched } from './watched.ts';

export type Sealing = 'possible' | 'other window' | 'forgotten';

/** A KMA that is locked meanwhile forgets the key. */
const REFRESH_MS = 5_000;

/** Possible until the answer is there. */
export function useSealing(): Sealing {
  const { data } = useWatched('showSession', {}, REFRESH_MS);
  if (sealingKey() === null) return 'other window';
  return data?.opensSealed === false ? 'forgotten' : 'possible';
}
