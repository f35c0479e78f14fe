/** The verifier that a name without one seems to have (D6): always the same for one name, and never anybody's passphrase. */
import { createHmac } from 'node:crypto';
import type { ProofRole } from '@openkma/protocol';
import { inventVerifier } from './passphrase-verifier.ts';

/**
 * `seed` is whatever the cluster keeps for good, restores with its backups and tells nobody outside. Who reads it reads the
 * store, and there the names themselves.
 */
export function decoyVerifier(seed: string, role: ProofRole, entityId: string): Uint8Array {
  let part = 0;
  return inventVerifier((length) => {
    part += 1;
    return createHmac('sha256', seed)
      .update(JSON.stringify(['openkma decoy', role, entityId, part]))
      .digest()
      .subarray(0, length);
  });
}
