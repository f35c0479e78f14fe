/** What every implementation of the replicated logs has to do, as tests; the engine and the simulation's stand-in both run them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Confirmation, LogId, OnBlocks, Peer, ReplicatedLogs } from './replicated-logs.ts';

/** A KMA of the suite; its truth is what was appended, as in a store. */
export interface ContractKma {
  readonly log: LogId;
  readonly logs: ReplicatedLogs;
  /** Appends to the truth and to the engine's copy. */
  write(...texts: string[]): Promise<void>;
  /** Ends it and begins again with its own log cut to `length` in the cache; without one the whole cache is lost. */
  restart(cachedLength?: number): Promise<void>;
  close(): Promise<void>;
}

/** Several KMAs and what connects them. */
export interface ContractWorld {
  kma(): Promise<ContractKma>;
  connect(a: ContractKma, b: ContractKma): Promise<void>;
  disconnect(a: ContractKma, b: ContractKma): Promise<void>;
  /** Lets time pass until it holds. */
  until(holds: () => boolean): Promise<void>;
  end(): Promise<void>;
}

/** What a follower has taken, in order. */
export interface Taken {
  readonly texts: string[];
  readonly onBlocks: OnBlocks;
}

export function taker(from = 0): Taken {
  const texts: string[] = [];
  return {
    texts,
    onBlocks: (afterSeq, blocks) => {
      assert.equal(afterSeq, from + texts.length, 'blocks follow each other');
      for (const block of blocks) texts.push(Buffer.from(block).toString('utf8'));
      return Promise.resolve(from + texts.length);
    },
  };
}

const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `entry ${from + i}`);

export function contractOfReplicatedLogs(name: string, begin: () => Promise<ContractWorld>): void {
  const contract = (what: string, run: (world: ContractWorld) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      const world = await begin();
      try {
        await run(world);
      } finally {
        await world.end();
      }
    });

  contract('blocks come in order, each once, those of before and those of after', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    await a.write(...numbered(200));
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 200);
    await a.write(...numbered(3, 201));
    await world.until(() => taken.texts.length === 203);
    assert.deepEqual(taken.texts, numbered(203));
  });

  contract('what lies before the position to follow from is never given', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    await a.write(...numbered(10));
    const taken = taker(7);
    b.logs.follow(a.log, 7, taken.onBlocks);
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 3);
    assert.deepEqual(taken.texts, numbered(3, 8));
  });

  contract('after a break it goes on where it was', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await a.write(...numbered(5));
    await world.until(() => taken.texts.length === 5);
    await world.disconnect(a, b);
    await a.write(...numbered(5, 6));
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 10);
    assert.deepEqual(taken.texts, numbered(10));
  });

  contract("a third's log is passed on while its origin is gone", async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    const atB = taker();
    b.logs.follow(a.log, 0, atB.onBlocks);
    await world.connect(a, b);
    await a.write(...numbered(20));
    await world.until(() => atB.texts.length === 20);
    await world.disconnect(a, b);
    await a.close();
    const atC = taker();
    c.logs.follow(a.log, 0, atC.onBlocks);
    await world.connect(b, c);
    await world.until(() => atC.texts.length === 20);
    assert.deepEqual(atC.texts, numbered(20));
  });

  contract('what was not taken comes again', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const taken = taker();
    let refusals = 0;
    b.logs.follow(a.log, 0, (afterSeq, blocks) => {
      refusals += 1;
      return refusals <= 1 ? Promise.resolve(afterSeq) : taken.onBlocks(afterSeq, blocks);
    });
    await world.connect(a, b);
    await a.write(...numbered(4));
    await world.until(() => taken.texts.length === 4);
    assert.ok(refusals >= 2);
  });

  contract('one batch is given at a time, and none is large', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const taken = taker();
    let under = 0;
    let most = 0;
    b.logs.follow(a.log, 0, async (afterSeq, blocks) => {
      under += 1;
      most = Math.max(most, blocks.length);
      assert.equal(under, 1);
      await Promise.resolve();
      under -= 1;
      return taken.onBlocks(afterSeq, blocks);
    });
    await a.write(...numbered(300));
    await world.connect(a, b);
    await world.until(() => taken.texts.length === 300);
    assert.ok(most <= 64);
  });

  contract('what was closed while it was busy gives no more', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const release = Promise.withResolvers<void>();
    let calls = 0;
    b.logs.follow(a.log, 0, async (afterSeq) => {
      calls += 1;
      await release.promise;
      return afterSeq + 1;
    });
    await a.write(...numbered(200));
    await world.connect(a, b);
    await world.until(() => calls === 1);
    const closed = b.close();
    release.resolve();
    await closed;
    await a.write('another');
    await world.until(() => a.logs.peers().length === 0);
    assert.equal(calls, 1);
  });

  contract('blocks that do not begin at the end of the own log are refused', async (world) => {
    const a = await world.kma();
    await a.write(...numbered(3));
    await assert.rejects(a.logs.append(2, [Buffer.from('again')]));
    assert.equal(await a.logs.ownLength(), 3);
  });

  contract('a confirmation reaches those who are there and those who come', async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    const heard: [string, Confirmation][] = [];
    const hear = (peer: Peer, confirmation: Confirmation) => {
      heard.push([peer.incarnationId, confirmation]);
    };
    b.logs.onConfirmed(hear);
    c.logs.onConfirmed(hear);
    await world.connect(a, b);
    const confirmation = { applied: { [b.log.incarnationId]: 5 }, holds: { [b.log.incarnationId]: 4 } };
    a.logs.confirm(confirmation);
    const times = () =>
      heard.filter(([from, { holds }]) => from === a.log.incarnationId && holds[b.log.incarnationId] === 4)
        .length;
    await world.until(() => times() === 1);
    await world.connect(a, c);
    await world.until(() => times() === 2);
  });

  contract('an own log that is longer elsewhere is noticed', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    await world.connect(a, b);
    b.logs.confirm({ applied: { [a.log.incarnationId]: 9 }, holds: {} });
    await world.until(() => a.logs.ownLengthElsewhere() >= 9);
    assert.equal(b.logs.ownLengthElsewhere(), 0);
  });

  contract('catching up waits for what the peers have folded', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await a.write(...numbered(300));
    a.logs.confirm({ applied: { [a.log.incarnationId]: 300 }, holds: {} });
    let takenThen = -1;
    const caughtUp = b.logs.catchUp(60_000).then((complete) => {
      takenThen = taken.texts.length;
      return complete;
    });
    await world.until(() => takenThen !== -1);
    assert.equal(await caughtUp, true);
    assert.equal(takenThen, 300);
  });

  contract('catching up ends in time where a log does not come', async (world) => {
    const [a, b, c] = [await world.kma(), await world.kma(), await world.kma()];
    const taken = taker();
    b.logs.follow(c.log, 0, taken.onBlocks);
    await world.connect(a, b);
    a.logs.confirm({ applied: { [c.log.incarnationId]: 5 }, holds: {} });
    let done = false;
    const caughtUp = b.logs.catchUp(500).then((complete) => {
      done = true;
      return complete;
    });
    await world.until(() => done);
    assert.equal(await caughtUp, false);
    assert.deepEqual(taken.texts, []);
  });

  contract('peers are those who are connected', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    assert.deepEqual(a.logs.peers(), []);
    await world.connect(a, b);
    await world.until(() => a.logs.peers().length === 1);
    assert.equal(a.logs.peers()[0]?.incarnationId, b.log.incarnationId);
    await world.disconnect(a, b);
    await world.until(() => a.logs.peers().length === 0);
  });

  contract('a log that is no longer followed is given no more', async (world) => {
    const [a, b] = [await world.kma(), await world.kma()];
    const taken = taker();
    b.logs.follow(a.log, 0, taken.onBlocks);
    await world.connect(a, b);
    await a.write(...numbered(2));
    await world.until(() => taken.texts.length === 2);
    b.logs.unfollow(a.log.incarnationId);
    await a.write(...numbered(2, 3));
    const again = taker(2);
    b.logs.follow(a.log, 2, again.onBlocks);
    await world.until(() => again.texts.length === 2);
    assert.deepEqual(taken.texts, numbered(2));
  });

  for (const cached of [undefined, 5])
    contract(
      cached === undefined
        ? 'a cache that was lost is refilled, and others follow on'
        : 'a cache that lost its tail is refilled, and others follow on',
      async (world) => {
        const [a, b] = [await world.kma(), await world.kma()];
        const taken = taker();
        b.logs.follow(a.log, 0, taken.onBlocks);
        await a.write(...numbered(8));
        await world.connect(a, b);
        await world.until(() => taken.texts.length === 8);
        await world.disconnect(a, b);
        await a.restart(cached);
        await a.write(...numbered(4, 9));
        await world.connect(a, b);
        await world.until(() => taken.texts.length === 12);
        assert.deepEqual(taken.texts, numbered(12));
      },
    );
}
