/** What ends a log-in: time, being unused, the user being disabled or deleted, another passphrase; and what does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, type Fact, removed, set } from './facts.ts';
import { foldEntry } from './fold.ts';
import type { IncarnationId, ObjectId, UserId } from './ids.ts';
import { MapState } from './map-state.ts';
import { settingFact } from './settings.ts';
import { hlc, stampOf } from './stamp.ts';
import { enabledStampOf, type SessionClaim, sessionUser, workingUser } from './user-session.ts';

const USER = 'A'.repeat(32) as UserId;
const VERIFIER = 'B'.repeat(32) as ObjectId;
const MINUTE_MS = 60_000;

class People {
  readonly state = new MapState();
  #n = 0;
  commit(...facts: Fact[]): void {
    this.#n += 1;
    const stamp = stampOf(hlc(1000 + this.#n, 0), '1'.repeat(16) as IncarnationId);
    foldEntry(this.state, { v: 1, stamp, operation: 'Test', facts });
  }
}

/** A user who has just logged in at minute 0, with half an hour to the end. */
function loggedIn(): { people: People; session: SessionClaim } {
  const people = new People();
  people.commit(
    created('user', USER, { name: 'olga', createdAt: 0 }),
    set('user', USER, { enabled: 1, verifierObjectId: VERIFIER, proofDisabled: 0 }),
  );
  const user = workingUser(people.state, USER);
  assert.ok(user !== undefined);
  const times = { createdAtMs: 0, usedAtMs: 0, expiresAtMs: 30 * MINUTE_MS };
  return {
    people,
    session: { userId: USER, verifierObjectId: VERIFIER, enabledStamp: enabledStampOf(user), ...times },
  };
}
const counts = ({ state }: People, session: SessionClaim, nowMs = MINUTE_MS) =>
  sessionUser(state, session, nowMs)?.name === 'olga';

test('counts until it expires, and not before it began', () => {
  const { people, session } = loggedIn();
  const used = { ...session, usedAtMs: 29 * MINUTE_MS };
  assert.ok(counts(people, used, 30 * MINUTE_MS - 1));
  assert.ok(!counts(people, used, 30 * MINUTE_MS));
  assert.ok(!counts(people, used, -1));
});

test('ends when it is not used for as long as the setting says; with 0 it does not', () => {
  const { people, session } = loggedIn();
  assert.ok(counts(people, session, 15 * MINUTE_MS));
  assert.ok(!counts(people, session, 15 * MINUTE_MS + 1));
  assert.ok(counts(people, { ...session, usedAtMs: MINUTE_MS }, 15 * MINUTE_MS + 1));
  people.commit(settingFact('sessionInactivityMinutes', 5));
  assert.ok(!counts(people, session, 6 * MINUTE_MS));
  people.commit(settingFact('sessionInactivityMinutes', 0));
  assert.ok(counts(people, session, 29 * MINUTE_MS));
});

test('ends when the user is disabled, and stays ended when he is enabled again', () => {
  const { people, session } = loggedIn();
  people.commit(set('user', USER, { enabled: 0 }));
  assert.ok(!counts(people, session));
  people.commit(set('user', USER, { enabled: 1 }));
  assert.ok(!counts(people, session));
});

test('ends when the user is deleted, and when his passphrase is another', () => {
  const deleted = loggedIn();
  deleted.people.commit(removed('user', USER));
  assert.ok(!counts(deleted.people, deleted.session));
  const changed = loggedIn();
  changed.people.commit(set('user', USER, { verifierObjectId: 'C'.repeat(32) as ObjectId }));
  assert.ok(!counts(changed.people, changed.session));
});

test('goes on when strangers guess until the proof is disabled, and when the user is described anew', () => {
  const { people, session } = loggedIn();
  people.commit(set('user', USER, { proofDisabled: 1, description: 'in Rome now' }));
  assert.ok(counts(people, session));
});

test('whom nobody has enabled cannot work, and has no moment of it', () => {
  const people = new People();
  people.commit(created('user', USER, { name: 'olga', createdAt: 0 }));
  assert.equal(workingUser(people.state, USER), undefined);
  const row = people.state.get('user', USER) ?? assert.fail();
  assert.equal(enabledStampOf(row), '');
  assert.equal(workingUser(people.state, 'C'.repeat(32) as UserId), undefined);
});
