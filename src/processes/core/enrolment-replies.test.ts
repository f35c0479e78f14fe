/** Kept answers to accepted proofs: for a minute, then only the memory that they were used; a new passphrase touches its own entity. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import type { CoreAnswer } from './core-call.ts';
import { EnrolmentReplies } from './enrolment-replies.ts';

const REFUSED = refuse('AUTHENTICATION_FAILED', 'this proof was used before');
const accepted = async () => ({ output: 'certificate' });
const never = () => assert.fail('carried out twice');

test('a new passphrase voids the answers of its entity, which stay used, and no other', async () => {
  const replies = new EnrolmentReplies();
  await replies.once('pair 1', 'agent:drive', accepted);
  await replies.once('pair 2', 'agent:other', accepted);
  await replies.once('pair 3', 'user:drive', accepted);
  replies.void('agent:drive');
  assert.deepEqual((await replies.once('pair 1', 'agent:drive', never)).answer, REFUSED);
  for (const [pair, entity] of [
    ['pair 2', 'agent:other'],
    ['pair 3', 'user:drive'],
  ] as const)
    assert.deepEqual(await replies.once(pair, entity, never), {
      answer: { output: 'certificate' },
      repeat: 1,
    });
});

test('a passphrase set while a proof was under way voids its answer too', async () => {
  const replies = new EnrolmentReplies();
  const release = Promise.withResolvers<{ output: string }>();
  const first = replies.once('pair', 'agent:drive', () => release.promise);
  replies.void('agent:drive');
  release.resolve({ output: 'certificate' });
  await first;
  assert.deepEqual((await replies.once('pair', 'agent:drive', never)).answer, REFUSED);
});

test('repeats are counted, and after a minute refused until the challenge has died', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const replies = new EnrolmentReplies();
  const ask = (enrol: () => Promise<CoreAnswer> = never) => replies.once('pair', 'agent:drive', enrol);
  assert.equal((await ask(accepted)).repeat, 0);
  assert.deepEqual([(await ask()).repeat, (await ask()).repeat], [1, 2]);
  t.mock.timers.tick(60_000);
  assert.deepEqual((await ask()).answer, REFUSED);
  t.mock.timers.tick(179_999);
  assert.deepEqual((await ask()).answer, REFUSED);
  t.mock.timers.tick(1);
  assert.equal((await ask(accepted)).repeat, 0);
});

test('a refused proof is not kept: sent again it is looked at again', async () => {
  const replies = new EnrolmentReplies();
  const refused = async () => refuse('AUTHENTICATION_FAILED');
  await replies.once('pair', 'agent:drive', refused);
  assert.equal((await replies.once('pair', 'agent:drive', accepted)).repeat, 0);
});
