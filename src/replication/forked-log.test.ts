/** After two logs of one key were seen: who has opened its cache anew gives what it has of the log to whoever has nothing of it. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { inWorld } from './engine-world.fixture.ts';

test('a log of which two were seen is given again by who has opened its cache anew', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    await a.write('one');
    await a.close();
    cpSync(a.directory, `${a.directory}-copy`, { recursive: true });
    await a.open();
    await a.write('two', 'three');
    const atB: string[] = [];
    const take = (texts: string[]) => (afterSeq: number, blocks: readonly Uint8Array[]) => {
      texts.push(...blocks.map((block) => Buffer.from(block).toString()));
      return Promise.resolve(afterSeq + blocks.length);
    };
    b.logs.follow(a.log, 0, take(atB));
    await world.connect(a, b);
    await world.until(() => atB.length === 3);
    await world.disconnect(a, b);
    await a.close();
    a.truth.splice(1);
    rmSync(a.directory, { recursive: true });
    cpSync(`${a.directory}-copy`, a.directory, { recursive: true });
    rmSync(`${a.directory}-copy`, { recursive: true });
    await a.open();
    await a.write('other two', 'other three', 'other four');
    await world.connect(a, b);
    await world.until(() => b.conflicts.length > 0 || a.conflicts.length > 0);
    console.log('conflicts', a.conflicts.length, b.conflicts.length, a.logs.isProvenElsewhere);
    await world.until(() => a.logs.isProvenElsewhere);
    await world.disconnect(a, b);
    await b.close();
    await b.open();
    b.logs.follow(a.log, 3, take(atB));
    const atC: string[] = [];
    c.logs.follow(a.log, 0, take(atC));
    await world.connect(b, c);
    await world.until(() => atC.length === 3);
    assert.deepEqual(atC, ['one', 'two', 'three']);
  }));
