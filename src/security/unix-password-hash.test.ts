/** The hash of crypt(5): a published one, and the system's own crypt accepts ours. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { SecretBytes } from './secret-bytes.ts';
import { hashed, UNIX_SALT_BYTES, unixPasswordHash } from './unix-password-hash.ts';

test('gives the hash that is published for a password and a salt', async () => {
  assert.equal(
    await hashed(SecretBytes.fromText('pleaseletmein'), 'SodiumChloride'),
    '$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D',
  );
});

test('the crypt of this system computes the same of a random salt', async () => {
  const hash = await unixPasswordHash(
    SecretBytes.fromText('Tall-Ships-7-sail'),
    Buffer.alloc(UNIX_SALT_BYTES, 0xa7),
  );
  const crypted = execFileSync('perl', ['-e', 'print crypt("Tall-Ships-7-sail", $ARGV[0])', hash]).toString();
  assert.equal(crypted, hash);
});
