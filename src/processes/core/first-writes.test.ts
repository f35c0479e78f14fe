/** What a KMA writes first after a start waits for the members that can be reached, and not for ever. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FirstWrites } from './first-writes.ts';

/** Whether it is held after so much time. */
async function heldAfter(writes: FirstWrites, ms: number): Promise<boolean> {
  mock.timers.tick(ms);
  await Promise.resolve();
  return writes.held !== null;
}

const timed = (name: string, run: () => Promise<void>) =>
  test(name, async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await run();
    } finally {
      mock.timers.reset();
    }
  });

timed('nothing is held where no other member may know the log', async () => {
  assert.equal(new FirstWrites({ members: [], length: 5 }).held, null);
});

timed('it is held until each member has told, and no longer', async () => {
  const writes = new FirstWrites({ members: ['a', 'b'], length: 5 });
  let went = false;
  void writes.held?.then(() => {
    went = true;
  });
  writes.asked();
  writes.told('a', 5);
  assert.equal(await heldAfter(writes, 100), true);
  writes.told('a', 4);
  assert.equal(await heldAfter(writes, 100), true);
  writes.told('b', 0);
  assert.equal(await heldAfter(writes, 0), false);
  assert.equal(went, true);
});

timed(
  'who tells of more than there is gets the time to prove it, once, whatever time has passed',
  async () => {
    const writes = new FirstWrites({ members: ['a', 'b'], length: 5 });
    assert.equal(await heldAfter(writes, 7_000), true);
    writes.asked();
    writes.told('a', 6);
    writes.told('b', 5);
    assert.equal(await heldAfter(writes, 10_000), true);
    writes.asked();
    writes.told('a', 7);
    assert.equal(await heldAfter(writes, 9_999), true);
    assert.equal(await heldAfter(writes, 1), false);
  },
);

timed('who tells of more and then of less has let go of it', async () => {
  const writes = new FirstWrites({ members: ['a'], length: 5 });
  writes.asked();
  writes.told('a', 6);
  writes.told('a', 5);
  assert.equal(await heldAfter(writes, 0), false);
});

timed('a member that does not answer is waited for from when it can be asked, however often', async () => {
  const writes = new FirstWrites({ members: ['a'], length: 5 });
  assert.equal(await heldAfter(writes, 2_000), true);
  writes.asked();
  assert.equal(await heldAfter(writes, 2_000), true);
  writes.asked();
  assert.equal(await heldAfter(writes, 2_000), false);
});

timed('where nobody can ask it is not waited for long', async () => {
  const writes = new FirstWrites({ members: ['a'], length: 5 });
  assert.equal(await heldAfter(writes, 7_999), true);
  assert.equal(await heldAfter(writes, 1), false);
});

timed(
  'before anything is written for want of a proof, whoever has to know is told; after a proof or a word less nobody is',
  async () => {
    const heldThen: boolean[] = [];
    const writes = new FirstWrites({ members: ['a'], length: 5 });
    writes.onUnproven(() => heldThen.push(writes.held !== null));
    writes.asked();
    writes.told('a', 6);
    assert.equal(await heldAfter(writes, 20_000), false);
    assert.deepEqual(heldThen, [true]);
    const taken = new FirstWrites({ members: ['a'], length: 5 });
    taken.onUnproven(() => assert.fail());
    taken.told('a', 6);
    taken.told('a', 5);
    assert.equal(await heldAfter(taken, 20_000), false);
  },
);
