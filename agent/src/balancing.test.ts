/** Which KMA is chosen, by the rules of protocol section 10. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterMember } from '@openkma/protocol';
import fc from 'fast-check';
import { bestKmas, chooseKma, isUsable, type Kma, kmaOf, nextKma, sortKmas } from './balancing.ts';

function kma(name: string, more: Partial<Kma> = {}): Kma {
  return {
    id: name,
    name,
    siteId: 'A',
    address: `192.0.2.${name.charCodeAt(0)}`,
    enabled: true,
    responding: true,
    locked: false,
    load: 0,
    wrapsKeys: true,
    ...more,
  };
}

function member(more: Partial<ClusterMember> = {}): ClusterMember {
  return {
    kmaId: 1,
    kmaName: 'KMA1',
    kmaSiteId: 'A',
    kmaHostName: 'kma1',
    kmaNetworkAddress: '192.0.2.10',
    enabled: true,
    load: 7,
    responding: true,
    ...more,
  };
}

const names = (kmas: readonly Kma[]) => kmas.map(({ name }) => name).join('');

test('wraps keys and counts the load by version as text, not as number', () => {
  const table: [string | undefined, boolean, number][] = [
    [undefined, false, 0],
    ['', false, 0],
    ['3.0.0', false, 0],
    ['Build1016', false, 0],
    ['Build2000', false, 0],
    ['Build383', false, 0],
    ['Build384', true, 0],
    ['Build600', true, 0],
    ['Build6000', true, 7],
    ['Build601', true, 7],
    ['Build700', true, 7],
    ['build384', true, 7],
  ];
  for (const [kmaVersion, wrapsKeys, load] of table) {
    const seen = kmaOf(member({ kmaVersion }), false);
    assert.deepEqual([kmaVersion, seen.wrapsKeys, seen.load], [kmaVersion, wrapsKeys, load]);
  }
});

test('treats a member without a usable address as disabled', () => {
  assert.equal(kmaOf(member({ kmaNetworkAddress: '' }), false).enabled, false);
  assert.equal(kmaOf(member({ kmaNetworkAddress: 'a b\r\n' }), false).enabled, false);
  assert.equal(kmaOf(member(), false).enabled, true);
});

test('sorts by usability, then site, then load', () => {
  const kmas = [
    kma('a', { enabled: false }),
    kma('b', { siteId: 'B' }),
    kma('c', { load: 5 }),
    kma('d', { load: -1 }),
    kma('e', { locked: true, siteId: 'B', load: 1 }),
    kma('f', { responding: false }),
    kma('g', { siteId: 'B', load: -9 }),
  ];
  assert.equal(names(sortKmas(kmas, 'A')), 'dcgbafe');
});

test('gives everything to the less loaded of two KMAs, whichever is drawn', () => {
  const kmas = [kma('a', { load: 5 }), kma('b', { load: 1 })];
  for (const random of [0, 0.49, 0.5, 0.99]) assert.equal(chooseKma(kmas, 'A', () => random)?.name, 'b');
});

test('compares the drawn KMA with its neighbour only, and the last with the first', () => {
  const kmas = [kma('a', { load: 1 }), kma('b', { load: 2 }), kma('c', { load: 3 })];
  const chosen = [0, 0.34, 0.67].map((random) => chooseKma(kmas, 'A', () => random)?.name);
  assert.deepEqual(chosen, ['a', 'b', 'a']);
});

test('spreads calls over equally loaded KMAs', () => {
  const kmas = [kma('a'), kma('b'), kma('c')];
  const chosen = [0, 0.34, 0.67].map((random) => chooseKma(kmas, 'A', () => random)?.name);
  assert.deepEqual(chosen, ['a', 'b', 'c']);
});

test('stays within its site as long as one KMA there is usable, however loaded', () => {
  const kmas = [kma('a', { load: 99 }), kma('b', { siteId: 'B' }), kma('c', { siteId: 'B' })];
  assert.equal(chooseKma(kmas, 'A', () => 0.9)?.name, 'a');
  const without = [kma('a', { responding: false }), kma('b', { siteId: 'B' }), kma('c', { siteId: 'B' })];
  assert.equal(chooseKma(without, 'A', () => 0.9)?.name, 'c');
});

test('tries the first in sort order when no KMA is usable', () => {
  const kmas = [kma('a', { locked: true, siteId: 'B' }), kma('b', { responding: false })];
  assert.equal(chooseKma(kmas, 'A', () => 0)?.name, 'b');
  assert.equal(
    chooseKma([], 'A', () => 0),
    undefined,
  );
});

test('goes on to the first usable KMA, then round-robin over the enabled ones', () => {
  const down = { responding: false };
  const some = [kma('a', down), kma('b', { load: 9 }), kma('c', { load: 1 })];
  assert.equal(nextKma(some, 'A', kma('a')).kma.name, 'c');
  const none = [kma('a', down), kma('b', { ...down, enabled: false }), kma('c', { locked: true })];
  const visited = ['a', 'c', 'a'].map((failed) => nextKma(none, 'A', kma(failed)));
  assert.deepEqual(
    visited.map(({ kma, again }) => [kma.name, again]),
    [
      ['c', true],
      ['a', true],
      ['c', true],
    ],
  );
});

test('keeps the best 20 of a large cluster', () => {
  const kmas = Array.from({ length: 30 }, (_, i) => kma(`k${i}`, { enabled: i >= 5, load: i }));
  const best = bestKmas(kmas, 'A');
  assert.equal(best.length, 20);
  assert.ok(best.every(isUsable));
});

test('chooses a usable KMA whenever there is one, in the own site whenever there is one there', () => {
  const anyKma = fc.record({
    siteId: fc.constantFrom('A', 'B', ''),
    enabled: fc.boolean(),
    responding: fc.boolean(),
    locked: fc.boolean(),
    load: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(anyKma, { minLength: 1, maxLength: 20 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (rows, random) => {
        const kmas = rows.map((row, i) => kma(`k${i}`, row));
        const chosen = chooseKma(kmas, 'A', () => random);
        assert.ok(chosen !== undefined);
        assert.equal(isUsable(chosen), kmas.some(isUsable));
        if (kmas.some((each) => isUsable(each) && each.siteId === 'A')) assert.equal(chosen.siteId, 'A');
      },
    ),
  );
});
