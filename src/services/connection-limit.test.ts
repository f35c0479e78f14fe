/** How many connections a listener takes, from what the process may open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsOfListener, limitsOfListener } from './connection-limit.ts';

test('the connections of all listeners of a front and the rest fit into the files it may open', () => {
  for (const openFiles of [1024, 4096, 20_000])
    for (const fronts of [1, 2, 8])
      for (const listeners of [4, 8]) {
        const each = connectionsOfListener({ openFiles, fronts, listeners });
        assert.ok(each * listeners + 100 <= openFiles, `${openFiles} ${fronts} ${listeners}`);
        assert.ok(each >= 64 || fronts === 8, `${each}`);
      }
});

test('with files in plenty the memory bounds all fronts together', () => {
  for (const fronts of [1, 2, 16])
    assert.equal(connectionsOfListener({ openFiles: 2 ** 20, fronts, listeners: 4 }) * fronts * 4, 8192);
});

test('few files leave each listener a few connections rather than none', () => {
  assert.equal(connectionsOfListener({ openFiles: 64, fronts: 2, listeners: 4 }), 16);
});

test('one source has a quarter of a listener', () => {
  assert.deepEqual(limitsOfListener(1000), { connections: 1000, connectionsPerSource: 250 });
  assert.deepEqual(limitsOfListener(2), { connections: 2, connectionsPerSource: 1 });
});
