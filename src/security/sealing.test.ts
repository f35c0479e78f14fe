/** Holds sealed objects to their name, kind, owner and epoch, byte by byte. */
import assert from 'node:assert/strict';
import { createDecipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  deriveKey,
  epochInside,
  openSealedObject,
  SealError,
  sealObject,
  sealObjectWithEpoch,
  sha256Hex,
} from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';

const newKey = () => new SecretBytes(randomBytes(32));
const META = { id: 'A'.repeat(32), kind: 'key', owner: 'B'.repeat(32), epoch: 'C'.repeat(32) };
const masterKey = newKey();
const plaintext = SecretBytes.fromText('thirty-two bytes of key material');
const sealed = sealObject(masterKey, META, plaintext);
const refuses = (open: () => unknown) => assert.throws(open, SealError);

test('opens what it sealed, whatever the bytes and the meta', () => {
  const text = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      text,
      text,
      text,
      text,
      (bytes, id, kind, owner, epoch) => {
        const meta = { id, kind, owner, epoch };
        const object = sealObject(masterKey, meta, new SecretBytes(Uint8Array.from(bytes)));
        assert.deepEqual(openSealedObject(masterKey, meta, object).reveal(), Buffer.from(bytes));
      },
    ),
  );
});

test('refuses an object with any bit changed, cut or lengthened', () => {
  for (let index = 0; index < sealed.length; index += 1) {
    for (const bit of [0x01, 0x80]) {
      const damaged = Buffer.from(sealed);
      damaged[index] = (damaged[index] ?? 0) ^ bit;
      refuses(() => openSealedObject(masterKey, META, damaged));
    }
    refuses(() => openSealedObject(masterKey, META, sealed.subarray(0, index)));
  }
  refuses(() => openSealedObject(masterKey, META, Buffer.concat([sealed, Buffer.alloc(1)])));
});

test('refuses an object in place of another: every field of the meta is bound', () => {
  for (const field of ['id', 'kind', 'owner', 'epoch'] as const)
    refuses(() => openSealedObject(masterKey, { ...META, [field]: 'other' }, sealed));
  const shifted = { ...META, kind: `${META.kind}${META.owner}`, owner: '' };
  refuses(() => openSealedObject(masterKey, shifted, sealed));
});

test('an object with its epoch inside opens under that epoch alone, and no bit of it can be changed', () => {
  const withEpoch = sealObjectWithEpoch(masterKey, META, plaintext);
  assert.deepEqual([epochInside(withEpoch), epochInside(sealed)], [META.epoch, null]);
  assert.deepEqual(openSealedObject(masterKey, META, withEpoch).reveal(), plaintext.reveal());
  refuses(() => openSealedObject(masterKey, { ...META, epoch: 'D'.repeat(32) }, withEpoch));
  for (let index = 0; index < withEpoch.length; index += 1) {
    const damaged = Buffer.from(withEpoch);
    damaged[index] = (damaged[index] ?? 0) ^ 0x01;
    refuses(() => openSealedObject(masterKey, META, damaged));
    refuses(() => openSealedObject(masterKey, META, withEpoch.subarray(0, index)));
  }
  assert.throws(() => sealObjectWithEpoch(masterKey, { ...META, epoch: 'short' }, plaintext), /16 bytes/);
});

test('refuses another master key, and a key that is none', () => {
  refuses(() => openSealedObject(newKey(), META, sealed));
  refuses(() => openSealedObject(new SecretBytes(randomBytes(16)), META, sealed));
  assert.throws(() => sealObject(new SecretBytes(randomBytes(16)), META, plaintext), /32 bytes/);
});

test('seals the same plaintext differently each time, and never in the clear', () => {
  assert.notDeepEqual(sealObject(masterKey, META, plaintext), sealed);
  assert.ok(!Buffer.from(sealed).includes('key material'));
});

test('says nothing about the object when it refuses', () => {
  assert.throws(
    () => openSealedObject(newKey(), META, sealed),
    (error: Error) => !error.message.includes(META.id) && error.cause === undefined,
  );
});

test('derives by HKDF-SHA256 as RFC 5869 test case 3 has it, and another key for another label', () => {
  const root = new SecretBytes(Buffer.alloc(22, 0x0b));
  const expected = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d';
  assert.equal(deriveKey(root, '').reveal().toString('hex'), expected);
  assert.notEqual(deriveKey(root, 'a').reveal().toString('hex'), expected);
});

test('the key of every object is what HKDF makes of its master key and its ID', () => {
  for (const id of [META.id, '', 'another']) {
    for (const key of [masterKey, newKey()]) {
      const meta = { ...META, id };
      const object = sealObject(key, meta, plaintext);
      const own = deriveKey(key, `openkma sealed object ${id}`).reveal();
      const decipher = createDecipheriv('aes-256-gcm', own, object.subarray(1, 13), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(JSON.stringify([id, meta.kind, meta.owner, meta.epoch, 1])));
      decipher.setAuthTag(object.subarray(-16));
      const opened = Buffer.concat([decipher.update(object.subarray(13, -16)), decipher.final()]);
      assert.deepEqual(opened, plaintext.reveal());
    }
  }
});

test('writes SHA-256 in upper case', () => {
  const expected = 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD';
  assert.equal(sha256Hex(Buffer.from('abc')), expected);
});
