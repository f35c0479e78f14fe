/** Operations on the key pool: the appliance fills it, a Backup Operator sets its size, an almost empty one is recorded. */
import { z } from 'zod';
import { created, type Fact } from '../core/facts.ts';
import { KEY_ID_RANDOM_BYTES, type KeyId, keyIdFrom } from '../core/ids.ts';
import { refuse } from '../core/refusal.ts';
import { readSetting, SETTINGS, settingFact } from '../core/settings.ts';
import { sha256Hex } from '../security/sealing.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { type NewObject, operation } from './operation.ts';
import { success, warning } from './success.ts';

const KEY_BYTES = 32;
/** One commit, which agents wait for. */
const KEYS_OF_ONE_FILLING_MAX = 500;

interface SealedKey {
  readonly keyId: KeyId;
  readonly object: NewObject;
}

export const fillKeyPool = operation({
  name: 'FillKeyPool',
  summary: 'Makes keys ahead, sealed under the master key.',
  callers: 'local',
  quorum: false,
  needsUnlocked: true,
  changes: true,
  audit: { class: 'Key Pool', retention: 'short' },
  input: z.strictObject({ count: z.int().min(1).max(KEYS_OF_ONE_FILLING_MAX) }),
  output: z.strictObject({ made: z.number() }),
  async prepare({ count }, { random, security }) {
    return Array.from({ length: count }, (): SealedKey => {
      const keyId = keyIdFrom(random(KEY_ID_RANDOM_BYTES));
      const plaintext = new SecretBytes(random(KEY_BYTES));
      const object = security.seal({ kind: 'key', owner: keyId, plaintext });
      plaintext.wipe();
      return { keyId, object };
    });
  },
  decide(_input, { state, self, nowMs, nextSeq }, keys: readonly SealedKey[]) {
    // A KMA was lost meanwhile: what it may open nobody is to get.
    const epoch = readSetting(state, 'currentMasterEpochId');
    if (keys.some(({ object }) => object.epoch !== epoch))
      return refuse('SERVER_BUSY', 'the master key has changed meanwhile');
    const facts = keys.map(({ keyId, object }): Fact => {
      if (state.get('key', keyId) !== undefined) throw new Error('two keys would share an ID');
      return created('key', keyId, {
        objectId: object.id,
        objectSha256: sha256Hex(object.bytes),
        incarnationId: self.incarnationId,
        madeSeq: nextSeq,
        createdAt: nowMs,
      });
    });
    const objects = keys.map(({ object }) => object);
    return { facts, objects, output: { made: keys.length }, audit: success(`keys=${keys.length}`) };
  },
});

export const modifyKeyPoolSize = operation({
  name: 'ModifyKeyPoolSize',
  http: { method: 'PUT', path: '/v1/key-pool-size' },
  summary: 'Sets how many keys each KMA makes ahead.',
  callers: ['BACKUP_OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Backup Operator', retention: 'medium' },
  input: z.strictObject({
    size: z
      .int()
      .min(SETTINGS.keyPoolSize.minimum)
      .max(SETTINGS.keyPoolSize.maximum)
      .meta({ description: 'keys at each KMA, 1000 to 200000: so many must last while it is cut off' }),
  }),
  output: z.null(),
  command: {
    words: ['pool', 'resize'],
    arguments: ['size'],
    example: 'kma pool resize 5000 --user backup-operator',
  },
  decide: ({ size }) => ({
    facts: [settingFact('keyPoolSize', size)],
    output: null,
    audit: success(`size=${size}`),
    effects: [{ effect: 'pool-changed' }],
  }),
});

export const noteLowKeyPool = operation({
  name: 'NoteLowKeyPool',
  summary: 'Records that little of the key pool is Ready.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Key Pool', retention: 'medium' },
  input: z.strictObject({ ready: z.int().min(0), size: z.int().min(0) }),
  output: z.null(),
  decide: ({ ready, size }) => ({
    facts: [],
    output: null,
    audit: warning('Key pool is low', `ready=${ready} size=${size} mend="kma backup --to DIR"`),
  }),
});

export const keyPoolOperations = [fillKeyPool, modifyKeyPoolSize, noteLowKeyPool];
