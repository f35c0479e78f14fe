/** What keys make of a line and of a passphrase; a passphrase is shown as stars only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Keypress, type LineEntry, PassphraseEntry, TextEntry } from './line-entry.ts';

const key = (name: string, ctrl = false): Keypress => ({ character: undefined, name, ctrl, meta: false });
const LEFT = key('left');
const RUBOUT = key('backspace');

function press(entry: LineEntry, ...keys: (string | Keypress)[]): void {
  for (const pressed of keys)
    if (typeof pressed === 'string')
      for (const character of pressed) entry.press({ character, name: undefined, ctrl: false, meta: false });
    else entry.press(pressed);
}

function typed(...keys: (string | Keypress)[]): string {
  const entry = new TextEntry();
  press(entry, ...keys);
  return entry.take();
}

test('a line can be edited within', () => {
  assert.equal(typed('kma-1'), 'kma-1');
  assert.equal(typed('kma-1', RUBOUT, '2'), 'kma-2');
  assert.equal(typed('kma1', LEFT, '-'), 'kma-1');
  assert.equal(typed('ma', key('home'), 'k', key('end'), '!'), 'kma!');
  assert.equal(typed('xkma', key('a', true), key('delete'), key('e', true), '1'), 'kma1');
  assert.equal(typed('nonsense', key('u', true), 'kma'), 'kma');
  assert.equal(typed(LEFT, RUBOUT, key('right'), key('delete'), 'a'), 'a', 'nothing is before or behind');
});

test('what is no character is left out', () => {
  const escapeKey = { character: '\u001b', name: 'escape', ctrl: false, meta: true };
  const altX = { character: 'x', name: 'x', ctrl: false, meta: true };
  assert.equal(typed('a', escapeKey, altX, key('up'), key('tab'), '\t\u0000', 'b'), 'ab');
});

test('the view says where the cursor is', () => {
  const entry = new TextEntry();
  press(entry, 'abc', LEFT, LEFT);
  assert.deepEqual(entry.view(), { text: 'abc', behind: 2 });
});

test('a passphrase is shown as stars, whole characters are rubbed out, and the arrows do nothing', () => {
  const entry = new PassphraseEntry();
  press(entry, 'a\u00e4\u{1d11e}b', LEFT);
  assert.deepEqual(entry.view(), { text: '****', behind: 0 });
  press(entry, RUBOUT, RUBOUT);
  assert.equal(entry.reveal(), 'a\u00e4');
  press(entry, RUBOUT, RUBOUT, RUBOUT);
  assert.equal(entry.reveal(), '');
  press(entry, 'again', key('u', true), 'x');
  assert.equal(entry.reveal(), 'x');
});

test('a passphrase is handed over once, and does not grow without end', () => {
  const entry = new PassphraseEntry();
  press(entry, 'Qzv7*jkwXq');
  assert.equal(entry.take().reveal().toString(), 'Qzv7*jkwXq');
  assert.equal(entry.take().length, 0);
  press(entry, '\u00e4'.repeat(2000));
  assert.equal([...entry.reveal()].length, 512);
});
