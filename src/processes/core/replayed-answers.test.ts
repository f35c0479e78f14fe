/** Repeated requests over a real store: one key is one request of one user, whose passphrases are not part of what is kept. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, type Fact, set } from '../../core/facts.ts';
import type { Fingerprint, ObjectId, UserId } from '../../core/ids.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { enabledStampOf } from '../../core/user-session.ts';
import { INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';
import { KnownKeys } from './known-keys.ts';
import { keptAnswerText, ReplayedAnswers } from './replayed-answers.ts';
import { UserSessions } from './user-sessions.ts';

const [OLGA, PIT] = ['A'.repeat(64) as Fingerprint, 'B'.repeat(64) as Fingerprint];
const IDEMPOTENCY_KEY = 'tuesday-7';

const HELD = ['SECURITY_OFFICER', 'OPERATOR'] as const;

function commit(store: Store, ms: number, facts: readonly Fact[]): void {
  const stamp = stampOf(hlc(ms, 0), INCARNATION);
  store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
}

function replaying(t: TestContext) {
  const { store } = temporaryStore(t);
  for (const [i, key] of [OLGA, PIT].entries()) {
    const userId = String(i).repeat(32) as UserId;
    const verifierObjectId = 'C'.repeat(32) as ObjectId;
    const facts = [
      created('user', userId, { name: `user-${i}`, createdAt: 0 }),
      set('user', userId, { enabled: 1, verifierObjectId }),
      ...HELD.flatMap((role) => [
        created('user_role', `${userId}:${role}`, { userId, role }),
        set('user_role', `${userId}:${role}`, { present: 1 }),
      ]),
    ];
    commit(store, 1000 + i, facts);
    const user = store.state.get('user', userId);
    assert.ok(user !== undefined);
    const times = { createdAtMs: 0, expiresAtMs: Date.now() + 60_000 };
    const session = { fingerprint: key, userId, verifierObjectId, enabledStamp: enabledStampOf(user) };
    store.transaction(() => store.userSessions.put({ ...session, ...times, createdAtMs: Date.now() - 1000 }));
  }
  const ran: CoreCall[] = [];
  /** What the core does: a number that grows, kept with the facts. */
  const run = async (call: CoreCall): Promise<CoreAnswer> => {
    ran.push(call);
    const answer = { output: { site: ran.length } };
    const { keep } = call;
    if (keep !== undefined)
      store.transaction(() =>
        store.idempotency.put({ ...keep, answeredAtMs: Date.now(), answer: keptAnswerText(answer) }),
      );
    return answer;
  };
  const make = () =>
    new ReplayedAnswers(store, new KnownKeys(store, new UserSessions(store)), () => Date.now());
  return { store, ran, run, make };
}

const callOf = (keySha256: Fingerprint | null, operation: string, input: object): CoreCall => ({
  operation,
  input,
  origin: { service: 'management', address: '192.0.2.7', localAddress: '', fingerprint: keySha256 },
  claim: { claim: 'session', keySha256 },
});

test('two at once are one, and a repeat after a restart of the core gets the same answer', async (t) => {
  const { ran, run, make } = replaying(t);
  const replayed = make();
  const call = callOf(OLGA, 'CreateSite', { site: 'a', description: '' });
  const both = await Promise.all([1, 2].map(() => replayed.once(call, IDEMPOTENCY_KEY, run)));
  const turned = callOf(OLGA, 'CreateSite', { description: '', site: 'a' });
  const later = await make().once(turned, IDEMPOTENCY_KEY, run);
  assert.deepEqual([...both, later], Array(3).fill({ output: { site: 1 } }));
  assert.equal(ran.length, 1);
});

test('the same key with another request is refused, and belongs to each user alone', async (t) => {
  const { run, make } = replaying(t);
  const replayed = make();
  await replayed.once(callOf(OLGA, 'CreateSite', { site: 'a' }), IDEMPOTENCY_KEY, run);
  const others = [
    callOf(OLGA, 'CreateSite', { site: 'b' }),
    callOf(OLGA, 'DeleteSite', { site: 'a' }),
    { ...callOf(OLGA, 'CreateSite', { site: 'a' }), ifMatch: '*' },
  ];
  for (const other of others)
    assert.deepEqual(await replayed.once(other, IDEMPOTENCY_KEY, run), { refused: 'IDEMPOTENCY_KEY_REUSED' });
  const answer = await replayed.once(callOf(PIT, 'CreateSite', { site: 'b' }), IDEMPOTENCY_KEY, run);
  assert.deepEqual(answer, { output: { site: 2 } });
});

test('a refusal is not kept, and nobody has no kept answers', async (t) => {
  const { ran, run, make } = replaying(t);
  const replayed = make();
  const call = callOf(OLGA, 'CreateSite', { site: 'a' });
  const refused = await replayed.once(call, IDEMPOTENCY_KEY, async () => ({ refused: 'SITE_EXISTS' }));
  assert.deepEqual(refused, { refused: 'SITE_EXISTS' });
  await replayed.once(call, IDEMPOTENCY_KEY, run);
  await replayed.once(
    callOf('F'.repeat(64) as Fingerprint, 'CreateSite', { site: 'a' }),
    IDEMPOTENCY_KEY,
    run,
  );
  assert.deepEqual(
    ran.map(({ keep }) => keep !== undefined),
    [true, false],
  );
});

test('who may no longer do what he repeats is judged like anybody, and gets no kept answer', async (t) => {
  const losses = [
    ['user_role', set('user_role', `${'0'.repeat(32)}:SECURITY_OFFICER`, { present: 0 })],
    ['user', set('user', '0'.repeat(32), { enabled: 0 })],
  ] as const;
  for (const [what, loss] of losses) {
    const { store, ran, run, make } = replaying(t);
    const call = callOf(OLGA, 'CreateSite', { site: 'a' });
    await make().once(call, IDEMPOTENCY_KEY, run);
    commit(store, 2000, [loss]);
    await make().once(call, IDEMPOTENCY_KEY, run);
    await make().once({ ...call, ifMatch: '*' }, IDEMPOTENCY_KEY, run);
    assert.deepEqual(
      ran.map(({ keep }) => keep !== undefined),
      [true, false, false],
      what,
    );
  }
});

test('nothing that is kept depends on a passphrase: it could be guessed by it', async (t) => {
  const { store, run, make } = replaying(t);
  const create = (passphrase: string) =>
    callOf(OLGA, 'CreateUser', { user: 'u', roles: ['OPERATOR'], passphrase });
  await make().once(create('Reads-the-rules-2'), IDEMPOTENCY_KEY, run);
  const again = await make().once(create('Another-one-entirely-3'), IDEMPOTENCY_KEY, run);
  assert.deepEqual(again, { output: { site: 1 } });
  const kept = store.idempotency.get('0'.repeat(32), IDEMPOTENCY_KEY);
  assert.doesNotMatch(JSON.stringify(kept), /Reads-the-rules/);
});

test('a core security backup is made again and not kept: the key split in it would outlive its erasure', async (t) => {
  const { store, ran, run, make } = replaying(t);
  const call = callOf(OLGA, 'CreateCoreSecurityBackup', {});
  for (let n = 0; n < 2; n++) await make().once(call, IDEMPOTENCY_KEY, run);
  assert.equal(ran.length, 2);
  assert.equal(store.idempotency.get('0'.repeat(32), IDEMPOTENCY_KEY), undefined);
});

test('answers are kept for a day, and the newest thousand of each user', (t) => {
  const { store } = replaying(t);
  const put = (userId: string, n: number) =>
    store.idempotency.put({ userId, key: `key-${n}`, requestSha256: '', answeredAtMs: n, answer: '{}' });
  store.transaction(() => {
    put('other', 0);
    for (let n = 0; n < 1002; n++) put('user', n);
  });
  const has = (userId: string, n: number) => store.idempotency.get(userId, `key-${n}`) !== undefined;
  assert.deepEqual(
    [has('user', 1), has('user', 2), has('user', 1001), has('other', 0)],
    [false, true, true, true],
  );
  store.idempotency.tidy(24 * 60 * 60 * 1000 + 500);
  assert.deepEqual([has('user', 500), has('user', 501), has('other', 0)], [false, true, false]);
});
