/** A short run of every fuzz target with one seed: the same inputs each time, and none of them a crash. Long runs are `npm run fuzz`. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCorpus } from '../fuzz/corpus.ts';
import { runTarget, tableOf } from '../fuzz/fuzzer.ts';
import { mutateBytes, mutateJson } from '../fuzz/mutate.ts';
import { Random } from '../fuzz/random.ts';
import { TARGETS } from '../fuzz/targets/index.ts';

const SEED = 1;
const short = { seed: SEED, milliseconds: null, keep: false, replay: null };

for (const { name, smokeInputs } of TARGETS)
  test(`fuzzing ${name}: no input of the short run crashes`, { timeout: 300_000 }, async () => {
    const inputs = readCorpus(name).length + smokeInputs;
    const result = await runTarget({ ...short, target: name, inputs });
    assert.deepEqual(result.crashes, [], tableOf([result]));
    assert.equal(result.inputs, inputs);
    assert.ok(result.outcomes.length > 1, 'inputs differ in what comes of them');
  });

test('one seed gives the same outcomes, another seed others', async () => {
  const run = async (seed: number) =>
    (await runTarget({ ...short, seed, target: 'soap', inputs: 400 + readCorpus('soap').length })).outcomes;
  const [first, second, other] = [await run(7), await run(7), await run(8)];
  assert.deepEqual(second, first);
  assert.notDeepEqual(other, first);
});

test('changes repeat with their seed, keep JSON plain, and differ', () => {
  const input = Buffer.from('{"a":[1,{"b":"text"}],"c":null}');
  const changes = (seed: number) =>
    Array.from({ length: 200 }, (_, i) =>
      mutateBytes(new Random(seed + i), input, input, ['word']).toString('hex'),
    );
  assert.deepEqual(changes(1), changes(1));
  assert.ok(new Set(changes(1)).size > 150);
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  for (let seed = 0; seed < 2000; seed++) {
    const changed = mutateJson(new Random(seed), JSON.parse(input.toString()));
    assert.doesNotThrow(() => JSON.stringify(changed));
  }
  assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), before);
});

test('one input is replayed, and a process that ends is a crash with its file', async (t) => {
  const path = join(tmpdir(), `openkma-replay-${process.pid}`);
  t.after(() => rmSync(path));
  writeFileSync(path, Buffer.from('\0<a/>'));
  const replayed = await runTarget({ ...short, target: 'soap', inputs: null, replay: path });
  assert.deepEqual([replayed.inputs, replayed.crashes, replayed.outcomes.length], [1, [], 1]);
  const ended = await runTarget({ ...short, target: 'no such target', inputs: 1 });
  const [crash] = ended.crashes;
  assert.match(crash?.what ?? '', /the process ended with code 1/);
  rmSync(crash?.file ?? '');
});
