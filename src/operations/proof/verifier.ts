/** The verifier a name is asked for: the real one, or for a name without one a decoy that nothing tells apart (D6). */
import type { ProofRole } from '@openkma/protocol';
import type { StateView } from '../../core/state.ts';
import { decoyVerifier } from '../../security/decoy-verifier.ts';
import { readVerifier, type VerifierKeys } from '../../security/passphrase-verifier.ts';
import type { PrepareContext } from '../operation.ts';
import { type ProofEntity, proofEntity } from './entity.ts';

export interface AskedVerifier {
  /** Undefined where the name has no passphrase. */
  readonly entity: ProofEntity | undefined;
  readonly keys: VerifierKeys;
}

/** The decoy is made for every name, so that known and unknown ones take equally long. */
export function askedVerifier(
  role: ProofRole,
  name: string,
  { state, self, security }: PrepareContext,
): AskedVerifier {
  const decoy = decoyVerifier(decoySeed(state), role, name);
  const entity = proofEntity(state, self, role, name);
  const objectId = entity?.verifierObjectId ?? null;
  if (objectId === null) return { entity: undefined, keys: readVerifier(decoy) };
  return { entity, keys: readVerifier(security.readObject(objectId)) };
}

/** The hash of the CA's sealed key: random to everybody outside, the same in the whole cluster and after a restore. */
function decoySeed(state: StateView): string {
  const seed = state.get('certificate_authority', 'root')?.keyObjectSha256;
  // Anybody could compute decoys from a seed that is empty.
  if (seed == null || seed === '') throw new Error('there is no root CA key');
  return seed;
}
