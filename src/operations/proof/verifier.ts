/** The verifier a name is asked for: the real one, or for a name without one a decoy that nothing tells apart (D6). */
import type { ProofRole } from '@openkma/protocol';
import type { ObjectId } from '../../core/ids.ts';
import type { StateView } from '../../core/state.ts';
import { decoyVerifier } from '../../security/decoy-verifier.ts';
import { readVerifier, type VerifierKeys } from '../../security/passphrase-verifier.ts';
import type { PrepareContext } from '../contexts.ts';
import { type ProofEntity, proofEntity } from './entity.ts';

export interface AskedVerifier {
  /** Undefined where the name has no passphrase. */
  readonly entity: ProofEntity | undefined;
  readonly keys: VerifierKeys;
}

/** A decoy is made and an object read for every name, so that known and unknown ones take equally long. */
export function askedVerifier(
  role: ProofRole,
  name: string,
  { state, security }: PrepareContext,
): AskedVerifier {
  const { seed, keyObjectId } = rootKey(state);
  const decoy = decoyVerifier(seed, role, name);
  const entity = proofEntity(state, role, name);
  const objectId = entity?.verifierObjectId ?? null;
  const bytes = security.readObject(objectId ?? keyObjectId);
  return objectId === null
    ? { entity: undefined, keys: readVerifier(decoy) }
    : { entity, keys: readVerifier(bytes) };
}

/**
 * The CA's sealed key, an object that every KMA has. The seed of decoys is its hash: random to everybody outside, the same in
 * the whole cluster and after a restore.
 */
function rootKey(state: StateView): { readonly seed: string; readonly keyObjectId: ObjectId } {
  const root = state.get('certificate_authority', 'root');
  // Anybody could compute decoys from a seed that is empty.
  if (root?.keyObjectSha256 == null || root.keyObjectSha256 === '' || root.keyObjectId === null)
    throw new Error('there is no root CA key');
  return { seed: root.keyObjectSha256, keyObjectId: root.keyObjectId };
}
