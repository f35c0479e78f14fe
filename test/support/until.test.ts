/** What a test waits for ends in a clear failure where it never comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, within } from './until.ts';

const never = new Promise<never>(() => undefined);

test('what is promised in time is handed on, its failure too', async () => {
  assert.equal(await within('an answer', Promise.resolve(1)), 1);
  await assert.rejects(within('an answer', Promise.reject(new Error('broken'))), /broken/);
});

test('what never comes is named, with what there was by then', async () => {
  let wrote = '';
  const waiting = within(() => `the end; it wrote ${wrote}`, never, 1);
  wrote = 'half of it';
  await assert.rejects(waiting, /not within 1 ms: the end; it wrote half of it/);
  await assert.rejects(within('an answer', never, 1), /not within 1 ms: an answer/);
  await assert.rejects(
    until('it holds', () => false, 1),
    /not within 1 ms: it holds/,
  );
});
