/** The deterministic twin of making new root key material after a loss: what the core would have sealed follows from the seed. It opens nothing. */
import { idFrom } from '../src/core/ids.ts';
import { lifeOfNow } from '../src/core/life.ts';
import { livingKmas } from '../src/core/members.ts';
import { type SplitSearch, splitToRenew } from '../src/core/missing-split.ts';
import { refuse } from '../src/core/refusal.ts';
import type { NewRoot } from '../src/operations/contexts.ts';
import type { NewObject } from '../src/operations/operation.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';
import { newObject } from './tools.ts';

const EPOCHS_MAX = 1_000;

/** Every member has a member key. */
export function simulatedNewRoot(
  { state }: Store,
  search: SplitSearch,
  random: Random,
  exceptKmaId: string | null,
): NewRoot | ReturnType<typeof refuse> {
  const renewal = splitToRenew(search);
  if (renewal === undefined) return refuse('CORE_SECURITY_NOT_FOUND');
  const id = () => idFrom<string>(random.bytes(16));
  const [rootEpochId, masterEpochId, keySplitId] = [id(), id(), id()];
  const object = (about: Pick<NewObject, 'class' | 'kind' | 'owner'>): NewObject => ({
    ...newObject(random, about),
    epoch: rootEpochId,
  });
  const epochs = state.page('master_epoch', '', EPOCHS_MAX).map((epoch) => epoch.id);
  const lives = livingKmas(state)
    .filter((kma) => kma.id !== exceptKmaId)
    .flatMap((kma) => lifeOfNow(state, kma.id)?.id ?? []);
  return {
    ...{ rootEpochId, masterEpochId, keySplitId, ...renewal, without: [] },
    rootKeyMaterial: new SecretBytes(random.bytes(32)),
    split: object({ class: 'self-protected', kind: 'key-split', owner: keySplitId }),
    wraps: [...epochs, masterEpochId].map((epoch) => ({
      masterEpochId: epoch,
      object: object({ class: 'root-sealed', kind: 'master-key', owner: epoch }),
    })),
    copies: lives.map((incarnationId) => ({
      incarnationId,
      object: object({ class: 'self-protected', kind: 'root-copy', owner: incarnationId }),
    })),
  };
}
