/** What a core does once at its start with the store that it finds: settles a life that is new, and unlocks itself where it may. It opens no store. */
import {
  autonomousUnlockEnabled,
  disableAutonomousUnlock,
  openAutonomously,
} from '../../setup/autonomous-unlock-files.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { kmaTimeMs } from '../../store/kma-time.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';
import type { CoreMemory } from './memory.ts';
import { epochOfRoot } from './root-tools.ts';

/** A local row: the life for which that was done, and is kept up to date since. A copy has none. */
const LIFE_SETTLED = 'lifeSettled';

export function isLifeSettled(store: Store, incarnationId: string): boolean {
  return store.getLocal(LIFE_SETTLED) === incarnationId;
}

/** Once in a life, which may have begun from a copy: what it lacks, what its keys are sealed under, and what was destroyed before it. */
export function settleLife(store: Store, incarnationId: string): void {
  store.transaction(() => {
    store.missing.findAll(store.state, kmaTimeMs(store));
    store.keyEpochs.findAll();
    store.erasures.addOfBefore(incarnationId);
    store.setLocal(LIFE_SETTLED, incarnationId);
  });
}

/** A KMA that an officer has locked stays locked until a quorum unlocks it, through restarts and crashes. */
export function unlockAtStart(directory: DataDirectory, store: Store, memory: CoreMemory): void {
  const autonomousOff = store.getLocal('autonomousUnlock') === '0';
  if (autonomousOff && autonomousUnlockEnabled(directory)) disableAutonomousUnlock(directory);
  const rootKeyMaterial = store.getLocal('locked') === '1' ? null : openAutonomously(directory);
  if (rootKeyMaterial === null) return;
  const rootEpochId = epochOfRoot(store, rootKeyMaterial);
  if (rootEpochId !== null) memory.unlock({ rootEpochId, rootKeyMaterial });
  else logFailure('what it opens with fits no root key material of this cluster', 'autonomous unlocking');
  rootKeyMaterial.wipe();
}
