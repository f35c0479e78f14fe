/** Holds the shares of a secret, with one share and with all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretBytes } from './secret-bytes.ts';
import { combineShares, splitSecret } from './shares.ts';

const copy = (share: SecretBytes) => new SecretBytes(Buffer.from(share.reveal()));

test('gives the secret back from any threshold of the shares, in any order', async () => {
  const parameters = fc.integer({ min: 1, max: 10 }).chain((size) =>
    fc.integer({ min: 1, max: size }).chain((threshold) =>
      fc.record({
        threshold: fc.constant(threshold),
        size: fc.constant(size),
        secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        order: fc.shuffledSubarray(
          Array.from({ length: size }, (_, index) => index),
          { minLength: threshold },
        ),
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(parameters, async ({ threshold, size, secret, order }) => {
      const shares = await splitSecret(new SecretBytes(Uint8Array.from(secret)), size, threshold);
      assert.equal(shares.length, size);
      const given = order.flatMap((index) => shares[index] ?? []);
      const combined = await combineShares(given, threshold);
      assert.deepEqual(combined?.reveal(), Buffer.from(secret));
    }),
  );
});

test('gives nothing from too few shares or one share twice', async () => {
  const shares = await splitSecret(SecretBytes.fromText('s'.repeat(32)), 3, 2);
  const [first] = shares;
  assert.ok(first !== undefined);
  assert.equal(await combineShares([first], 2), null);
  assert.equal(await combineShares([first, copy(first)], 2), null);
});

test('gives a wrong secret from a wrong share without noticing: callers must check', async () => {
  const secret = 's'.repeat(32);
  const [first, second] = await splitSecret(SecretBytes.fromText(secret), 3, 2);
  assert.ok(first !== undefined && second !== undefined);
  second.reveal()[0] = (second.reveal()[0] ?? 0) ^ 1;
  const combined = await combineShares([first, second], 2);
  assert.notEqual(combined?.reveal().toString(), secret);
});
