/** After two logs of one key were seen: who has opened its cache anew gives what it has of the log to whoever has nothing of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forkLog, inWorld } from './engine-world.fixture.ts';
import { taker } from './replicated-logs.contract.ts';

test('a log of which two were seen is given again by who has opened its cache anew', () =>
  inWorld(async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    const atB = await forkLog(world, a, b);
    await world.until(() => a.logs.isProvenElsewhere);
    await world.disconnect(a, b);
    await b.close();
    await b.open();
    b.logs.follow(a.log, 3, atB.onBlocks);
    const atC = taker();
    c.logs.follow(a.log, 0, atC.onBlocks);
    await world.connect(b, c);
    await world.until(() => atC.texts.length === 3);
    assert.deepEqual(atC.texts, ['one', 'two', 'three']);
  }));
