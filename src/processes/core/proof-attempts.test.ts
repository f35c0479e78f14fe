/** Counted proofs over a real store: what a name and a source have left after each outcome, and what the answers give away. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ProofRole } from '@openkma/protocol';
import { created, type Fact, removed, set } from '../../core/facts.ts';
import type { UserId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { INCARNATION, temporaryStore } from '../../store/store.fixture.ts';
import { AT_APPLIANCE, ProofAttempts, type ProofOutcome, type Prover } from './proof-attempts.ts';

const LIMIT = 5;
const NOW = 1_800_000_000_000;

/** A KMA with one Security Officer, "otto", and a user "olga". */
class Guesses {
  nowMs = NOW;
  attempts: ProofAttempts;
  readonly #store;
  #stamped = 0;

  constructor(t: TestContext) {
    this.#store = temporaryStore(t).store;
    for (const [id, name, role] of [
      ['1'.repeat(32), 'otto', 'SECURITY_OFFICER'],
      ['2'.repeat(32), 'olga', 'OPERATOR'],
    ] as const)
      this.#commit([
        created('user', id, { name, createdAt: 0 }),
        set('user', id, { enabled: 1, proofDisabled: 0 }),
        created('user_role', `${id}:${role}`, { userId: id as UserId, role }),
        set('user_role', `${id}:${role}`, { present: 1 }),
      ]);
    this.#commit([created('agent', '3'.repeat(32), { name: 'drive', createdAt: 0 })]);
    this.attempts = this.#begin();
  }

  #begin(): ProofAttempts {
    return new ProofAttempts(this.#store, ({ name }) => {
      assert.equal(name, 'olga', 'nobody else is disabled');
      this.#commit([set('user', '2'.repeat(32), { proofDisabled: 1 })]);
    });
  }

  /** With what the core before has written down. */
  restart(): void {
    this.attempts.write();
    this.attempts = this.#begin();
  }
  kept() {
    this.attempts.write();
    return [...this.#store.proofFailures.counts()];
  }
  remove(id: string): void {
    this.#commit([removed('agent', id)]);
  }

  #commit(facts: Parameters<typeof this.entry>[0]): void {
    this.#store.transaction(() => this.#store.appendEntry(INCARNATION, this.entry(facts)));
  }
  entry(facts: readonly Fact[]) {
    this.#stamped += 1;
    return {
      v: 1,
      stamp: stampOf(hlc(1000 + this.#stamped, 0), INCARNATION),
      operation: 'Test',
      facts,
    } as const;
  }

  /** The code of a refusal, or the outcome that was asked for. */
  guess(name: string, source: Prover['source'], outcome: ProofOutcome = 'failed', kind: ProofRole = 'user') {
    const attempt = this.attempts.begin({ kind, name, source }, this.nowMs);
    if (isRefusal(attempt)) return attempt.refused;
    attempt.end(outcome);
    return outcome;
  }
  /** How often this source can fail, at other names each time, before it waits. */
  left(source: Prover['source']): number {
    for (let n = 0; ; n += 1)
      if (this.guess(`invented ${n} ${source.toString()}`, source, 'failed', 'agent') === 'SERVER_BUSY')
        return n;
  }
}

const fail = (times: number, guess: () => string) => Array.from({ length: times }, guess);

test('an empty address is a source like any other, and not the appliance', (t) => {
  const it = new Guesses(t);
  fail(LIMIT, () => it.guess('otto', ''));
  assert.equal(it.guess('otto', ''), 'SERVER_BUSY');
  assert.equal(it.guess('otto', AT_APPLIANCE, 'proven'), 'proven', 'the officer is not slowed');
  assert.equal(it.left(''), 21 - LIMIT, 'and it has the limit of a source');
});

test('over the network the last officer, other users and names nobody has get the same sequence of codes', (t) => {
  const it = new Guesses(t);
  const sequence = (name: string, network: number) => {
    it.nowMs = NOW;
    return [0, 0, 0, 0, 0, 0, 1000, 1000, 2000, 500, 600_000, 0].map((passedMs, n) => {
      it.nowMs += passedMs;
      const code = it.guess(name, `192.0.${network}.${n}`);
      // As the core answers: a proof that fails.
      return code === 'failed' ? 'AUTHENTICATION_FAILED' : code;
    });
  };
  const officer = sequence('otto', 1);
  assert.deepEqual(officer.slice(4, 8), [
    'AUTHENTICATION_FAILED',
    'SERVER_BUSY',
    'AUTHENTICATION_FAILED',
    'SERVER_BUSY',
  ]);
  assert.deepEqual(sequence('olga', 2), officer);
  assert.deepEqual(sequence('nobody', 3), officer);
});

test('a restart keeps the failures of agents and those at the appliance, and of nobody who does not exist', (t) => {
  const it = new Guesses(t);
  fail(3, () => it.guess('drive', '192.0.2.1', 'failed', 'agent'));
  fail(2, () => it.guess('nobody', '192.0.2.1', 'failed', 'agent'));
  fail(2, () => it.guess('olga', AT_APPLIANCE));
  it.restart();
  assert.deepEqual(it.kept(), [
    ['agent:drive', 3],
    ['user:olga', 2],
  ]);
  it.guess('drive', '192.0.2.1', 'failed', 'agent');
  it.guess('olga', AT_APPLIANCE, 'proven');
  assert.deepEqual(it.kept(), [['agent:drive', 4]]);
  it.remove('3'.repeat(32));
  assert.deepEqual(it.kept(), []);
});

test('after a restart too, over the network, a user who exists waits no other than one nobody has', (t) => {
  const it = new Guesses(t);
  const names = ['otto', 'olga', 'nobody'];
  for (const name of names) fail(LIMIT + 2, () => it.guess(name, '192.0.2.7'));
  it.restart();
  it.nowMs += 1;
  const codes = names.map((name, n) => fail(LIMIT + 2, () => it.guess(name, `192.0.3.${n}`)));
  assert.deepEqual(codes[0], codes[1]);
  assert.deepEqual(codes[1], codes[2]);
});

test('a refusal that looked at no proof leaves name and source as they were', (t) => {
  const it = new Guesses(t);
  fail(LIMIT - 1, () => it.guess('otto', '192.0.2.1'));
  fail(100, () => it.guess('otto', '192.0.2.1', 'unseen'));
  assert.equal(it.guess('otto', '192.0.2.1'), 'failed', 'the last one that is free');
  assert.equal(it.guess('otto', '192.0.2.2'), 'SERVER_BUSY');
  it.nowMs += 1000;
  assert.equal(it.guess('otto', '192.0.2.2', 'unseen'), 'unseen');
  assert.equal(it.guess('otto', '192.0.2.2', 'unseen'), 'unseen', 'it made nobody wait anew');
  assert.equal(it.left('192.0.2.1'), 21 - LIMIT);
});

test('a success clears the name, and of the source takes back its own attempt only', (t) => {
  const it = new Guesses(t);
  fail(LIMIT - 1, () => it.guess('olga', '192.0.2.1'));
  assert.equal(it.guess('olga', '192.0.2.1', 'proven'), 'proven');
  fail(LIMIT - 1, () => it.guess('olga', '192.0.2.2'));
  assert.equal(it.guess('olga', '192.0.2.3', 'proven'), 'proven', 'the count has begun anew');
  assert.equal(it.left('192.0.2.1'), 21 - (LIMIT - 1));
});

test('what is taken back after the name was cleared takes no later failure along', (t) => {
  const it = new Guesses(t);
  const slow = it.attempts.begin({ kind: 'user', name: 'otto', source: '192.0.2.1' }, it.nowMs);
  assert.ok(!isRefusal(slow));
  assert.equal(it.guess('otto', '192.0.2.2', 'proven'), 'proven');
  fail(LIMIT, () => it.guess('otto', '192.0.2.3'));
  slow.end('unseen');
  assert.equal(it.guess('otto', '192.0.2.4'), 'SERVER_BUSY');
});

test('a source begins anew after a quiet hour', (t) => {
  const it = new Guesses(t);
  assert.equal(it.left('192.0.2.1'), 21);
  it.nowMs += 60 * 60 * 1000;
  assert.equal(it.left('192.0.2.1'), 21);
});

test('names that strangers invent do not push out the count of one that exists', (t) => {
  const it = new Guesses(t);
  fail(LIMIT, () => it.guess('otto', '192.0.2.1'));
  for (let n = 0; n < 10_100; n += 1) it.guess(`invented ${n}`, `192.${n >> 8}.${n & 255}.1`);
  assert.equal(it.guess('otto', '192.0.2.2'), 'SERVER_BUSY');
});
