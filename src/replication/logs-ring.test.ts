/** Six KMAs in a ring, each connected to two others: what each writes reaches all, through cuts and lost caches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EngineKma, type EngineWorld, inWorld } from './engine-world.fixture.ts';
import { taker } from './replicated-logs.contract.ts';

const KMAS = 6;

class Node {
  readonly kma: EngineKma;
  readonly taken = new Map<string, ReturnType<typeof taker>>();

  constructor(kma: EngineKma) {
    this.kma = kma;
  }
  follow(others: readonly Node[]): void {
    for (const { kma } of others) {
      if (kma === this.kma) continue;
      const taken = this.taken.get(kma.log.incarnationId) ?? taker();
      this.taken.set(kma.log.incarnationId, taken);
      this.kma.logs.follow(kma.log, taken.texts.length, taken.onBlocks);
    }
  }
  async write(name: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.kma.write(`${name} ${i + 1}`);
  }
  has(others: readonly Node[]): boolean {
    return others.every(
      ({ kma }) =>
        kma === this.kma || this.taken.get(kma.log.incarnationId)?.texts.length === kma.truth.length,
    );
  }
}

test('in a ring everything reaches everybody, through cuts, and after a cache was lost', () =>
  inWorld(async (world) => {
    const nodes = await ring(world);
    const [first, second, third, fourth] = nodes;
    assert.ok(first !== undefined && second !== undefined && third !== undefined && fourth !== undefined);
    await Promise.all(nodes.map((node, i) => node.write(`before ${i}`, 20)));
    await world.until(() => nodes.every((node) => node.has(nodes)));

    // One cut leaves a chain, the other two halves.
    await world.disconnect(first.kma, second.kma);
    await world.disconnect(third.kma, fourth.kma);
    await Promise.all(nodes.map((node, i) => node.write(`apart ${i}`, 20)));
    await world.until(() => second.has([second, third]) && third.has([second, third]));
    assert.equal(second.has(nodes), false);
    await second.kma.restart();
    second.follow(nodes);
    await world.connect(first.kma, second.kma);
    await world.connect(second.kma, third.kma);
    await world.until(() => nodes.every((node) => node.has(nodes)));

    for (const node of nodes)
      for (const { kma } of nodes)
        if (kma !== node.kma)
          assert.deepEqual(node.taken.get(kma.log.incarnationId)?.texts, kma.truth.map(String));
    assert.deepEqual(
      nodes.flatMap(({ kma }) => [...kma.broken, ...kma.conflicts]),
      [],
    );
  }));

async function ring(world: EngineWorld): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let i = 0; i < KMAS; i++) nodes.push(new Node(await world.kma()));
  for (const node of nodes) node.follow(nodes);
  for (const [i, { kma }] of nodes.entries()) {
    const next = nodes[(i + 1) % KMAS];
    assert.ok(next !== undefined);
    await world.connect(kma, next.kma);
  }
  return nodes;
}
