/** What a list knows of its pages while somebody scrolls and rows come and go beneath. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEGINNING, countOf, hasMore, learned, type PageMap, pagesOf } from './page-map.ts';

const starts = (map: PageMap, first: number, last: number) =>
  pagesOf(map, first, last).map(({ after, start }) => [after, start]);

/** Three pages of 200, 200 and 50 rows. */
const whole = learned(learned(learned(BEGINNING, null, 200, 'a'), 'a', 200, 'b'), 'b', 50, null);

test('a list is known page by page until one names no next', () => {
  assert.ok(hasMore(BEGINNING));
  assert.equal(countOf(BEGINNING), 0);
  const first = learned(BEGINNING, null, 200, 'a');
  assert.deepEqual([countOf(first), hasMore(first)], [200, true]);
  assert.deepEqual([countOf(whole), hasMore(whole)], [450, false]);
  assert.deepEqual(
    [countOf(learned(BEGINNING, null, 0, null)), hasMore(learned(BEGINNING, null, 0, null))],
    [0, false],
  );
});

test('rows are found on the pages that hold them, and the end leads to the page that is not answered yet', () => {
  assert.deepEqual(starts(BEGINNING, 0, 0), [[null, 0]]);
  const two = learned(learned(BEGINNING, null, 200, 'a'), 'a', 200, 'b');
  assert.deepEqual(starts(two, 0, 199), [[null, 0]]);
  assert.deepEqual(starts(two, 199, 200), [
    [null, 0],
    ['a', 200],
  ]);
  assert.deepEqual(starts(two, 390, 399), [['a', 200]]);
  assert.deepEqual(starts(two, 390, 400), [
    ['a', 200],
    ['b', 400],
  ]);
  assert.deepEqual(starts(whole, 449, 1_000), [['b', 400]]);
});

test('the same answer once more changes nothing, not even the identity of what is known', () => {
  assert.equal(learned(whole, null, 200, 'a'), whole);
  assert.equal(learned(whole, 'b', 50, null), whole);
});

test('a page that goes on elsewhere than before has later ones forgotten', () => {
  const changed = learned(whole, null, 200, 'c');
  assert.deepEqual(changed, [
    { after: null, rows: 200 },
    { after: 'c', rows: null },
  ]);
  // An answer of a page that is not known any more is late.
  assert.equal(learned(changed, 'b', 50, null), changed);
});

test('a page with fewer rows that goes on where it did moves the later ones up', () => {
  const fewer = learned(whole, 'a', 198, 'b');
  assert.deepEqual(starts(fewer, 398, 398), [['b', 398]]);
  assert.equal(countOf(fewer), 448);
});

test('a list that grows at its end has more again, and one that is cut ends earlier', () => {
  const grown = learned(whole, 'b', 200, 'd');
  assert.deepEqual([countOf(grown), hasMore(grown)], [600, true]);
  const cut = learned(whole, 'a', 3, null);
  assert.deepEqual([countOf(cut), hasMore(cut)], [203, false]);
});
