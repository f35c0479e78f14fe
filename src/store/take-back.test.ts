/** The end of a log that is taken back is as if it had never been folded, whatever was folded before and after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { created, event, type Fact, type LogEntry, set } from '../core/facts.ts';
import type { IncarnationId, ObjectId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { stateHash } from './state-hash.ts';
import { INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const OTHER = 'CCCCCCCCCCCCCCCC' as IncarnationId;
const LOGS = [INCARNATION, OTHER] as const;

/** Facts about few rows, so that they meet. */
const aFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.nat(2).map((row) => created('site', `S${row}`, { name: `site ${row}`, createdAt: row })),
  fc.tuple(fc.nat(2), fc.nat(9)).map(([row, text]) => set('site', `S${row}`, { description: `${text}` })),
  fc.nat(2).map((row) => event('site', `S${row}`, 'removed', {})),
  fc
    .tuple(fc.nat(2), fc.nat(9))
    .map(([row, at]) => event('key', `K${row}`, 'destroyed', { destroyedAt: at, destroyedComment: '' })),
);
const aWorld = fc.record({
  entries: fc.array(fc.tuple(fc.nat(1), fc.nat(50), fc.array(aFact, { minLength: 1, maxLength: 3 })), {
    minLength: 1,
    maxLength: 14,
  }),
  kept: fc.nat(8),
});

function entriesOf(given: readonly (readonly [log: number, ms: number, facts: readonly Fact[]])[]) {
  const ms = [0, 0];
  return given.map(([log, more, facts]): readonly [IncarnationId, LogEntry] => {
    ms[log] = (ms[log] ?? 0) + more + 1;
    const id = LOGS[log] ?? INCARNATION;
    return [id, { v: 1, stamp: stampOf(hlc(ms[log] ?? 0, 0), id), operation: 'Test', facts }];
  });
}
function write(store: Store, entries: ReturnType<typeof entriesOf>): void {
  store.transaction(() => {
    for (const [id, entry] of entries) store.appendEntry(id, entry);
  });
}
const standing = (store: Store) => [store.vector(), stateHash(store), LOGS.map((id) => store.logStamp(id))];

test('what is left is as if the end had never been there, and it can be folded again', (t) => {
  fc.assert(
    fc.property(aWorld, ({ entries: given, kept }) => {
      const entries = entriesOf(given);
      const [{ store }, { store: without }, { store: whole }] = [1, 2, 3].map(() => temporaryStore(t)) as [
        ReturnType<typeof temporaryStore>,
        ReturnType<typeof temporaryStore>,
        ReturnType<typeof temporaryStore>,
      ];
      const own = entries.filter(([id]) => id === INCARNATION).map(([, entry]) => entry);
      const tail = new Set(own.slice(kept));
      write(store, entries);
      write(whole, entries);
      write(
        without,
        entries.filter(([, entry]) => !tail.has(entry)),
      );
      const taken = store.transaction(() => store.takeBack(INCARNATION, kept));
      assert.deepEqual(taken, [...tail]);
      assert.deepEqual(standing(store), standing(without));
      write(
        store,
        taken.map((entry) => [INCARNATION, entry] as const),
      );
      assert.deepEqual(standing(store), standing(whole));
      for (const one of [store, without, whole]) one.close();
    }),
    { numRuns: 40 },
  );
});

test('nothing is taken back where the transaction fails', (t) => {
  const { store } = temporaryStore(t);
  const facts = [
    created('key', 'K', {
      objectId: 'O' as ObjectId,
      objectSha256: '',
      incarnationId: INCARNATION,
      madeSeq: 1,
      createdAt: 1,
    }),
  ];
  write(store, [[INCARNATION, { v: 1, stamp: stampOf(hlc(1, 0), INCARNATION), operation: 'Test', facts }]]);
  const before = standing(store);
  assert.throws(() =>
    store.transaction(() => {
      store.takeBack(INCARNATION, 0);
      assert.equal(store.state.get('key', 'K'), undefined);
      throw new Error('a crash');
    }),
  );
  assert.deepEqual(standing(store), before);
});
