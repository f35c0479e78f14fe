/** Names that people give in their languages, and names made to be taken for others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newName } from './new-name.ts';

const schema = newName('a name');
const refused = (name: string) => schema.safeParse(name).error?.issues[0]?.message ?? null;

test('names of all languages and the signs of ASCII are taken', () => {
  for (const name of [
    'drive-1',
    'a/b? c_d.e@f#[g]{h}',
    'Läufwerk',
    'Gruppe-Ä',
    'Łódź ñandú søren',
    'Việt Nam',
    'İstanbul ışık',
    'сервер-7',
    'site-Москва',
    'αποθήκη',
    'מחסן',
    'أرشيف',
    'कार्यालय',
    'น้ำ',
    'ສຳນັກ',
    '東京テープ1',
    'テープ-A',
    '서울',
    'თბილისი',
    'Երևան',
  ])
    assert.equal(refused(name), null, name);
});

test('a name is spelt in one way only', () => {
  assert.equal(schema.parse('Mu\u0308nchen'), 'M\u00fcnchen');
});

test('a word of several scripts is refused', () => {
  for (const name of ['\u043efficer', 'offi\u0441er', 'p\u03b1ris', 'сеr', 'site-\u0430b', 'a\u13a0'])
    assert.equal(refused(name), 'no word with letters of several scripts', name);
});

test('a word of another script that looks like a Latin one is refused', () => {
  for (const name of [
    '\u0441\u043e\u0440\u0430',
    'СЕРВЕР',
    'site-\u0410',
    'ΚΑΤΟ',
    '\u03bf',
    '\u0451',
    '\u0585\u0578',
  ])
    assert.equal(refused(name), 'no word of another script that could be taken for a Latin one', name);
});

test('letters in other forms, signs that look like those of ASCII, and other digits are refused', () => {
  for (const name of [
    '\uff4ffficer',
    'o\ufb03cer',
    '\u{1d428}fficer',
    'a\u00b2',
    'a\u2010b',
    'a\u2212b',
    'a\u2215b',
    'a\u2024b',
    'a\u00a0b',
    'a\u2003b',
    'a\u1680b',
    'a\u02bcb',
    'a\ua789b',
    'a\u01c3b',
    '\u0251bc',
    'drive-\u0661',
    'key\u{1f511}',
    'a\ufe0fb',
  ])
    assert.notEqual(refused(name), null, JSON.stringify(name));
});

test('marks that cannot all be seen, blanks in a row, and steps of a path are refused', () => {
  for (const name of ['o\u0338', 'e\u0301\u0301', 'a\u0300\u0301\u0302\u0303', 'a  b', '.', '..'])
    assert.notEqual(refused(name), null, JSON.stringify(name));
  assert.equal(refused('...'), null);
});
