/** Who may sign for whose audit chain, and when two ends of one are no wonder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signerOf, wentOnTwice } from './audit-trust.ts';
import { created, event } from './facts.ts';
import { admittedLife, FoldingWorld, LIFE, madeLife, OTHER_LIFE } from './folding.fixture.ts';
import type { IncarnationId, KmaId } from './ids.ts';

const KMA = 'KMA' as KmaId;
const BETWEEN = 'BETWEEN';
const THIRD_LIFE = 'C3C3C3C3C3C3C3C3' as IncarnationId;

function world() {
  const made = new FoldingWorld();
  made.fold(created('kma', KMA, { name: 'kma-1', createdAt: 1, number: 1 }), madeLife(LIFE));
  made.fold(madeLife(OTHER_LIFE), madeLife(THIRD_LIFE, 'OTHER' as KmaId));
  return made;
}
const signer = ({ state }: FoldingWorld, signedBy: string, from: string, chain: string = LIFE) =>
  signerOf(state, chain, signedBy, from);

test('a life signs its own chain, whoever brings it', () => {
  for (const from of [KMA, BETWEEN]) assert.equal(signer(world(), LIFE, from), 'believed');
});

test('what another life of the same KMA has signed that KMA alone may bring', () => {
  assert.equal(signer(world(), OTHER_LIFE, KMA), 'believed');
  assert.equal(signer(world(), OTHER_LIFE, BETWEEN), 'later life');
  const admitted = new FoldingWorld();
  admitted.fold(madeLife(LIFE), admittedLife(OTHER_LIFE));
  assert.equal(signer(admitted, OTHER_LIFE, BETWEEN), 'later life');
});

test('others may bring it where the life of the chain is over, or its KMA was removed', () => {
  const ended = world();
  ended.fold(event('incarnation', LIFE, 'ended', { endedAt: 1 }));
  assert.equal(signer(ended, OTHER_LIFE, BETWEEN), 'believed');
  const removed = world();
  removed.fold(event('kma', KMA, 'removed', { removedHow: 'lost' }));
  assert.equal(signer(removed, OTHER_LIFE, BETWEEN), 'believed');
});

test('nobody signs for another KMA, and of those that are not known yet nothing is said', () => {
  assert.equal(signer(world(), THIRD_LIFE, KMA), 'another KMA');
  assert.equal(signer(world(), 'D'.repeat(16), KMA), 'not known');
  assert.equal(signer(world(), LIFE, KMA, 'D'.repeat(16)), 'not known');
});

const copied = (id: IncarnationId, base: object | null, reason: 'copy' | 'restore' = 'copy') =>
  created('incarnation', id, {
    ...{ kmaId: KMA, logPublicKey: '', replicationPublicKey: '', createdAt: 1, reason, clusterEpochId: '' },
    baseVectorJson: base === null ? null : JSON.stringify(base),
  });
const twice = (length: number, later: ReturnType<typeof copied>, chain: IncarnationId = LIFE) => {
  const made = world();
  made.fold(later);
  return wentOnTwice(made.state, chain, length);
};

test('a life went on twice where a copy of it began with less of its log than there is', () => {
  const later = (base: object | null, reason?: 'copy' | 'restore') =>
    copied('D4D4D4D4D4D4D4D4' as IncarnationId, base, reason);
  assert.equal(twice(20, later({ [LIFE]: 15 })), true);
  assert.equal(twice(15, later({ [LIFE]: 15 })), false);
  assert.equal(twice(20, later({})), true);
  assert.equal(twice(20, later(null)), true);
  assert.equal(twice(20, later({ [LIFE]: 15 }, 'restore')), false);
  assert.equal(twice(20, later({ [LIFE]: 15 }), THIRD_LIFE), false, 'of another KMA');
  assert.equal(twice(20, later({}), 'E'.repeat(16) as IncarnationId), false, 'not known');
});

test('a life that began after the copy is not meant', () => {
  const made = new FoldingWorld();
  made.fold(copied(LIFE, {}));
  made.fold(madeLife(OTHER_LIFE, KMA));
  assert.equal(wentOnTwice(made.state, OTHER_LIFE, 20), false);
  assert.equal(wentOnTwice(made.state, LIFE, 20), false);
});
