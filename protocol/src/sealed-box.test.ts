/** Boxes open with the right key for the right purpose, and with nothing else. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOX_KEY_BYTES, BOX_OVERHEAD_BYTES, openBox, sealBox, x25519PublicKey } from './sealed-box.ts';

const PRIVATE_KEY = randomBytes(BOX_KEY_BYTES);
const PUBLIC_KEY = x25519PublicKey(PRIVATE_KEY);
const PURPOSE = Buffer.from('this request');
const bytes = fc.uint8Array({ maxLength: 200 });

test('what was sealed is opened, whatever it is and whatever it is for', () => {
  fc.assert(
    fc.property(bytes, bytes, (plaintext, purpose) => {
      const box = sealBox(PUBLIC_KEY, purpose, plaintext);
      assert.equal(box.length, plaintext.length + BOX_OVERHEAD_BYTES);
      assert.deepEqual(openBox(PRIVATE_KEY, purpose, box), Buffer.from(plaintext));
    }),
  );
});

test('a box with any bit changed, cut or lengthened does not open', () => {
  const box = sealBox(PUBLIC_KEY, PURPOSE, Buffer.from('a secret'));
  fc.assert(
    fc.property(fc.nat(box.length * 8 - 1), (bit) => {
      const other = Buffer.from(box);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(openBox(PRIVATE_KEY, PURPOSE, other), null);
    }),
  );
  for (const length of [0, 1, BOX_OVERHEAD_BYTES - 1, box.length - 1])
    assert.equal(openBox(PRIVATE_KEY, PURPOSE, box.subarray(0, length)), null);
  assert.equal(openBox(PRIVATE_KEY, PURPOSE, Buffer.concat([box, Buffer.of(0)])), null);
});

test('a box opens with no other key and for no other purpose', () => {
  const box = sealBox(PUBLIC_KEY, PURPOSE, Buffer.from('a secret'));
  assert.equal(openBox(randomBytes(BOX_KEY_BYTES), PURPOSE, box), null);
  assert.equal(openBox(PRIVATE_KEY, Buffer.from('that request'), box), null);
});

test('a point of low order opens nothing', () => {
  const box = Buffer.concat([Buffer.of(1), Buffer.alloc(BOX_KEY_BYTES), Buffer.alloc(40)]);
  assert.equal(openBox(PRIVATE_KEY, PURPOSE, box), null);
});

test('no two boxes of the same are alike', () => {
  const boxes = [0, 1].map(() => sealBox(PUBLIC_KEY, PURPOSE, Buffer.from('a secret')).toString('hex'));
  assert.notEqual(boxes[0], boxes[1]);
});
