/** Three stores that exchange their entries in any order and in any batches come to the same state, the same objects and the same hash. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../core/agent-performance.ts';
import { anyFact } from '../core/any-fact.fixture.ts';
import { created, event, type Fact } from '../core/facts.ts';
import { admittedLife, madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, KmaId, ObjectId } from '../core/ids.ts';
import { HOURS_KEPT, hourFact } from '../core/kma-performance.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import { TABLE_NAMES, type TableName } from '../core/tables.ts';
import { appendForeign } from './foreign-entries.ts';
import { stateHash } from './state-hash.ts';
import { temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const LIVES = ['AAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBB', 'CCCCCCCCCCCCCCCC'] as IncarnationId[];
const FOUNDING = 'DDDDDDDDDDDDDDDD' as IncarnationId;
const NOW_MS = 1_000_000;
const NOTHING = { ...NO_COUNTS, agents: 0, busy: 0, management: 0, replication: 0 };
const kmaOf = (life: IncarnationId) => `KMA-${LIVES.indexOf(life)}` as KmaId;

/** Of these a log may speak for itself alone; of keys and of what was served it does so in steps of their own. */
const OWN_BUSINESS: readonly TableName[] = [
  'log_end',
  'object_erasure',
  'incarnation',
  'key',
  'member_key',
  'kma_hour',
  'audit_head',
];

/** Few, and two in the same place in a month, so that one is written over. */
const served = fc.record({
  hour: fc.constantFrom(7, 8, 7 + HOURS_KEPT),
  createKey: fc.nat(3),
  countedUntilMs: fc.nat(9),
});
/** Of one store: to make a key, to destroy one (perhaps another store's, perhaps not made yet), to tell what its KMA has served, or any facts at all. */
const anyFacts = fc.array(anyFact(TABLE_NAMES.filter((table) => !OWN_BUSINESS.includes(table))), {
  minLength: 1,
  maxLength: 3,
});
const step = fc.oneof(
  fc.record({ make: fc.constantFrom('K1', 'K2', 'K3', 'K4') }),
  fc.record({ destroy: fc.constantFrom('K1', 'K2', 'K3', 'K4') }),
  fc.record({ served }),
  fc.record({ facts: anyFacts }),
);
const acts = fc.array(
  fc.oneof(
    fc.record({ at: fc.nat(2), step, skewMs: fc.nat(50) }),
    fc.record({ at: fc.nat(2), from: fc.nat(2), of: fc.nat(2), batch: fc.integer({ min: 1, max: 4 }) }),
  ),
  { maxLength: 40 },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Machine {
  readonly store: Store;
  readonly life: IncarnationId;
  #ms = 1000;

  constructor(store: Store, life: IncarnationId) {
    this.store = store;
    this.life = life;
    const stamp = stampOf(hlc(1, 0), FOUNDING);
    const facts = LIVES.map((id) => admittedLife(id, kmaOf(id)));
    const born = [madeLife(life, kmaOf(life))];
    store.transaction(() => {
      store.appendEntry(FOUNDING, { v: 1, stamp, operation: 'Found', facts });
      store.appendEntry(life, { v: 1, stamp: stampOf(hlc(2, 0), life), operation: 'Begin', facts: born });
    });
  }

  /** The key's ID says which store made it, since no two ever make one with the same ID. */
  act(given: Step, skewMs: number): void {
    this.#ms += 1 + skewMs;
    const stamp = stampOf(hlc(this.#ms, 0), this.life);
    const { store, life } = this;
    store.transaction(() => {
      let facts: readonly Fact[] = 'facts' in given ? given.facts : [];
      if ('destroy' in given) {
        const cells = { destroyedAt: 1, destroyedComment: '' };
        facts = LIVES.map((maker) => event('key', `${given.destroy}-${maker}`, 'destroyed', cells));
        for (const { id } of facts) store.eraseObject(objectIdOf(id));
      }
      if ('served' in given) {
        const { countedUntilMs, ...counts } = given.served;
        facts = [hourFact(kmaOf(life), { ...NOTHING, ...counts }, countedUntilMs)];
      }
      if ('make' in given) facts = this.#make(`${given.make}-${life}`);
      if (facts.length > 0) store.appendEntry(life, { v: 1, stamp, operation: 'Act', facts });
    });
  }
  #make(id: string): Fact[] {
    const { store, life } = this;
    const known = store.state.get('key', id);
    if (known?.createdStamp != null || known?.destroyedStamp != null) return [];
    const bytes = Buffer.from(id);
    const objectId = objectIdOf(id);
    const object = { id: objectId, class: 'root-sealed', kind: 'key', owner: id, epoch: '', bytes } as const;
    const objectSha256 = store.putObject(object);
    const madeSeq = store.logLength(life) + 1;
    return [created('key', id, { objectId, objectSha256, incarnationId: life, madeSeq, createdAt: 1 })];
  }

  take(from: Store, log: IncarnationId, batch: number): void {
    if (log === this.life) return;
    const after = this.store.logLength(log);
    const blocks = from.readLog(log, after, batch);
    const { stalled } = this.store.transaction(() => appendForeign(this.store, log, after, blocks, NOW_MS));
    assert.equal(stalled, null);
  }

  /** Objects that are wanted here, from whoever has them. */
  fetch(from: Store): void {
    this.store.transaction(() => {
      for (const id of [...this.store.missing.around('')]) {
        const object = from.getObject(id);
        if (object === undefined) continue;
        this.store.putObject(object);
        this.store.missing.forget(id);
      }
    });
  }
  keyObjects(): readonly string[] {
    const rows = this.store.database.prepare(`SELECT id FROM object WHERE kind = 'key' ORDER BY id`).all();
    return rows.map(({ id }) => String(id));
  }
}

function objectIdOf(keyId: string): ObjectId {
  return `object-${keyId}` as ObjectId;
}

test('whatever three stores do and however they exchange it, equal vectors mean equal state, and objects follow', (t) => {
  fc.assert(
    fc.property(acts, (given) => run(t, given)),
    { numRuns: 40 },
  );
});

function run(
  t: TestContext,
  given: readonly (typeof acts extends fc.Arbitrary<readonly (infer A)[]> ? A : never)[],
) {
  const machines = LIVES.map((life) => new Machine(temporaryStore(t).store, life));
  const at = (index: number) => machines[index] as Machine;
  for (const act of given) {
    if ('step' in act) at(act.at).act(act.step, act.skewMs);
    else if (act.at !== act.from)
      at(act.at).take(at(act.from).store, LIVES[act.of] as IncarnationId, act.batch);
  }
  for (const to of machines)
    for (const [index, from] of machines.entries())
      if (to !== from) for (let n = 0; n < 3; n++) to.take(from.store, LIVES[index] as IncarnationId, 100);
  for (const to of machines) for (const from of machines) if (to !== from) to.fetch(from.store);
  const [first] = machines;
  assert.ok(first);
  const living = first.store.state
    .page('key', '', 1000)
    .filter((key) => key.objectId?.startsWith('object-') && key.destroyedStamp === null)
    .map((key) => String(key.objectId));
  for (const { store } of machines) {
    assert.deepEqual(store.vector(), first.store.vector());
    assert.equal(stateHash(store), stateHash(first.store));
  }
  for (const machine of machines) assert.deepEqual(machine.keyObjects(), living.sort());
  for (const { store } of machines) store.close();
}
