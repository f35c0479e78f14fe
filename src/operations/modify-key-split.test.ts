/** A new key split: other people, the same root key material. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../core/refusal.ts';
import { openKeySplit } from '../security/key-split.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { showKeySplit } from './core-security.ts';
import { modifyKeySplit } from './modify-key-split.ts';
import { World } from './world.fixture.ts';

const ROOT = Buffer.alloc(32, 7);
const root = () => new SecretBytes(Buffer.from(ROOT));
const holder = (name: string, passphrase = 'Split-again-7') => ({
  name,
  passphrase: SecretBytes.fromText(passphrase),
  new: true as const,
});

test('the new credentials open the root key material that the old ones opened', async () => {
  const world = new World();
  const old = world.state.get('key_split', world.keySplitId)?.objectId ?? '';
  const newCredentials = [holder('dora'), holder('emil')];
  await world.did(modifyKeySplit, { threshold: 2 }, { rootKeyMaterial: root(), newCredentials });
  const { createdAt: _, ...shown } = (await world.did(showKeySplit, {})).output;
  assert.deepEqual(shown, { threshold: 2, size: 2, names: ['dora', 'emil'] });
  const object = [...world.objects.values()].find(({ kind, id }) => kind === 'key-split' && id !== old);
  const opened = await openKeySplit(object?.bytes ?? Buffer.of(), newCredentials);
  assert.ok(!isRefusal(opened));
  assert.deepEqual(opened.reveal(), ROOT);
  assert.ok(!world.objects.has(old), 'the old credentials open nothing here any more');
});

test('it is refused without a quorum, and with credentials that make no sound split', async () => {
  const refusals: readonly (readonly [string, number, ReturnType<typeof holder>[]])[] = [
    ['INVALID_PARAMETERS', 1, []],
    ['INVALID_PARAMETERS', 3, [holder('dora'), holder('emil')]],
    ['INVALID_PARAMETERS', 1, [holder('dora'), holder('dora')]],
    ['INVALID_PARAMETERS', 1, [holder('J\u00f6rg'), holder('Jo\u0308rg')]],
    ['INVALID_PARAMETERS', 1, [holder(' dora')]],
    ['INVALID_PARAMETERS', 1, [...'abcdefghijk'].map((name) => holder(name))],
    ['INVALID_PASSPHRASE', 1, [holder('dora', 'short')]],
    ['INVALID_PASSPHRASE', 1, [holder('dora', 'Dora-is-here-1')]],
  ];
  const world = new World();
  for (const [code, threshold, newCredentials] of refusals)
    assert.equal(
      await world.refusal(modifyKeySplit, { threshold }, { rootKeyMaterial: root(), newCredentials }),
      code,
    );
  const newCredentials = [holder('dora')];
  assert.equal(await world.refusal(modifyKeySplit, { threshold: 1 }, { newCredentials }), 'QUORUM_NOT_MET');
});
