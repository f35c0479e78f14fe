/** What the fields of inputs accept, refuse and turn into. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SecretBytes } from '../security/secret-bytes.ts';
import {
  comment,
  dataUnitId,
  date,
  dateText,
  description,
  duration,
  durationText,
  keyId,
  limit,
  name,
  passphrase,
} from './fields.ts';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

test('a name is 1 to 64 characters', () => {
  assert.ok(accepts(name('x'), 'a'));
  assert.ok(accepts(name('x'), 'ä'.repeat(64)));
  assert.ok(!accepts(name('x'), ''));
  assert.ok(!accepts(name('x'), 'a'.repeat(65)));
});

test('characters are counted, not UTF-16 units', () => {
  assert.ok(accepts(name('x'), '🔑'.repeat(64)));
  assert.ok(!accepts(name('x'), '🔑'.repeat(65)));
});

test('a name is normalised to NFC, so that one name has one spelling', () => {
  assert.equal(name('x').parse('Mu\u0308nchen'), 'M\u00fcnchen');
});

test('a name has no control characters, direction marks, invisible characters or lone surrogates', () => {
  for (const bad of [
    'a\u0000b',
    'a\nb',
    'a\u007fb',
    'a\u202eb',
    'a\u200bb',
    'a\u2066b',
    '\ufeffa',
    'a\ud800b',
    'a\u00adb',
  ])
    assert.ok(!accepts(name('x'), bad), JSON.stringify(bad));
});

test('a name has no blanks at its ends but may have them inside', () => {
  assert.ok(accepts(name('x'), 'hall 2'));
  for (const bad of [' a', 'a ', '\u00a0a', 'a\u3000'])
    assert.ok(!accepts(name('x'), bad), JSON.stringify(bad));
});

test('a description may be empty and has at most 64 characters', () => {
  assert.ok(accepts(description(), ''));
  assert.ok(!accepts(description(), 'a'.repeat(65)));
});

test('a comment has to say something, in at most 8192 characters', () => {
  assert.ok(!accepts(comment(), ''));
  assert.ok(accepts(comment(), 'a'.repeat(8192)));
  assert.ok(!accepts(comment(), 'a'.repeat(8193)));
});

test('a passphrase becomes a secret that does not print itself', () => {
  const secret = passphrase('x').parse('correct horse');
  assert.ok(secret instanceof SecretBytes);
  assert.equal(secret.reveal().toString(), 'correct horse');
  assert.ok(!JSON.stringify({ secret }).includes('horse'));
  assert.ok(!accepts(passphrase('x'), ''));
  assert.ok(!accepts(passphrase('x'), 'a'.repeat(257)));
});

test('identifiers are hex of the right length and become upper case', () => {
  assert.equal(dataUnitId().parse('0a'.repeat(16)), '0A'.repeat(16));
  assert.equal(keyId().parse('0a'.repeat(30)), '0A'.repeat(30));
  for (const bad of ['', '0a', '0g'.repeat(16), ` ${'0a'.repeat(16)}`, `${'0a'.repeat(16)}\n`])
    assert.ok(!accepts(dataUnitId(), bad), bad);
});

test('a page has 1 to 1000 rows', () => {
  assert.ok(accepts(limit(), 1000));
  for (const bad of [0, 1001, 1.5, '10']) assert.ok(!accepts(limit(), bad));
});

test('a duration becomes seconds', () => {
  const seconds = {
    '30s': 30,
    '5min': 300,
    '2h': 7200,
    '90d': 7_776_000,
    '1w': 604_800,
    '6m': 15_552_000,
    '2y': 63_072_000,
  };
  for (const [text, expected] of Object.entries(seconds)) assert.equal(duration('x').parse(text), expected);
  for (const bad of ['0d', '-1d', '1.5d', '90', 'd', '90 d', '90D', '12345678d'])
    assert.ok(!accepts(duration('x'), bad), bad);
});

test('seconds as text are read back as the same seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999_999 }), (seconds) => {
      assert.equal(duration('x').parse(durationText(seconds)), seconds);
    }),
  );
});

test('a date needs its zone and is read back from its text', () => {
  assert.equal(date('x').parse('2026-11-23T01:00:00+01:00'), Date.UTC(2026, 10, 23));
  assert.ok(!accepts(date('x'), '2026-11-23'));
  assert.equal(date('x').parse(dateText(1234)), 1234);
  assert.equal(dateText(null), '');
});
