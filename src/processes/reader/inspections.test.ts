/** Long reading in the reader process: others come in between, who asks for the same shares it, and a failure ends it for all who wait. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Steps } from '../../core/steps.ts';
import { Inspections } from './inspections.ts';

const STEPS = 5;

/** Counts what is begun, and the steps that were taken inside of one read. */
function world() {
  const seen = { begun: 0, reads: 0, reading: false };
  const store = {
    read<T>(work: () => T): T {
      seen.reads += 1;
      seen.reading = true;
      const result = work();
      seen.reading = false;
      return result;
    },
  };
  function* steps(): Steps<string> {
    for (let done = 1; done <= STEPS; done++) {
      assert.ok(seen.reading);
      yield { done, total: STEPS };
    }
    return `answer ${seen.begun}`;
  }
  const begin = () => {
    seen.begun += 1;
    return steps();
  };
  return { seen, begin, inspections: new Inspections(store) };
}

test('each step is a read of its own, and others are answered between them', async () => {
  const { seen, begin, inspections } = world();
  const told: number[] = [];
  const asked = inspections.run('a', begin, ({ done }) => told.push(done));
  for (let n = 1; n <= STEPS; n++) {
    assert.deepEqual([seen.reads, seen.reading, told.at(-1)], [n, false, n]);
    await turn();
  }
  assert.equal(seen.reads, STEPS + 1);
  assert.equal(await asked, 'answer 1');
});

test('who asks meanwhile is told from then on, and gets the same answer; who asks later begins anew', async () => {
  const { seen, begin, inspections } = world();
  const told: number[] = [];
  const first = inspections.run('a', begin, () => undefined);
  await turn();
  const second = inspections.run('a', begin, ({ done }) => told.push(done));
  const other = inspections.run('b', begin, () => undefined);
  assert.equal(seen.begun, 2);
  assert.equal(await first, await second);
  assert.ok(told.length > 0 && !told.includes(1));
  await other;
  await inspections.run('a', begin, () => undefined);
  assert.equal(seen.begun, 3);
});

test('a failure is told to all who wait, and to nobody later', async () => {
  const { begin, inspections } = world();
  function* failing(): Steps<string> {
    yield { done: 0, total: 0 };
    throw new Error('damaged');
  }
  const waiting = [1, 2].map(() => inspections.run('a', failing, () => undefined));
  for (const one of waiting) await assert.rejects(one, /damaged/);
  assert.match(String(await inspections.run('a', begin, () => undefined)), /answer/);
});
