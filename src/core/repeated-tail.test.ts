/** What a life says again of the log before it: in the order and at the times of before, and nothing in another life's name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, type Fact, type LogEntry, set } from './facts.ts';
import {
  coreSecurityBackup,
  FoldingWorld,
  LIFE,
  madeBackup,
  madeKey,
  OTHER_LIFE,
} from './folding.fixture.ts';
import { trespass } from './foreign-rules.ts';
import type { IncarnationId, ObjectId } from './ids.ts';
import { nextReadyKey, poolStanding, unissuedKeys, waitingKeys } from './readiness.ts';
import { beginningAfter, isRepeatedKey, repeatedThrough, repeatTail } from './repeated-tail.ts';
import { hlc, stampOf } from './stamp.ts';

const BORN = stampOf(hlc(1_000, 0), OTHER_LIFE);
const BEGINNING = beginningAfter(BORN);
const entry = (ms: number, ...facts: readonly Fact[]): LogEntry => ({
  v: 1,
  stamp: stampOf(hlc(ms, 0), OTHER_LIFE),
  operation: 'Test',
  facts,
});
const site = (name: string) => created('site', name, { name, createdAt: 1 });
const repeat = (...tail: readonly LogEntry[]) => repeatTail(tail, OTHER_LIFE, LIFE, BEGINNING);

test('a life begins right behind the one before, and what it says again keeps its times', () => {
  assert.equal(BEGINNING, hlc(1_000, 1));
  const repeated = repeat(entry(5_000, site('A')), entry(7_000, site('B')));
  assert.deepEqual(
    repeated.map(({ stamp }) => stamp),
    [stampOf(hlc(5_000, 0), LIFE), stampOf(hlc(7_000, 0), LIFE)],
  );
  assert.deepEqual(
    repeated.map(({ facts }) => facts),
    [[site('A')], [site('B')]],
  );
});

test('stamps grow also where the second entry was written in the moment of the first', () => {
  const tail = [1, 2].map((counter) => ({
    ...entry(0, site(`S${counter}`)),
    stamp: stampOf(hlc(1_000, counter), OTHER_LIFE),
  }));
  assert.deepEqual(
    repeatTail(tail, OTHER_LIFE, LIFE, BEGINNING).map(({ stamp }) => stamp),
    [stampOf(hlc(1_000, 2), LIFE), stampOf(hlc(1_000, 3), LIFE)],
  );
});

test('what only a life itself can say of itself is left out, with entries that say nothing else', () => {
  const own: readonly Fact[] = [
    created('object_erasure', `O:${OTHER_LIFE}`, {
      objectId: 'O' as ObjectId,
      incarnationId: OTHER_LIFE,
      erasedAt: 1,
    }),
    created('log_end', `X:${OTHER_LIFE}`, {
      incarnationId: 'X' as IncarnationId,
      byIncarnationId: OTHER_LIFE,
      length: 1,
    }),
    set('log_end', `X:${OTHER_LIFE}`, { laterLength: 2 }),
    set('member_key', OTHER_LIFE, { objectSha256: '' }),
    set('audit_head', `${OTHER_LIFE}:short`, { seq: 3, hash: 'AA' }),
    set('audit_cut', `${OTHER_LIFE}:short`, { seq: 2, hash: 'AA' }),
  ];
  const [only, ...none] = repeat(entry(2_000, ...own), entry(3_000, ...own, site('A')));
  assert.deepEqual([only?.facts, none], [[site('A')], []]);
});

test('where it has cut the audit of a life before, which is over, is said again', () => {
  const cut = set('audit_cut', `X${OTHER_LIFE.slice(1)}:short`, { seq: 2, hash: 'AA' });
  assert.deepEqual(repeat(entry(2_000, cut))[0]?.facts, [cut]);
});

test('a key that was made there is one of the log that says it again, at its place there', () => {
  const repeated = repeat(entry(2_000, site('A')), entry(3_000, madeKey('K1', 51, OTHER_LIFE)));
  const [, made] = repeated;
  const [fact] = made?.facts ?? [];
  assert.ok(fact !== undefined && 'event' in fact);
  assert.deepEqual([fact.cells['incarnationId'], fact.cells['madeSeq']], [LIFE, 3]);
  assert.equal(trespass(made?.facts ?? [], { incarnationId: LIFE, seq: 3, life: undefined }), null);
});

const born = (through: number) =>
  event('incarnation', LIFE, 'created', {
    kmaId: null,
    logPublicKey: null,
    createdAt: 1,
    reason: 'copy',
    clusterEpochId: '',
    baseVectorJson: JSON.stringify({ [OTHER_LIFE]: 50, ...(through === 0 ? {} : { [LIFE]: through }) }),
    replicationPublicKey: null,
  });

test('keys that are said again are never ready, and belong to no pool', () => {
  const world = new FoldingWorld();
  world.fold(born(11), madeKey('K1', 10), madeKey('K2', 11), madeKey('K3', 12), madeKey('K4', 13));
  world.fold(...coreSecurityBackup(), ...madeBackup('B', { [LIFE]: 12 }));
  const { state } = world;
  assert.equal(repeatedThrough(state.get('incarnation', LIFE)), 11);
  assert.equal(nextReadyKey(state, LIFE)?.id, 'K3');
  assert.deepEqual(poolStanding(state, LIFE), { ready: 1, unissued: 2 });
  assert.deepEqual([unissuedKeys(state, LIFE), waitingKeys(state, LIFE)], [2, 1]);
  const repeated = ['K1', 'K2', 'K3'].map((id) =>
    isRepeatedKey(state, state.get('key', id) ?? assert.fail()),
  );
  assert.deepEqual(repeated, [true, true, false]);
});

test('a life that says nothing again has all its keys', () => {
  const world = new FoldingWorld();
  world.fold(born(0), madeKey('K1', 2));
  assert.equal(repeatedThrough(world.state.get('incarnation', LIFE)), 0);
  assert.equal(repeatedThrough(undefined), 0);
  assert.equal(unissuedKeys(world.state, LIFE), 1);
  assert.equal(isRepeatedKey(world.state, { incarnationId: null, madeSeq: null }), false);
});
