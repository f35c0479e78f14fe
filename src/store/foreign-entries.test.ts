/** Entries of other KMAs' logs: taken whole and in order, with what they let go of; what is not sound, not in its place or not yet readable changes nothing and holds up its log. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, event, type Fact, type LogEntry, removed, set } from '../core/facts.ts';
import { admittedLife, madeKey, madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, KmaId, ObjectId } from '../core/ids.ts';
import { hlc, type Stamp, stampOf } from '../core/stamp.ts';
import type { NewObject } from '../operations/operation.ts';
import { appendForeign, type ForeignAppend } from './foreign-entries.ts';
import { stateHash } from './state-hash.ts';
import { entryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const OTHER = 'BBBBBBBBBBBBBBBB' as IncarnationId;
const NOW_MS = 10_000;
const MINUTE_MS = 60_000;

/** A store that has admitted the other life. */
function knowing(t: TestContext): Store {
  const { store } = temporaryStore(t);
  own(store, 1, admittedLife(OTHER));
  return store;
}
function own(store: Store, n: number, ...facts: Fact[]): void {
  const stamp = stampOf(hlc(n, 0), INCARNATION);
  store.transaction(() => store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts }));
}
const bytesOf = (entry: unknown) => Buffer.from(JSON.stringify(entry));
const foreign = (n: number, ...facts: Fact[]): LogEntry => ({
  v: 1,
  stamp: stampOf(hlc(1000 + n, 0), OTHER),
  operation: 'Test',
  facts,
});
/** A log begins with its life. */
const born = (entry: LogEntry): LogEntry => ({ ...entry, facts: [madeLife(OTHER), ...entry.facts] });
const site = (n: number) => bytesOf(n === 1 ? born(entryOf(1, OTHER)) : entryOf(n, OTHER));

function take(store: Store, afterSeq: number, ...blocks: Uint8Array[]): ForeignAppend {
  return store.transaction(() => appendForeign(store, OTHER, afterSeq, blocks, NOW_MS));
}
function objectOf(id: string): NewObject {
  return {
    id: id as ObjectId,
    class: 'root-sealed',
    kind: 'key',
    owner: 'K',
    epoch: 'E',
    bytes: Buffer.from(id),
  };
}

test('entries are folded and stored as their exact bytes', (t) => {
  const store = knowing(t);
  const spaced = Buffer.from(JSON.stringify(born(entryOf(1, OTHER)), null, 1));
  const taken = take(store, 0, spaced, site(2));
  assert.deepEqual([taken.length, taken.stalled, taken.stamp], [2, null, entryOf(2, OTHER).stamp]);
  assert.equal(store.state.get('site', 'SITE-1')?.description, 'described by 2');
  assert.deepEqual(
    store.readLog(OTHER, 0, 9).map((bytes) => Buffer.from(bytes)),
    [spaced, site(2)],
  );
  assert.equal(store.vector()[OTHER], 2);
  assert.deepEqual(
    taken.changes.map(({ table, after }) => `${table} ${after.id}`),
    [`incarnation ${OTHER}`, 'site SITE-1', 'site SITE-2', 'site SITE-1'],
  );
});

test('what is known already is skipped, and a gap is refused', (t) => {
  const store = knowing(t);
  take(store, 0, site(1), site(2));
  const again = take(store, 1, site(2), site(3));
  assert.deepEqual([again.length, again.stalled], [3, null]);
  const before = stateHash(store);
  assert.deepEqual(take(store, 0, site(1)).length, 3);
  const gap = take(store, 5, site(6));
  assert.deepEqual([gap.length, gap.stalled?.code], [3, 'gap']);
  assert.equal(stateHash(store), before);
});

test('another entry at a place that is known is a fork, and nothing behind it is taken', (t) => {
  const store = knowing(t);
  take(store, 0, site(1), site(2));
  const forked = take(store, 1, site(7), site(8));
  assert.deepEqual([forked.length, forked.stalled?.code], [2, 'forked']);
});

test('a log that no member is known to have is not taken', (t) => {
  const { store } = temporaryStore(t);
  assert.equal(take(store, 0, site(1)).stalled?.code, 'unknown');
  assert.deepEqual(store.vector(), {});
});

test('a log that does not begin with the life that was admitted is not taken', (t) => {
  const store = knowing(t);
  assert.equal(take(store, 0, bytesOf(entryOf(1, OTHER))).stalled?.code, 'hostile');
  const other = bytesOf({ ...entryOf(1, OTHER), facts: [madeLife(OTHER, 'KMA-2' as KmaId)] });
  assert.equal(take(store, 0, other).stalled?.code, 'hostile');
  assert.equal(take(store, 0, site(1)).stalled, null);
});

test('a large batch is taken in parts', (t) => {
  const store = knowing(t);
  const facts = Array.from({ length: 60 }, (_, n) =>
    created('site', `S${n}`, { name: `s${n}`, createdAt: n }),
  );
  const blocks = [1, 2, 3].map((n) => bytesOf(n === 1 ? born(foreign(n, ...facts)) : foreign(n, ...facts)));
  const first = take(store, 0, ...blocks);
  assert.deepEqual([first.length, first.stalled], [2, null]);
  assert.equal(take(store, first.length, ...blocks.slice(2)).length, 3);
});

const erasure = (id: string, incarnationId: IncarnationId) =>
  created('object_erasure', id, { objectId: 'O' as ObjectId, incarnationId, erasedAt: 1 });
/** The other log, as this life says. */
const ended = (length: number) =>
  created('log_end', `${OTHER}:${INCARNATION}`, {
    ...{ incarnationId: OTHER, byIncarnationId: INCARNATION, length },
  });

/** Hostile or not understood: what comes in the place of the second of three entries. */
const BAD: Readonly<Record<string, { readonly bytes: Uint8Array; readonly code: string }>> = {
  garbage: { bytes: Uint8Array.of(0, 255, 1, 2), code: 'damaged' },
  'nothing at all': { bytes: new Uint8Array(), code: 'damaged' },
  'text that is not UTF-8': {
    bytes: Buffer.concat([Buffer.from('{"v":1,"x":"'), Uint8Array.of(0xff), Buffer.from('"}')]),
    code: 'damaged',
  },
  'two megabytes': {
    bytes: bytesOf(foreign(2, set('site', 'S', { description: 'x'.repeat(2 * 1024 * 1024) }))),
    code: 'damaged',
  },
  'deep JSON': { bytes: Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)), code: 'damaged' },
  'a stamp of another life': {
    bytes: bytesOf({ ...foreign(2), stamp: stampOf(hlc(1002, 0), INCARNATION) }),
    code: 'damaged',
  },
  'a stamp that does not grow': {
    bytes: bytesOf({ ...foreign(2), stamp: entryOf(1, OTHER).stamp }),
    code: 'damaged',
  },
  'a stamp of the future': {
    bytes: bytesOf({ ...foreign(2), stamp: stampOf(hlc(NOW_MS + 2 * MINUTE_MS + 1, 0), OTHER) }),
    code: 'clock',
  },
  'no stamp': { bytes: bytesOf({ ...foreign(2), stamp: 'soon' as Stamp }), code: 'damaged' },
  'entries of a later version': { bytes: bytesOf({ v: 2, whatever: [] }), code: 'newer' },
  'a table nobody knows': { bytes: bytesOf(withFact({ table: 'star', id: 'S', set: {} })), code: 'newer' },
  'a table by an inherited name': {
    bytes: bytesOf(withFact({ table: 'constructor', id: 'S', set: {} })),
    code: 'newer',
  },
  'a column nobody knows': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { colour: 'red' } })),
    code: 'newer',
  },
  'a column by an inherited name': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { constructor: 'red' } })),
    code: 'newer',
  },
  'an event nobody knows': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', event: 'painted', cells: {} })),
    code: 'newer',
  },
  'a column that cannot be set': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { name: 'x' } })),
    code: 'newer',
  },
  'a cell of the wrong type': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { description: 5 } })),
    code: 'damaged',
  },
  'half a number': {
    bytes: bytesOf(withFact({ table: 'kma', id: 'S', set: { enabled: 0.5 } })),
    code: 'damaged',
  },
  'a vector that is none': {
    bytes: bytesOf(
      withFact({ table: 'backup', id: 'B', event: 'completed', cells: { heldVectorJson: '[null]' } }),
    ),
    code: 'damaged',
  },
  'text with a NUL': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { description: 'a\0' } })),
    code: 'damaged',
  },
  'text that is not well-formed': {
    bytes: bytesOf(withFact({ table: 'site', id: 'S', set: { description: '\ud800' } })),
    code: 'damaged',
  },
  'a key in the name of another life': {
    bytes: bytesOf(foreign(2, madeKey('K', 2, INCARNATION))),
    code: 'hostile',
  },
  'a key of another place in the log': {
    bytes: bytesOf(foreign(2, madeKey('K', 1, OTHER))),
    code: 'hostile',
  },
  'another life': {
    bytes: bytesOf(foreign(2, madeLife('CCCCCCCCCCCCCCCC' as IncarnationId))),
    code: 'hostile',
  },
  'its own life once more': { bytes: bytesOf(foreign(2, madeLife(OTHER))), code: 'hostile' },
  'an erasure in the name of another life': {
    bytes: bytesOf(foreign(2, erasure(`O:${INCARNATION}`, INCARNATION))),
    code: 'hostile',
  },
  'an erasure under the name of another': {
    bytes: bytesOf(foreign(2, erasure(`O:${INCARNATION}`, OTHER))),
    code: 'hostile',
  },
  'the member key of another life': {
    bytes: bytesOf(foreign(2, set('member_key', INCARNATION, { objectSha256: 'AA' }))),
    code: 'hostile',
  },
  'the end of a log in the name of another member': {
    bytes: bytesOf(foreign(2, ended(1))),
    code: 'hostile',
  },
  'the end of a log once more in the name of another member': {
    bytes: bytesOf(foreign(2, set('log_end', `${OTHER}:${INCARNATION}`, { laterLength: 9 }))),
    code: 'hostile',
  },
};
/** The first fact is sound, and must not count either. */
function withFact(fact: unknown): unknown {
  const sound = created('site', 'HALF', { name: 'half', createdAt: 1 });
  return { ...foreign(2), facts: [sound, fact] };
}

for (const [what, { bytes, code }] of Object.entries(BAD))
  test(`${what}: the entries before it count, it and those behind it do not, and its log waits`, (t) => {
    const store = knowing(t);
    const taken = take(store, 0, site(1), bytes, site(3));
    assert.deepEqual([taken.length, taken.stalled?.code], [1, code]);
    assert.match(taken.stalled?.detail ?? '', /^entry 2: .{5}/);
    assert.equal(store.state.get('site', 'HALF'), undefined);
    assert.equal(store.state.get('site', 'SITE-3'), undefined);
    assert.deepEqual(store.vector()[OTHER], 1);
    assert.equal(store.readLog(OTHER, 0, 9).length, 1);
    assert.equal(take(store, 1, site(2)).length, 2, 'a sound one in its place is taken');
  });

test('nothing is taken of a removed member, until another one says that it had more', (t) => {
  const store = knowing(t);
  take(store, 0, site(1));
  own(store, 2, created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), removed('kma', 'KMA'));
  const refused = take(store, 1, site(2));
  assert.deepEqual([refused.length, refused.stalled?.code], [1, 'closed']);
  own(store, 3, ended(2));
  const more = take(store, 1, site(2), site(3));
  assert.deepEqual([more.length, more.stalled?.code], [2, 'closed']);
  own(store, 4, set('log_end', `${OTHER}:${INCARNATION}`, { laterLength: 3 }));
  const rest = take(store, 2, site(3), site(4));
  assert.deepEqual([rest.length, rest.stalled?.code], [3, 'closed']);
});

test('objects that are named and not here are missing until they come', (t) => {
  const store = knowing(t);
  store.putObject(objectOf('object-K2'));
  take(
    store,
    0,
    bytesOf(born(foreign(1, madeKey('K1', 1, OTHER), madeKey('K2', 1, OTHER)))),
    bytesOf(foreign(2)),
  );
  assert.deepEqual(store.missing.firsts(9), ['object-K1']);
  assert.deepEqual(store.heldVector(INCARNATION), { [INCARNATION]: 1, [OTHER]: 0 });
  store.missing.forget('object-K1');
  assert.deepEqual(store.heldVector(INCARNATION), { [INCARNATION]: 1, [OTHER]: 2 });
});

test("a destroyed key's object is erased, and is not looked for any more", (t) => {
  const store = knowing(t);
  store.putObject(objectOf('object-K1'));
  const destroyed = (id: string) => event('key', id, 'destroyed', { destroyedAt: 1, destroyedComment: '' });
  take(store, 0, bytesOf(born(foreign(1, madeKey('K1', 1, OTHER), madeKey('K2', 1, OTHER)))));
  const taken = take(store, 1, bytesOf(foreign(2, destroyed('K1'), destroyed('K2'))));
  assert.deepEqual(taken.letGo, ['object-K1', 'object-K2']);
  assert.equal(store.getObject('object-K1'), undefined);
  assert.deepEqual(store.missing.firsts(9), []);
});

test('an operation here that erases an object which has not come yet ends the search for it', (t) => {
  const store = knowing(t);
  take(store, 0, bytesOf(born(foreign(1, madeKey('K1', 1, OTHER)))));
  store.transaction(() => store.eraseObject('object-K1'));
  assert.equal(store.missing.has('object-K1'), false);
});

test('a store made from a copy finds out by itself what it lacks', (t) => {
  const store = knowing(t);
  store.putObject(objectOf('object-K2'));
  own(store, 2, madeKey('K1', 2, INCARNATION), madeKey('K2', 2, INCARNATION), madeKey('K3', 2, INCARNATION));
  own(store, 3, event('key', 'K3', 'destroyed', { destroyedAt: 1, destroyedComment: '' }));
  store.transaction(() => store.missing.findAll(store.state, 77));
  assert.deepEqual(store.missing.firsts(9), ['object-K1']);
  assert.equal(store.heldVector(INCARNATION)[INCARNATION], 1);
});

test('a life that began later confirms the erasure of what was destroyed before it, once', (t) => {
  const store = knowing(t);
  own(store, 2, madeKey('K1', 2, INCARNATION), madeKey('K2', 2, INCARNATION));
  own(store, 3, event('key', 'K1', 'destroyed', { destroyedAt: 1, destroyedComment: '' }));
  const noted = (life: string) => {
    store.erasures.remove(store.erasures.first(9));
    store.transaction(() => store.erasures.addOfBefore(life));
    return store.erasures.first(9);
  };
  assert.deepEqual(noted(INCARNATION), ['object-K1']);
  const erasure = { objectId: 'object-K1' as ObjectId, incarnationId: INCARNATION, erasedAt: 2 };
  own(store, 4, created('object_erasure', `object-K1:${INCARNATION}`, erasure));
  assert.deepEqual(noted(INCARNATION), []);
  assert.deepEqual(noted(OTHER), ['object-K1']);
});

test('a fact that cannot be folded although it looks sound takes nothing else with it', (t) => {
  const store = knowing(t);
  store.database.exec(
    `CREATE TRIGGER refusing BEFORE INSERT ON site WHEN NEW.id = 'SITE-2' BEGIN SELECT raise(ABORT, 'no'); END`,
  );
  const taken = take(store, 0, site(1), site(2), site(3));
  assert.deepEqual([taken.length, taken.stalled?.code], [1, 'unfoldable']);
  assert.equal(store.state.get('site', 'SITE-1')?.description, 'described by 1');
  assert.equal(store.readLog(OTHER, 0, 9).length, 1);
  store.database.exec('DROP TRIGGER refusing');
  assert.equal(take(store, 1, site(2)).length, 2);
});

test('the object of a key that another log claims stays', (t) => {
  const store = knowing(t);
  store.putObject(objectOf('object-K1'));
  own(store, 2000, madeKey('K1', 2, INCARNATION));
  const claim = created('key', 'K1', {
    objectId: 'object-false' as ObjectId,
    objectSha256: 'AA',
    incarnationId: OTHER,
    madeSeq: 1,
    createdAt: 1,
  });
  const taken = take(store, 0, bytesOf(born(foreign(1, claim))));
  assert.equal(taken.stalled, null);
  assert.deepEqual(taken.letGo, []);
  assert.ok(store.getObject('object-K1'));
});

test('hours that another KMA would have served are not taken, and the log waits there', (t) => {
  const store = knowing(t);
  const lifeOf = store.state.get('incarnation', OTHER)?.admittedKmaId ?? '';
  const hour = (kmaId: string) => set('kma_hour', `${kmaId}:7`, { hour: 7, createKey: 9 });
  const taken = take(
    store,
    0,
    site(1),
    bytesOf(foreign(2, hour(lifeOf))),
    bytesOf(foreign(3, hour('ANOTHER'))),
  );
  assert.equal(taken.length, 2);
  assert.match(taken.stalled?.detail ?? '', /hours of another KMA/);
  assert.deepEqual(
    store.state.page('kma_hour', '', 10).map(({ id, createKey }) => [id, createKey]),
    [[`${lifeOf}:7`, 9]],
  );
});

test('what others would not take is not written here either', (t) => {
  const store = knowing(t);
  const huge = () => own(store, 2, set('site', 'S', { description: 'x'.repeat(1024 * 1024) }));
  assert.throws(huge, { code: 'INVALID_PARAMETERS' });
  const object = { ...objectOf('big'), bytes: new Uint8Array(1024 * 1024 + 1) };
  assert.throws(() => store.putObject(object), { code: 'INVALID_PARAMETERS' });
  assert.equal(store.logLength(INCARNATION), 1);
});
