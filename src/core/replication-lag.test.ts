/** The replication lag: what either side has not folded yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replicationLag } from './replication-lag.ts';
import type { VersionVector } from './version-vector.ts';

const CASES: [string, VersionVector, VersionVector, number][] = [
  ['nothing is written', {}, {}, 0],
  ['both have the same', { A: 5, B: 7 }, { B: 7, A: 5 }, 0],
  ['the other is behind', { A: 5, B: 7 }, { A: 2, B: 7 }, 3],
  ['this one is behind', { A: 5, B: 7 }, { A: 5, B: 11 }, 4],
  ['each is behind in one log: nothing makes up for anything', { A: 9, B: 1 }, { A: 4, B: 3 }, 7],
  ['the other has not heard of a log', { A: 5, C: 6 }, { A: 5 }, 6],
  ['this one has not heard of a log', { A: 5 }, { A: 5, C: 6 }, 6],
];

for (const [what, here, there, lag] of CASES)
  test(`the lag where ${what}: ${lag}`, () => {
    assert.equal(replicationLag(here, there), lag);
    assert.equal(replicationLag(there, here), lag);
  });
