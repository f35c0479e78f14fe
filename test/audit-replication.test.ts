/** Three KMAs as real processes: each shows the audit of all, also after it was away; chains verify everywhere, an altered record is refused, and alarms are told by the KMA that wrote them alone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KmaClient, loadProfile } from '@openkma/agent';
import type { AuditChainReport } from '../src/operations/audit-record.ts';
import { signHeads } from '../src/processes/core/audit-chores.ts';
import { auditTailOf } from '../src/store/audit-tail.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { withCore } from './support/core-alone.ts';
import { AUDITOR, COMPLIANCE, OFFICER, OPERATOR, type TestKma } from './support/kma.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 60_000;
const cluster = await startThree(['127.0.1.71', '127.0.1.72', '127.0.1.73']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

interface Event {
  readonly row: number;
  readonly id: string;
  readonly createdAt: string;
  readonly operation: string;
  readonly condition: string;
  readonly message: string;
  readonly kmaName: string;
}

function read<T>(kma: TestKma, work: (store: Store) => T): T {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'read' });
  try {
    return store.read(() => work(store));
  } finally {
    store.close();
  }
}
const nameOf = (kma: TestKma) => kma.ask<{ kma: string }>('ShowStatus', {}).then(({ kma: name }) => name);
const eventsAt = (kma: TestKma, ...filter: string[]) =>
  kma.rows<Event>('ListAuditEvents', { filter, limit: 1_000 }, AUDITOR);
const chainsAt = (kma: TestKma) => kma.ask<AuditChainReport[]>('VerifyAudit', {}, AUDITOR);

async function clientAt(kma: TestKma): Promise<KmaClient> {
  const profile = await loadProfile(first.profile('drive'));
  const settings = { ...profile.settings, discoveryFrequencyMs: 0, failoverLimit: 0 };
  return new KmaClient({ ...profile, address: kma.host, ports: kma.ports, settings }, { keepAlive: true });
}

/** The records of a key's hand-out at this KMA, as soon as there are any. */
function handOut(at: TestKma, keyId: string): Promise<readonly Event[]> {
  return until(
    `the hand-out of ${keyId.slice(0, 8)} in the audit of ${at.host}`,
    async () => {
      const found = await at.rows<Event>('ListKeyHistory', { keyId }, COMPLIANCE);
      const made = found.filter(({ operation }) => operation.startsWith('CreateKey'));
      return made.length > 0 && made;
    },
    LONG_MS,
  );
}

test('what an agent does at one KMA is in the audit of the others, once, with the KMA that it asked', async () => {
  await first.letIn(COMPLIANCE, OPERATOR, AUDITOR);
  const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
  await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
  await first.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
  await first.createAgent('drive');
  for (const kma of [first, second]) {
    const ready = () => kma.ask<{ keysReady: number }>('ShowStatus', {});
    await until(`keys are ready at ${kma.host}`, async () => (await ready()).keysReady > 0, LONG_MS);
  }
  await first.agent('drive', { create: false });
  using agent = await until('the agent is known at the second', () => clientAt(second), LONG_MS);
  const { keyId } = await until('the second gives a key', () => agent.createKey(), LONG_MS);
  const own = await handOut(second, keyId);
  for (const kma of [first, third]) {
    const copied = await handOut(kma, keyId);
    assert.deepEqual(
      copied.map(({ id, kmaName }) => [id, kmaName]),
      own.map(({ id, kmaName }) => [id, kmaName]),
    );
    assert.ok(copied.every(({ row }) => row < 0));
    const shown = await kma.ask<Event>('ShowAuditEvent', { id: String(copied[0]?.row) }, AUDITOR);
    assert.deepEqual([shown.id, shown.kmaName], [own[0]?.id, await nameOf(second)]);
  }
});

test('each KMA lists the events of all in the order of time, and finds those of one', async () => {
  const names = await Promise.all(cluster.kmas.map(nameOf));
  for (const kma of cluster.kmas) {
    await until(
      `events of all at ${kma.host}`,
      async () => new Set((await eventsAt(kma)).map(({ kmaName }) => kmaName)).size === 3,
      LONG_MS,
    );
    const times = (await eventsAt(kma)).map(({ createdAt }) => createdAt);
    assert.deepEqual(times, times.toSorted().reverse());
    for (const name of names)
      assert.ok((await eventsAt(kma, `kmaName=${name}`)).every(({ kmaName }) => kmaName === name));
  }
});

/** All that this KMA has written of a chain, as the others have it. */
async function sameEverywhere(of: TestKma): Promise<void> {
  const name = await nameOf(of);
  const records = (kma: TestKma, term: string) =>
    read(kma, ({ database }) =>
      database
        .prepare('SELECT record, hash FROM audit WHERE kma_name = ? AND term = ? ORDER BY incarnation, seq')
        .all(name, term)
        .map(({ record, hash }) => `${hash} ${record}`),
    );
  for (const term of ['long', 'medium', 'short']) {
    const written = records(of, term);
    for (const kma of cluster.kmas)
      await until(
        `the ${term} term of ${of.host} at ${kma.host}`,
        () => written.every((record, at) => records(kma, term)[at] === record),
        LONG_MS,
      );
  }
}

test('a KMA that was away gets what was written meanwhile, and the others what it wrote when it was alone', async () => {
  await third.stop();
  using agent = await clientAt(second);
  const { keyId } = await agent.createKey();
  await first.stop();
  await second.ask('CreateSite', { site: 'made-alone' }, OFFICER);
  await second.stop();
  await third.resume();
  await third.ask('CreateSite', { site: 'made-by-the-third' }, OFFICER);
  for (const kma of [first, second]) await kma.resume();
  await handOut(third, keyId);
  for (const kma of cluster.kmas) await sameEverywhere(kma);
});

test('what a KMA wrote comes from another one where it is away itself', async () => {
  await third.stop();
  await second.ask('CreateSite', { site: 'before-it-went' }, OFFICER);
  const [event] = await eventsAt(second, 'operation=CreateSite', 'message~site=before-it-went');
  const has = async (kma: TestKma) =>
    (await eventsAt(kma, 'operation=CreateSite')).some(({ id }) => id === event?.id);
  assert.ok(event !== undefined);
  await until('it is at the first', () => has(first), LONG_MS);
  await second.stop();
  await third.resume();
  await until('the third has it from the first', () => has(third), LONG_MS);
  await second.resume();
});

test('all chains verify at all KMAs, also against the heads that their KMA has signed', async () => {
  await third.stop();
  const life = await withCore(third.data, async ({ core, directory }) => {
    await signHeads(core, directory);
    return core.parts.self.incarnationId;
  });
  await third.resume();
  for (const kma of [first, second])
    await until(
      `the signed head is at ${kma.host}`,
      async () => {
        const head = read(kma, ({ state }) => state.get('audit_head', `${life}:short`));
        const chain = (await chainsAt(kma)).find(
          ({ incarnationId, term }) => incarnationId === life && term === 'short',
        );
        return head?.seq != null && chain !== undefined && chain.lastSeq >= head.seq;
      },
      LONG_MS,
    );
  for (const kma of cluster.kmas) {
    const chains = await chainsAt(kma);
    assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
    assert.equal(new Set(chains.map(({ kmaName }) => kmaName)).size, 3);
  }
});

test('the state of all is the same whatever their audit holds, and none tells the events of another one as its own', async () => {
  const standing = (kma: TestKma) =>
    read(kma, (store) => `${JSON.stringify(store.vector())} ${stateHash(store)}`);
  await until('equal', () => new Set(cluster.kmas.map(standing)).size === 1, LONG_MS);
  const before = read(third, (store) => auditTailOf(store).newestRow());
  for (const kma of [first, second]) await kma.ask('CreateSite', { site: `told-by-${kma.host}` }, OFFICER);
  await until('they are at the third', async () => {
    const made = await eventsAt(third, 'operation=CreateSite');
    return [first, second].every(({ host }) =>
      made.some(({ message }) => message.includes(`told-by-${host}`)),
    );
  });
  const told = read(third, (store) => auditTailOf(store).after(before, 1_000, 1_000_000, 'all').records);
  assert.deepEqual(
    new Set(told.map(({ kmaName }) => kmaName)),
    new Set(told.length === 0 ? [] : [await nameOf(third)]),
  );
});

test('at a KMA that joined, what came with the copy of a member is of others too: its own rows alone are positive', async () => {
  for (const kma of [second, third]) {
    const rowsOf = (condition: string) =>
      read(kma, ({ database }) => {
        const names = database
          .prepare(`SELECT DISTINCT kma_name AS name FROM audit WHERE ${condition}`)
          .all();
        return names.map(({ name }) => String(name));
      });
    const own = await nameOf(kma);
    assert.deepEqual(rowsOf('row > 0'), [own]);
    assert.ok(rowsOf('row < 0').includes(await nameOf(first)));
    assert.ok(!rowsOf('row < 0').includes(own));
    assert.equal(
      read(kma, (store) => auditTailOf(store).oldestRow()),
      1,
    );
    const dump = await kma.ask<{ auditRecords: Event[] }>('CreateSystemDump', {}, OPERATOR);
    assert.deepEqual(new Set(dump.auditRecords.map(({ kmaName }) => kmaName)), new Set([own]));
  }
});

/** Page after page, as reports and exports do. */
async function wholeListAt(kma: TestKma): Promise<readonly Event[]> {
  const events: Event[] = [];
  let after: string | null = null;
  do {
    const input: object = { limit: 50, ...(after === null ? {} : { after }) };
    const page: { rows: Event[]; next: string | null } = await kma.ask('ListAuditEvents', input, AUDITOR);
    events.push(...page.rows);
    after = page.next;
  } while (after !== null);
  return events;
}

test('the whole list at one KMA, which reports and exports are made of, has the events of all, each once', async () => {
  for (const kma of cluster.kmas) await sameEverywhere(kma);
  const ids = (await wholeListAt(first)).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const kma of cluster.kmas)
    for (const { id } of await eventsAt(kma, 'operation=CreateSite')) assert.ok(ids.includes(id));
});

test('a record that was altered at its KMA is refused by the others and told of, and everything else goes on', async () => {
  await third.stop();
  await second.ask('CreateSite', { site: 'honest' }, OFFICER);
  await until(
    'it is at the first',
    async () =>
      (await eventsAt(first, 'operation=CreateSite')).some(({ message }) => message.includes('honest')),
    LONG_MS,
  );
  await second.stop();
  await first.stop();
  alter(second, 'honest', 'forged');
  await second.resume();
  await third.resume();
  const name = await nameOf(second);
  const [told] = await until(
    'the third tells of it',
    async () => {
      const found = await eventsAt(third, 'condition=Audit of a member refused');
      return found.length > 0 && found;
    },
    LONG_MS,
  );
  assert.match(
    told?.message ?? '',
    new RegExp(
      `^kma=${name} chain=[0-9A-F]{16}:\\w+ from=${name}: the records from \\d+ on are not as they were signed`,
    ),
  );
  assert.equal((await eventsAt(third)).filter(({ message }) => message.includes('forged')).length, 0);
  await second.ask('CreateSite', { site: 'afterwards' }, OFFICER);
  await until(
    'facts go on',
    async () =>
      (await third.rows<{ site: string }>('ListSites', {}, OFFICER)).some(
        ({ site }) => site === 'afterwards',
      ),
    LONG_MS,
  );
  await first.resume();
});

test('the audit of a member that was removed stays readable', async () => {
  const name = await nameOf(third);
  const before = await eventsAt(first, `kmaName=${name}`, 'operation=CreateSite');
  assert.ok(before.length > 0);
  await third.stop();
  await first.ask('DeleteKma', { kma: name, as: 'retired' }, OFFICER);
  assert.deepEqual(await eventsAt(first, `kmaName=${name}`, 'operation=CreateSite'), before);
  assert.ok((await chainsAt(first)).some(({ kmaName, records }) => kmaName === name && records > 0));
});

/** Whoever has root at a KMA alters a record, and what stands beside it. */
function alter(kma: TestKma, from: string, to: string): void {
  const store = openStore({ path: join(kma.data, 'kma.db'), mode: 'write' });
  const { changes } = store.database
    .prepare(
      `UPDATE audit SET record = replace(record, ?, ?), message = replace(message, ?, ?)
       WHERE row > 0 AND operation = 'CreateSite' AND instr(message, ?) > 0`,
    )
    .run(from, to, from, to, from);
  store.close();
  assert.equal(Number(changes), 1);
}
