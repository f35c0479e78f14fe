/** Which Argon2id costs a client believes, and that one passphrase typed in two ways is one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costObjection, PROOF_COST_CEILING, PROOF_COST_FLOOR, saltedPassword } from './proof-cost.ts';

test('floor and ceiling themselves are taken, one less and one more are not', () => {
  assert.equal(costObjection(PROOF_COST_FLOOR), null);
  assert.equal(costObjection(PROOF_COST_CEILING), null);
  for (const name of ['memoryKib', 'passes', 'lanes'] as const) {
    assert.match(costObjection({ ...PROOF_COST_FLOOR, [name]: PROOF_COST_FLOOR[name] - 1 }) ?? '', /below/);
    assert.match(
      costObjection({ ...PROOF_COST_CEILING, [name]: PROOF_COST_CEILING[name] + 1 }) ?? '',
      /above/,
    );
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, 19_456.5])
      assert.match(costObjection({ ...PROOF_COST_FLOOR, [name]: odd }) ?? '', /not whole/);
  }
});

test('a passphrase counts as its letters, whichever code points a keyboard made of them, and is left as it was', async () => {
  const salt = Buffer.alloc(16, 1);
  const [composed, decomposed] = [Buffer.from('Gr\u00fc\u00df'), Buffer.from('Gru\u0308\u00df')];
  const salted = await saltedPassword(composed, salt, PROOF_COST_FLOOR);
  assert.deepEqual(await saltedPassword(decomposed, salt, PROOF_COST_FLOOR), salted);
  assert.notDeepEqual(await saltedPassword(composed, Buffer.alloc(16, 2), PROOF_COST_FLOOR), salted);
  assert.equal(composed.toString(), 'Gr\u00fc\u00df');
});
