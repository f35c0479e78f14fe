/** Three KMAs as real processes: what one has served stands in the lists of the others when it has ended in order, and it goes on counting where it was. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KmaClient, loadProfile } from '@openkma/agent';
import { hourOf } from '../src/core/agent-performance.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { openStore } from '../src/store/store.ts';
import { AUDITOR, COMPLIANCE, OFFICER, OPERATOR, type TestKma } from './support/kma.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

interface Listed {
  readonly kma: string;
  readonly countedUntil: string;
  readonly hours: number;
  readonly agents: number;
  readonly agentRequests: number;
  readonly createKey: number;
  readonly managementRequests: number;
  readonly replicationRequests: number;
}

const LONG_MS = 60_000;
const KEYS = 3;
/** A KMA that ends waits for the others some seconds: on a loaded machine that may not be enough, and its next end tells all of it. */
const ENDS_MAX = 6;
const TOLD_MS = 15_000;
const hour = hourOf(Date.now());
const cluster = await startThree(['127.0.1.81', '127.0.1.82', '127.0.1.83']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

/** Of the first KMA, as another one lists it; undefined where that knows nothing of it. */
async function firstAt(kma: TestKma): Promise<Listed | undefined> {
  const rows = await kma.rows<Listed>('ListKmaPerformance', { span: 'day', per: 'kma' }, AUDITOR);
  return rows.find((row) => row.kma === 'kma-test');
}

function standingOf(kma: TestKma): string {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'read' });
  try {
    return store.read(() => `${JSON.stringify(store.vector())} ${stateHash(store)}`);
  } finally {
    store.close();
  }
}

/** A call that is repeated counts again. */
async function createKeys(): Promise<void> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  using agent = new KmaClient({ ...profile, address: first.host, ports: first.ports, settings });
  for (let key = 0; key < KEYS; key += 1)
    await until('a key is created', async () => (await agent.createKey()).keyId !== '', LONG_MS);
}

/** Ends the first KMA until the others know of so many keys; gives when. */
async function endTold(keys: number): Promise<number> {
  for (let end = 1; ; end += 1) {
    await first.stop();
    const stoppedMs = Date.now();
    const knows = async (kma: TestKma) => ((await firstAt(kma))?.createKey ?? 0) >= keys;
    const told = [second, third].map((kma) =>
      until(`${keys} keys at ${kma.host}`, () => knows(kma), end < ENDS_MAX ? TOLD_MS : LONG_MS),
    );
    const all = await Promise.allSettled(told);
    const missing = all.find((one) => one.status === 'rejected');
    if (missing === undefined) return stoppedMs;
    if (end === ENDS_MAX) throw missing.reason;
    await first.resume();
    await until('the others are connected', respond, LONG_MS);
  }
}

async function respond(): Promise<boolean> {
  const rows = await first.rows<{ responding: boolean | null }>('ListKmas', {}, OFFICER);
  return rows.filter(({ responding }) => responding === true).length >= 2;
}

test('what one KMA has served stands in the lists of the others, with the time up to which it is known', async () => {
  await first.letIn(COMPLIANCE, OPERATOR, AUDITOR);
  const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
  await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
  await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
  await first.createAgent('drive');
  const ready = () => first.ask<{ keysReady: number }>('ShowStatus', {});
  await until('keys are ready', async () => (await ready()).keysReady > 0, LONG_MS);
  for (const kma of [second, third])
    await until(
      `the auditor at ${kma.host}`,
      async () => (await kma.rows('ListUsers', {}, OFFICER)).length === 4,
      LONG_MS,
    );
  (await first.agent('drive', { create: false })).close();
  await createKeys();
  const early = await firstAt(second);
  if (hourOf(Date.now()) === hour)
    assert.equal(early, undefined, 'its hour goes on, and nothing is shown in place of what it served');
  const stoppedMs = await endTold(KEYS);
  for (const kma of [second, third]) {
    const told = (await firstAt(kma)) ?? assert.fail();
    assert.ok(told.createKey >= KEYS && told.agentRequests >= told.createKey, JSON.stringify(told));
    assert.ok(
      told.agents === 1 && told.managementRequests > 0 && told.replicationRequests > 0,
      JSON.stringify(told),
    );
    const ago = stoppedMs - Date.parse(told.countedUntil);
    assert.ok(ago >= 0 && ago < LONG_MS, `${told.countedUntil}, ${ago} ms before the end`);
  }
  await until('all have the same state', () => standingOf(second) === standingOf(third), LONG_MS);
});

test('a KMA that was away counts on where it was, and its next end tells all of it', async () => {
  await first.resume();
  const before = (await firstAt(first))?.createKey ?? 0;
  assert.ok(before >= KEYS);
  await createKeys();
  await endTold(before + KEYS);
});
