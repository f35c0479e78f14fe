/** Holds the passphrase rules of the product reference, 10.2. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPassphraseRules, passphraseRules } from './passphrase-rules.ts';

const detailOf = (passphrase: string, name = 'alice', minimum?: number) => {
  const refusal = checkPassphraseRules(passphrase, name, minimum);
  if (refusal !== null) assert.equal(refusal.refused, 'INVALID_PASSPHRASE');
  return refusal?.detail ?? null;
};

test('accepts 8 to 64 characters of three classes', () => {
  for (const passphrase of [
    'Abcdef12',
    'abcdef1!',
    'ABCDEF1!',
    'Abcdefg!',
    `Ab1${'x'.repeat(61)}`,
    'p\u00e4ssW\u00f6rd9',
    'Aa1~!@#$%^&*()-_=+[]{}\\|;:\'"<>,./?',
  ])
    assert.equal(detailOf(passphrase), null, passphrase);
});

test('refuses fewer than the minimum, which can be raised, and more than 64 characters', () => {
  assert.equal(detailOf('Abcde12'), 'at least 8 characters');
  assert.equal(detailOf('Abcdef12', 'alice', 12), 'at least 12 characters');
  assert.equal(detailOf('Abcdefghij12', 'alice', 12), null);
  assert.equal(detailOf(`Ab1${'x'.repeat(62)}`), 'at most 64 characters');
});

test('counts a composed letter once, however it was typed', () => {
  assert.equal(detailOf('A1a\u0308o\u0308u\u0308xy'), 'at least 8 characters');
});

test('refuses fewer than three of the four classes', () => {
  for (const passphrase of ['abcdefgh', 'ABCDefgh', 'abcd1234', '12345678!', 'abc!defg'])
    assert.match(detailOf(passphrase) ?? '', /^at least three/, passphrase);
});

test('refuses blanks, backticks, control characters and symbols outside the list', () => {
  for (const passphrase of [
    'Abcdef 12',
    'Abcdef`12',
    'Abcdef\u000012',
    'Abcdef12\n',
    'Abcdef12\u20ac',
    'Abcdef12\u{1f600}',
  ])
    assert.match(detailOf(passphrase) ?? '', /^only letters/, JSON.stringify(passphrase));
});

test('refuses the name inside, in any case, and knows no name where there is none', () => {
  assert.equal(detailOf('xxALICE-12'), 'must not contain the name');
  assert.equal(detailOf('Alice-Al-12', 'Alice-Al'), 'must not contain the name');
  assert.equal(detailOf('Abcdef12', ''), null);
});

test('lists each rule as kept or not while a passphrase grows', () => {
  const kept = (passphrase: string) => passphraseRules(passphrase, 'alice').map((rule) => rule.kept);
  assert.deepEqual(kept(''), [false, true, true, false, true]);
  assert.deepEqual(kept('Ab 1'), [false, true, false, true, true]);
  assert.deepEqual(kept('Alice-12'), [true, true, true, true, false]);
  assert.deepEqual(kept('Abcdef12'), [true, true, true, true, true]);
  assert.deepEqual(kept('x'.repeat(65)), [true, false, true, false, true]);
});

test('never repeats the passphrase', () => {
  for (const passphrase of ['Zq7', 'Zq7alice!!', 'Zq7`Zq7`Zq7', 'zqzqzqzq'])
    assert.ok(!/zq/i.test(detailOf(passphrase) ?? 'zq'), passphrase);
});
