/** Text is broken between words, with what stands before each line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenBetween, paragraph } from './paragraph.ts';

test('breaks between words where a line is full, and not before', () => {
  assert.deepEqual(paragraph('one two three', 7), ['one two', 'three']);
  assert.deepEqual(paragraph('one two three', 13), ['one two three']);
  assert.deepEqual(paragraph('', 7), ['']);
});

test('keeps what stands before in line with it', () => {
  assert.deepEqual(paragraph('one two three', 9, '- '), ['- one two', '  three']);
});

test('leaves a word whole that is longer than a line', () => {
  assert.deepEqual(paragraph('a /very/long/path b', 6), ['a', '/very/long/path', 'b']);
});

test('counts places: wide characters take two', () => {
  assert.deepEqual(paragraph('\u6f22\u5b57 ab', 6), ['\u6f22\u5b57', 'ab']);
});

test('words with blanks in them are not broken', () => {
  assert.deepEqual(brokenBetween(['kma', "--to 'a b'", '--user c'], 8, '', '  '), [
    'kma',
    "  --to 'a b'",
    '  --user c',
  ]);
});
