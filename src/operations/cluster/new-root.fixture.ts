/** For tests of operations: new root key material as the core would have made it. Its objects open nothing. */
import { randomBytes } from 'node:crypto';
import { idFrom } from '../../core/ids.ts';
import { currentKeySplit } from '../../core/key-split-standing.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { NewRoot } from '../contexts.ts';
import type { World } from '../world.fixture.ts';

export const WITHOUT_COPY = 'kma-9';

export function newRootOf(world: World): NewRoot | Refusal {
  const replaces = currentKeySplit(world.state);
  if (replaces === undefined) return refuse('CORE_SECURITY_NOT_FOUND');
  const [rootEpochId, masterEpochId, keySplitId] = [newId(), newId(), newId()];
  const object = (kind: string) => world.open(kind, randomBytes(8));
  return {
    ...{ rootEpochId, masterEpochId, keySplitId, replaces, splitLike: replaces },
    rootKeyMaterial: new SecretBytes(randomBytes(32)),
    split: object('key-split'),
    wraps: [{ masterEpochId, object: object('master-key') }],
    copies: [{ incarnationId: world.self.incarnationId, object: object('root-copy') }],
    without: [WITHOUT_COPY],
  };
}

const newId = () => idFrom<string>(randomBytes(16));
