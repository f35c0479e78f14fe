/** What somebody types of a quorum, for as long as it can be sealed in this window. It keeps nothing that can be sent no more. */
import { useState } from 'react';
import { useSealing } from '../api/can-seal.ts';
import type { Credential } from '../proof/sealed-credentials.ts';

export function useCredentials(areTaken: boolean) {
  const sealing = useSealing(areTaken);
  const [credentials, setCredentials] = useState<readonly Credential[]>([]);
  const cannotSeal = areTaken && sealing !== 'possible';
  if (cannotSeal && credentials.length > 0) setCredentials([]);
  return { credentials, setCredentials, cannotSeal };
}
