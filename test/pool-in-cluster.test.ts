/** The pools of a cluster while agents use them up: three KMAs as real processes, no backup, and more keys than the pools hold; "npm run bench -- cluster" does the same for ten minutes. It measures no speed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { loadProfile } from '@openkma/agent';
import { SoapFault } from '@openkma/protocol';
import { Transport } from '../agent/src/transport.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { COMPLIANCE, OPERATOR, type TestKma } from './support/kma.ts';
import { unitOf } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 120_000;
/** The least there is. */
const POOL_KEYS = 1_000;
/** So that a third of them was made while agents were at work, and came to the others in time. */
const CREATIONS_EACH = 1.5 * POOL_KEYS;
const AGENTS = ['drive-1', 'drive-2', 'drive-3', 'drive-4'];
/** After an answer, so that there are a hundred calls a second at each KMA at most; what a slow machine is late with is not made up for. */
const REST_MS = 35;
const A_KEY = 'a key';

interface Status {
  readonly keyPoolSize: number;
  readonly keysReady: number;
  readonly keysUnissued: number;
}

const cluster = await startThree(['127.0.1.91', '127.0.1.92', '127.0.1.93']);
after(() => cluster[Symbol.asyncDispose]());
const { kmas } = cluster;
const [first] = kmas;
await first.letIn(COMPLIANCE, OPERATOR);
const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
for (const agent of AGENTS) (await first.agent(agent)).close();

/** What is folded, and what has come of it. */
const standingOf = (kma: TestKma) =>
  withStore(kma.data, (store) => store.read(() => `${JSON.stringify(store.vector())} ${stateHash(store)}`));
const haveOneState = () =>
  until('all have the same state', () => new Set(kmas.map(standingOf)).size === 1, LONG_MS);
const handedOutAt = (kma: TestKma) =>
  withStore(kma.data, ({ state }) => state.count('key', 'activatedGroup', { equals: [] }));

/** Each call goes to this KMA and nowhere else, once, and what it answers counts, whatever it is. */
async function callAt(kma: TestKma, agent: string, mayCall: () => boolean, answers: Answers): Promise<void> {
  const profile = await loadProfile(first.profile(agent));
  const { timeoutMs, minimumTls } = profile.settings;
  const transport = new Transport({ ...profile, timeoutMs, minimumTls, keepAlive: true });
  const endpoint = { address: kma.host, port: kma.ports.agent };
  try {
    while (mayCall()) {
      try {
        const { key } = await transport.call(endpoint, 'CreateKey', { dataUnit: unitOf(''), keyGroupId: '' });
        answers.note(A_KEY);
        answers.keyIds.add(key.keyId);
      } catch (error) {
        answers.note(error instanceof SoapFault ? error.message : String(error));
      }
      await pause(REST_MS);
    }
  } finally {
    transport.close();
  }
}

class Answers {
  readonly keyIds = new Set<string>();
  readonly counts: Record<string, number> = {};
  note(answer: string): void {
    this.counts[answer] = (this.counts[answer] ?? 0) + 1;
  }
}

test('the size of the pool is that of each KMA, and all of it is Ready by what the others hold', async () => {
  for (const kma of kmas) {
    const status = () => kma.ask<Status>('ShowStatus', {});
    await until(
      `the pool of ${kma.host} is Ready`,
      async () => (await status()).keysReady >= POOL_KEYS,
      LONG_MS,
    );
    const { keyPoolSize, keysUnissued } = await status();
    assert.deepEqual([keyPoolSize, keysUnissued], [POOL_KEYS, POOL_KEYS]);
  }
  await haveOneState();
});

test('agents at all three are given half as many keys again as the pools hold, and none is ever told that there is no Ready key', async (t) => {
  const answers = kmas.map(() => new Answers());
  const beganMs = performance.now();
  await Promise.all(
    kmas.flatMap((kma, at) => {
      let left = CREATIONS_EACH;
      const own = answers[at] ?? assert.fail();
      return AGENTS.map((agent) => callAt(kma, agent, () => left-- > 0, own));
    }),
  );
  t.diagnostic(`in ${Math.round((performance.now() - beganMs) / 1000)} s`);
  for (const [at, { counts, keyIds }] of answers.entries()) {
    assert.deepEqual(counts, { [A_KEY]: CREATIONS_EACH }, kmas[at]?.host);
    assert.equal(keyIds.size, CREATIONS_EACH);
  }
  const given = new Set(answers.flatMap(({ keyIds }) => [...keyIds]));
  assert.equal(given.size, kmas.length * CREATIONS_EACH, 'no key was given twice');
});

test('afterwards the pools are full again, all KMAs know every key that was given, and have one state', async () => {
  for (const kma of kmas)
    await until(
      `the pool of ${kma.host} is Ready again`,
      async () => (await kma.ask<Status>('ShowStatus', {})).keysReady >= POOL_KEYS,
      LONG_MS,
    );
  await haveOneState();
  for (const kma of kmas) assert.equal(handedOutAt(kma), kmas.length * CREATIONS_EACH);
});
