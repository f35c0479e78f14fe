/** The member hears of whatever ends a join at the newcomer, and the person there sees what it was. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import type { FailedJoin } from './join-client.ts';
import { toldFailure } from './told-failure.ts';

async function told(work: () => Promise<unknown>) {
  const heard: FailedJoin[] = [];
  const outcome = await toldFailure(work, async (failed) => {
    heard.push(failed);
  }).catch((error: unknown) => error);
  return { heard, outcome };
}

test('nothing is told of a join that succeeds; a refusal is told, and given on', async () => {
  assert.deepEqual(await told(async () => 'made'), { heard: [], outcome: 'made' });
  const refused = refuse('QUORUM_NOT_MET', 'two of three');
  const { heard, outcome } = await told(async () => refused);
  assert.deepEqual(heard, [{ code: 'QUORUM_NOT_MET', detail: 'two of three' }]);
  assert.equal(outcome, refused);
});

test('what breaks is told with its code or its text, and goes on to the person', async () => {
  const full = await told(async () => writeFileSync('/dev/full', 'x'));
  assert.deepEqual([full.heard.length, full.heard[0]?.code], [1, 'STORE_UNWRITABLE']);
  assert.match(full.heard[0]?.detail ?? '', /ENOSPC/);
  assert.match(String(full.outcome), /ENOSPC/);
  const error = new OpenKmaError('STORE_UNWRITABLE', 'code 13');
  const odd = await told(() => Promise.reject(new Error('odd')));
  assert.deepEqual(odd.heard, [{ code: 'SERVER_ERROR', detail: 'odd' }]);
  const unwritable = await told(() => Promise.reject(error));
  assert.deepEqual(unwritable, { heard: [{ code: 'STORE_UNWRITABLE', detail: 'code 13' }], outcome: error });
});

test('an error is not hidden where the member cannot be told either', async () => {
  const error = new Error('full');
  const outcome = toldFailure(
    () => Promise.reject(error),
    () => Promise.reject(new Error('nobody hears')),
  );
  await assert.rejects(outcome, error);
});
