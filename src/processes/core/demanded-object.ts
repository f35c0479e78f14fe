/** Whether a sealed object from elsewhere is the one that a row names: it is stored once and for good, and under another kind, owner or epoch it would never open. It opens nothing. */
import { firstMasterEpoch } from '../../core/master-epochs.ts';
import type { ObjectForm } from '../../core/named-objects.ts';
import type { StateView } from '../../core/state.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { epochInside, sha256Hex } from '../../security/sealing.ts';

export function isDemanded(
  object: SealedObject,
  form: ObjectForm,
  sha256: string,
  state: Pick<StateView, 'page'>,
): boolean {
  return (
    sha256Hex(object.bytes) === sha256 &&
    object.class === form.class &&
    object.kind === form.kind &&
    (form.owner === null || object.owner === form.owner) &&
    object.epoch === (form.epoch ?? epochInside(object.bytes) ?? firstMasterEpoch(state))
  );
}
