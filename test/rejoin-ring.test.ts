/** Three KMAs that were cut off from each other and logged each other out in a ring come back, each at the one that has its passphrase: real processes, real ports. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type ClusterKma, TestCluster } from './support/cluster.ts';
import { QUORUM } from './support/kma.ts';
import { until } from './support/until.ts';

/** A KMA that was refused is called again after pauses that grow. */
const COMES_BACK_WITHIN_MS = 300_000;

const cluster = new TestCluster(24_800);
after(() => cluster[Symbol.asyncDispose]());
const a = await cluster.first('kma-a', '127.0.3.61');
const b = await cluster.joined(a, 'kma-b', '127.0.3.62');
const c = await cluster.joined(a, 'kma-c', '127.0.3.63');
const all = [a, b, c];
/** Each with the one whose passphrase it sets. */
const RING = [
  [a, b],
  [b, c],
  [c, a],
] as const;

const passphraseOf = ({ host }: ClusterKma) => `Comes-back-${host}`;
const standing = async (kma: ClusterKma) => (await kma.ask<{ cluster: string }>('ShowStatus', {})).cluster;

test('three that log each other out in a ring come back, each at the one that has its passphrase', async () => {
  for (const kma of all)
    await until(`${kma.name} has caught up`, async () => (await standing(kma)) === 'member');
  await until('all know each other', () => all.every((kma) => namesAt(kma).length === all.length));
  for (const kma of all) await kma.stop();
  // As if each were cut off: only one runs at a time.
  for (const [by, out] of RING) {
    await by.serve();
    await by.ask('SetKmaPassphrase', { kma: out.name, passphrase: passphraseOf(out) }, QUORUM);
    await by.stop();
  }
  for (const kma of all) await kma.serve();
  for (const kma of all)
    await until(`${kma.name} knows that it is out`, async () => (await standing(kma)) === 'logged-out');
  for (const [at, out] of RING) await cluster.rejoin(out, at, passphraseOf(out));
  for (const kma of all)
    await until(`${kma.name} is back`, async () => (await standing(kma)) === 'member', COMES_BACK_WITHIN_MS);
  await c.ask('CreateSite', { site: 'again' });
  for (const kma of all)
    await until(`${kma.name} has what is written`, () => kma.sites().includes('again'), COMES_BACK_WITHIN_MS);
  assert.deepEqual(
    all.map(namesAt),
    all.map(() => ['kma-a', 'kma-b', 'kma-c']),
  );
});

function namesAt(kma: ClusterKma): string[] {
  return kma.read(({ state }) => state.page('kma', '', 100).map(({ name }) => name ?? '')).sort();
}
