/** Holds the type of secrets: nothing prints or serialises it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { SecretBytes, wipeSecretsIn } from './secret-bytes.ts';

const TEXT = 'correct horse';
const secret = () => SecretBytes.fromText(TEXT);

test('shows [secret] however it is printed', () => {
  const printed = [
    String(secret()),
    `${secret()}`,
    inspect(secret(), { depth: 9, showHidden: true }),
    format('%s %o %O %j', secret(), secret(), secret(), secret()),
    JSON.stringify({ nested: [secret()] }),
    inspect(new Error('failed', { cause: { passphrase: secret() } }), { depth: 9 }),
  ];
  for (const text of printed) {
    assert.match(text, /\[secret\]/);
    assert.ok(!text.includes('correct') && !text.includes('63 6f 72'), text);
  }
});

test('has no enumerable or reachable field with the bytes', () => {
  assert.deepEqual(Reflect.ownKeys(secret()), []);
  assert.deepEqual({ ...secret() }, {});
});

test('reveals the bytes only when asked by name', () => {
  assert.equal(secret().reveal().toString('utf8'), TEXT);
  assert.equal(secret().length, TEXT.length);
});

test('takes over a part of a larger buffer and wipes only that part', () => {
  const whole = Buffer.from('..secret..');
  const part = new SecretBytes(whole.subarray(2, 8));
  assert.equal(part.reveal().toString(), 'secret');
  part.wipe();
  assert.deepEqual(part.reveal(), Buffer.alloc(6));
  assert.equal(whole.toString('latin1'), '..\0\0\0\0\0\0..');
});

test('the secrets among the fields of an input are wiped, and nothing else is touched', () => {
  const input = {
    name: 'ann',
    passphrase: SecretBytes.fromText('Reads-the-rules-2'),
    other: Buffer.from('x'),
  };
  wipeSecretsIn(input);
  assert.ok(input.passphrase.reveal().every((byte) => byte === 0));
  assert.deepEqual([input.name, input.other.toString()], ['ann', 'x']);
  for (const nothing of [null, undefined, 'text', 7]) wipeSecretsIn(nothing);
});
