/** A member of a cluster of replicators that a test plays itself; the others are sound. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { MemoryCore } from './memory-core.fixture.ts';
import { arrived, cluster, pairOf } from './replicators.fixture.ts';

/** Told to the core, with how long; once, whatever it does meanwhile. */
export async function leftAlone(at: MemoryCore, who: MemoryCore, why: RegExp): Promise<void> {
  const told = () => at.told('left-alone').filter(({ kmaId }) => kmaId === who.kmaId);
  await until(`${at.name} leaves ${who.name} alone: ${why}`, () =>
    told().some(({ reason }) => why.test(reason)),
  );
  assert.deepEqual(
    told().map(({ seconds }) => seconds),
    [30],
  );
}

/** a and b run, c is the one that a test plays. */
export async function withEvil(t: TestContext) {
  const { kmas, cores, port } = await cluster(t, 3);
  const [a, b, evil] = pairOf(cores);
  await kmas[2]?.stop();
  const punished = (why: RegExp) => leftAlone(a, evil, why);
  const othersGoOn = async () => {
    a.write('after');
    b.write('after');
    await arrived(a, b);
    await arrived(b, a);
  };
  return { a, b, evil, port, punished, othersGoOn };
}
