/** Who a key belongs to, over a real store: found with today's roles, uses written down now and then, what has expired removed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, type Fact, set } from '../../core/facts.ts';
import type { Fingerprint, ObjectId, UserId } from '../../core/ids.ts';
import { settingFact } from '../../core/settings.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { enabledStampOf } from '../../core/user-session.ts';
import { INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import { UserSessions } from './user-sessions.ts';

const USER = 'A'.repeat(32) as UserId;
const KEY = 'F'.repeat(64) as Fingerprint;
const VERIFIER = 'B'.repeat(32) as ObjectId;
const MINUTE_MS = 60_000;

let stamped = 0;
function commit(store: Store, ...facts: Fact[]): void {
  stamped += 1;
  const stamp = stampOf(hlc(1000 + stamped, 0), INCARNATION);
  store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
}

function loggedIn(t: TestContext): { store: Store; sessions: UserSessions } {
  const { store } = temporaryStore(t);
  const role = `${USER}:OPERATOR`;
  commit(
    store,
    created('user', USER, { name: 'olga', createdAt: 0 }),
    set('user', USER, { enabled: 1, verifierObjectId: VERIFIER }),
    created('user_role', role, { userId: USER, role: 'OPERATOR' }),
    set('user_role', role, { present: 1 }),
  );
  const user = store.state.get('user', USER);
  assert.ok(user !== undefined);
  const times = { createdAtMs: 0, expiresAtMs: 60 * MINUTE_MS };
  const session = { fingerprint: KEY, userId: USER, verifierObjectId: VERIFIER, ...times };
  store.transaction(() => store.userSessions.put({ ...session, enabledStamp: enabledStampOf(user) }));
  return { store, sessions: new UserSessions(store) };
}

test('finds the user with the roles of now, also inside a transaction, and nobody for another key', (t) => {
  const { store, sessions } = loggedIn(t);
  const found = store.transaction(() => sessions.find(KEY, MINUTE_MS));
  assert.deepEqual([found?.user.name, found?.roles], ['olga', ['OPERATOR']]);
  commit(store, set('user_role', `${USER}:OPERATOR`, { present: 0 }));
  assert.deepEqual(sessions.find(KEY, MINUTE_MS)?.roles, []);
  assert.equal(sessions.find('0'.repeat(64) as Fingerprint, MINUTE_MS), null);
});

test('a use counts at once and is in the row after the next tidying; asking whose it is or for the owner is no use', (t) => {
  const { store, sessions } = loggedIn(t);
  sessions.use(KEY, 14 * MINUTE_MS);
  assert.notEqual(sessions.find(KEY, 20 * MINUTE_MS), null);
  assert.equal(sessions.owner(KEY, 20 * MINUTE_MS), USER);
  assert.equal(store.userSessions.get(KEY)?.usedAtMs, 0);
  sessions.tidy(21 * MINUTE_MS);
  assert.equal(store.userSessions.get(KEY)?.usedAtMs, 14 * MINUTE_MS);
  assert.notEqual(new UserSessions(store).find(KEY, 28 * MINUTE_MS), null, 'after a restart too');
});

test('what is over does not begin again by a use', (t) => {
  const { sessions } = loggedIn(t);
  sessions.use(KEY, 16 * MINUTE_MS);
  assert.equal(sessions.find(KEY, 16 * MINUTE_MS), null);
});

test('what is over is found no more, but its key stays with its user until it would have expired', (t) => {
  const { store, sessions } = loggedIn(t);
  assert.equal(sessions.find(KEY, 16 * MINUTE_MS), null, 'not used for long');
  assert.equal(sessions.owner(KEY, 16 * MINUTE_MS), USER);
  commit(store, set('user', USER, { enabled: 0 }));
  assert.equal(sessions.find(KEY, MINUTE_MS), null);
  sessions.tidy(60 * MINUTE_MS - 1);
  assert.equal(sessions.owner(KEY, 60 * MINUTE_MS - 1), USER);
  assert.equal(sessions.owner(KEY, 60 * MINUTE_MS), null);
  sessions.tidy(60 * MINUTE_MS);
  assert.deepEqual(store.userSessions.all(), []);
});

test('a log-in that was not used for long stays over when the time for it is made longer', (t) => {
  const { store, sessions } = loggedIn(t);
  sessions.tidy(16 * MINUTE_MS);
  commit(store, settingFact('sessionInactivityMinutes', 0));
  assert.equal(sessions.find(KEY, 17 * MINUTE_MS), null);
  assert.equal(sessions.owner(KEY, 17 * MINUTE_MS), USER);
});
