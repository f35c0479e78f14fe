/** What an agent makes at one KMA it uses at another at once, while what is written at the first is told to nobody who does not ask: three KMAs as real processes, calls over the wire. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { KmaClient, kindOf, loadProfile, type RetrievedKey } from '@openkma/agent';
import { HeldTelling } from './support/held-telling.ts';
import { COMPLIANCE, OFFICER, OPERATOR, type TestKma } from './support/kma.ts';
import { withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { unlessBusy } from './support/unless-busy.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
/** More than the tests take. */
const KEYS = 100;
/** Of each way, at each KMA. */
const ROUNDS = 5;
/** What a KMA waits for the others before it calls itself busy, less what clocks may differ by. */
const WAITED_MS = 450;
const FIRST_ANSWERS_MIN = 0.95;

const cluster = await startThree(['127.0.1.31', '127.0.1.32', '127.0.1.33']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

const siteIsAt = (kma: TestKma, site: string): boolean =>
  withStore(kma.data, ({ state }) => state.page('site', '', 100).some(({ name }) => name === site));
const allRespondTo = async (kma: TestKma): Promise<boolean> => {
  const members = await kma.rows<{ responding: boolean }>('ListKmas', {}, OFFICER);
  return members.length === cluster.kmas.length && members.every(({ responding }) => responding);
};

await first.letIn(COMPLIANCE, OPERATOR);
const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y', allowAgentsToRevoke: true };
await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
await first.createAgent('drive');
for (const kma of cluster.kmas)
  await until(
    'enough keys are ready',
    async () => {
      const { keysReady } = await kma.ask<{ keysReady: number }>('ShowStatus', {});
      return keysReady >= KEYS;
    },
    LONG_MS,
  );
(await first.agent('drive', { create: false })).close();
const telling = await HeldTelling.at(first);
after(() => telling[Symbol.dispose]());
await first.ask('CreateSite', { site: 'told-before' }, OFFICER);
for (const kma of [second, third])
  await until('all that was made so far is there', () => siteIsAt(kma, 'told-before'), LONG_MS);
for (const kma of cluster.kmas) await until('all hear each other', () => allRespondTo(kma), LONG_MS);
// From here on for as long as the test goes on, which is more than any delay.
telling.hold();

/** An agent that asks this KMA alone. */
async function clientAt(kma: TestKma): Promise<KmaClient> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  return new KmaClient({ ...profile, address: kma.host, ports: kma.ports, settings }, { keepAlive: true });
}

const knowsHandOut = (kma: TestKma, keyId: string): boolean =>
  withStore(kma.data, ({ state }) => state.get('key', keyId)?.activatedStamp != null);

async function keysOfUnit(client: KmaClient, dataUnitId: string): Promise<RetrievedKey[]> {
  const keys: RetrievedKey[] = [];
  for await (const key of client.retrieveDataUnitKeys(dataUnitId)) keys.push(key);
  return keys;
}

/** Of all uses, how long each answer took that was "busy", and how many uses were answered at first. */
const uses = { all: 0, first: 0, busyMs: [] as number[] };

async function used<T>(call: () => Promise<T>): Promise<T> {
  let answers = 0;
  const got = await unlessBusy(async () => {
    const begunMs = performance.now();
    answers += 1;
    try {
      return await call();
    } catch (error) {
      if (kindOf(error) === 'unavailable') uses.busyMs.push(performance.now() - begunMs);
      throw error;
    }
  });
  uses.all += 1;
  if (answers === 1) uses.first += 1;
  return got;
}

interface Made {
  readonly dataUnitId: string;
  readonly externalTag: string;
  readonly made: RetrievedKey;
}

/** By each call that names a data unit or a key. */
const WAYS: Record<string, (there: KmaClient, made: Made) => Promise<void>> = {
  RetrieveKey: async (there, { made }) => isSame(await used(() => there.retrieveKey(made.keyId)), made),
  RetrieveDataUnitKeys: async (there, { dataUnitId, made }) => {
    const keys = await used(() => keysOfUnit(there, dataUnitId));
    assert.equal(keys.length, 1);
    isSame(keys[0], made);
  },
  RetrieveProtectAndProcessKey: async (there, { dataUnitId, made }) =>
    isSame(await used(() => there.retrieveProtectAndProcessKey(dataUnitId)), made),
  RetrieveDataUnit: async (there, { dataUnitId, externalTag }) => {
    const unit = await used(() => there.retrieveDataUnit(dataUnitId));
    assert.equal(unit.externalTag, externalTag);
  },
  DisassociateDataUnitKeys: (there, { dataUnitId }) => used(() => there.disassociateDataUnitKeys(dataUnitId)),
  RevokeKey: (there, { made }) => used(() => there.revokeKey(made.keyId)),
  'CreateKey for a data unit': async (there, { dataUnitId, made }) => {
    const key = await used(() => there.createKey({ dataUnitId }));
    assert.notEqual(key.keyId, made.keyId);
  },
  'RetrieveKey for a data unit': async (there, { dataUnitId, made }) =>
    isSame(await used(() => there.retrieveKey(made.keyId, { dataUnitId })), made),
};

function isSame(got: RetrievedKey | undefined, made: RetrievedKey): void {
  assert.equal(got?.keyId, made.keyId);
  assert.deepEqual(got?.key.reveal(), made.key.reveal());
}

for (const [way, use] of Object.entries(WAYS))
  test(`${way} finds at once at another KMA what was made the moment before, although nobody was told of it`, async () => {
    using here = await clientAt(first);
    for (const elsewhere of [second, third]) {
      using there = await clientAt(elsewhere);
      for (let round = 1; round <= ROUNDS; round++) {
        const externalTag = `${way} at ${elsewhere.host}, ${round}`;
        const { dataUnitId } = await here.createDataUnit({ externalTag });
        const made = await here.createKey({ dataUnitId });
        assert.ok(knowsHandOut(first, made.keyId));
        assert.ok(!knowsHandOut(elsewhere, made.keyId), 'nobody has told it');
        await use(there, { dataUnitId, externalTag, made });
      }
    }
    assert.ok(telling.held > 0, 'what was written was kept back');
  });

test('nearly all uses have the first answer, and a KMA calls itself busy only after it has waited for the others', (t) => {
  const { all, first: atFirst, busyMs } = uses;
  t.diagnostic(`uses=${all} answered-at-first=${atFirst} busy=${busyMs.length}`);
  assert.equal(all, Object.keys(WAYS).length * 2 * ROUNDS);
  const early = busyMs.filter((ms) => ms < WAITED_MS);
  assert.deepEqual(early, [], 'it has asked nobody, or not long enough');
  assert.ok(
    atFirst >= all * FIRST_ANSWERS_MIN,
    `${atFirst} of ${all}, busy after ${busyMs.map(Math.round)} ms`,
  );
});

test('what nobody asks for stays where it was written, until it is told', async () => {
  await first.ask('CreateSite', { site: 'untold' }, OFFICER);
  await second.ask('CreateSite', { site: 'told' }, OFFICER);
  for (const kma of [first, third])
    await until('what the second writes arrives', () => siteIsAt(kma, 'told'), LONG_MS);
  for (const kma of [second, third]) assert.ok(!siteIsAt(kma, 'untold'), kma.host);
  telling.release();
  for (const kma of [second, third])
    await until('what was kept back arrives', () => siteIsAt(kma, 'untold'), LONG_MS);
});
