/** The engine fulfils the contract of the replicated logs, over streams in memory and files on disk. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineWorld, forkLog, inWorld } from './engine-world.fixture.ts';
import { contractOfReplicatedLogs, taker } from './replicated-logs.contract.ts';

contractOfReplicatedLogs('engine', () => Promise.resolve(new EngineWorld()));

test('a cache whose files are damaged is made anew', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write('one', 'two');
    await a.close();
    const cache = join(a.directory, 'cache', 'db');
    for (const file of readdirSync(cache)) writeFileSync(join(cache, file), 'no database');
    await a.open();
    assert.equal(await a.logs.ownLength(), 2);
  }));

test('a cache that is longer than the log, or has other bytes, is made anew', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write('one', 'two', 'three');
    await a.close();
    a.truth.pop();
    await a.open();
    assert.equal(await a.logs.ownLength(), 2);
    await a.close();
    a.truth[1] = Buffer.from('another');
    await a.open();
    const b = await world.kma();
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 2);
    assert.deepEqual(taken.texts, ['one', 'another']);
  }));

test('two logs of one key are told, and nothing else breaks', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    const taken = await forkLog(world, a, b);
    const fromC = taker();
    b.logs.follow(c.log, 0, fromC.onBlocks);
    await world.connect(b, c);
    await c.write('after');
    await world.until(() => fromC.texts.length === 1);
    assert.deepEqual(taken.texts, ['one', 'two', 'three']);
    assert.deepEqual([a.broken, b.broken], [[], []]);
  }));

test('a cache that has lost its tail has it back before anybody is connected', () =>
  inWorld(async (world) => {
    const a = await world.kma();
    await a.write(...Array.from({ length: 150 }, (_, i) => `entry ${i + 1}`));
    await a.restart(20);
    assert.equal(await a.logs.ownLength(), 150);
  }));

test('an own log that a peer has longer is taken for one, and nothing is written behind it', () =>
  inWorld(async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    await a.write('one', 'two', 'three');
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 3);
    await world.disconnect(a, b);
    a.truth.splice(1);
    await a.restart();
    assert.equal(a.logs.ownLengthElsewhere(), 0);
    await world.connect(a, b);
    await world.until(() => a.logs.ownLengthElsewhere() > 3);
    const texts = ['another two', 'another three'].map((text) => Buffer.from(text));
    await assert.rejects(a.logs.append(1, texts));
    await assert.rejects(a.logs.append(3, texts));
    assert.deepEqual([a.broken, a.conflicts, b.conflicts], [[], [], []]);
  }));

test('what came with the snapshot of a join is never fetched', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    await a.write(...Array.from({ length: 10 }, (_, i) => `entry ${i + 1}`));
    await b.close();
    b.base = { [a.log.incarnationId]: 7 };
    await b.open();
    const atB = taker(7);
    b.logs.follow(a.log, 7, atB.onBlocks);
    await world.connect(a, b);
    await world.until(() => atB.texts.length === 3);
    await world.disconnect(a, b);
    const atC = taker(7);
    c.logs.follow(a.log, 7, atC.onBlocks);
    await world.connect(b, c);
    await world.until(() => atC.texts.length === 3);
    c.logs.unfollow(a.log.incarnationId);
    b.logs.confirm({ applied: { [a.log.incarnationId]: 10 }, holds: {} });
    const whole = taker();
    c.logs.follow(a.log, 0, whole.onBlocks);
    await c.logs.catchUp(200);
    assert.deepEqual(whole.texts, []);
  }));

test('confirmations that follow each other are told together, the last one in any case, and who asks has it at once', () =>
  inWorld(async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const heard: number[] = [];
    b.logs.onConfirmed((_, { applied }) => void heard.push(applied[a.log.incarnationId] ?? 0));
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await a.write(...Array.from({ length: 100 }, (_, i) => `entry ${i + 1}`));
    for (let length = 1; length <= 100; length += 1)
      a.logs.confirm({ applied: { [a.log.incarnationId]: length }, holds: {} });
    await b.logs.catchUp(60_000);
    assert.equal(taken.texts.length, 100);
    await world.until(() => heard.at(-1) === 100);
    assert.ok(heard.length <= 3, String(heard));
  }));

test('what is folded and was lost with the cache is fetched again, for those that have less', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    await a.write('one', 'two', 'three');
    const atB = taker();
    b.logs.follow(a.log, 0, atB.onBlocks);
    await world.connect(a, b);
    await world.until(() => atB.texts.length === 3);
    await b.restart();
    b.logs.follow(a.log, 3, atB.onBlocks);
    await world.connect(a, b);
    await a.write('four');
    await world.until(() => atB.texts.length === 4);
    const atC = taker();
    c.logs.follow(a.log, 0, atC.onBlocks);
    await world.connect(b, c);
    await world.until(() => atC.texts.length === 4);
    await a.close();
  }));
