/** The epochs of master keys, in the order of their beginning. It holds no key. */
import type { MasterEpochId } from './ids.ts';
import type { StateView } from './state.ts';

/** One for each KMA that was ever lost, so far below this. */
const EPOCHS_MAX = 1_000;

/** Null before QuickStart. */
export function firstMasterEpoch(state: Pick<StateView, 'page'>): MasterEpochId | null {
  const begun = state
    .page('master_epoch', '', EPOCHS_MAX)
    .filter(({ createdStamp }) => createdStamp !== null);
  const [first] = begun.sort((a, b) => (`${a.createdStamp}${a.id}` < `${b.createdStamp}${b.id}` ? -1 : 1));
  return (first?.id ?? null) as MasterEpochId | null;
}
