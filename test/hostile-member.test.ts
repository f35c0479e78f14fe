/** Three KMAs as real processes; the key, certificate and store of one are in the hands of an attacker, who sends garbage, a false object, another end of its log and a block that is too large: the others say so in their audit, by its name, and go on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import type { IncarnationId } from '../src/core/ids.ts';
import { BLOCK_BYTES_MAX } from '../src/processes/replicator/messages.ts';
import type { PeerMessage } from '../src/replication/peer-messages.ts';
import { readIdentity } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { auditRecords } from './support/audit-rows.ts';
import { HostileMember } from './support/hostile-member.ts';
import { OFFICER, QUORUM, type TestKma } from './support/kma.ts';
import { withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 120_000;
const cluster = await startThree(['127.0.6.1', '127.0.6.2', '127.0.6.3']);
after(() => cluster[Symbol.asyncDispose]());
const idOf = (kma: TestKma) => readIdentity(DataDirectory.open(kma.data)).kmaId;
/** The one with the highest ID dials all others. */
const [one, two, taken] = cluster.kmas.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) as [
  TestKma,
  TestKma,
  TestKma,
];

const siteIsAt = (kma: TestKma, site: string): boolean =>
  withStore(kma.data, ({ state }) => state.page('site', '', 100).some(({ name }) => name === site));
let sites = 0;
async function othersGoOn(): Promise<void> {
  for (const [at, elsewhere] of [
    [one, two],
    [two, one],
  ] as const) {
    const site = `site-${++sites}`;
    await until(`${site} is made`, async () => {
      await at.ask('CreateSite', { site }, OFFICER);
      return true;
    });
    await until(`${site} is at ${elsewhere.host}`, () => siteIsAt(elsewhere, site), LONG_MS);
  }
}

/** Of this KMA's own audit, in the order of writing. */
const told = (kma: TestKma) =>
  auditRecords(kma.data).filter(({ operation }) => operation === 'NoteMemberLeftAlone');
const strangersAt = (kma: TestKma) =>
  auditRecords(kma.data).filter(
    ({ operation, message }) =>
      operation === 'NoteFailuresBeforeAuthentication' && message.includes(`${hostile.name}`),
  );
/** Of its log. */
const foldedAt = (kma: TestKma) =>
  withStore(kma.data, (store) => store.logLength(hostile.incarnationId as IncarnationId));
const leftAloneAt = async (kma: TestKma): Promise<string> => {
  const rows = await kma.rows<{ kma: string; leftAlone: string }>('ListKmas', {}, OFFICER);
  return rows.find((row) => row.kma === hostile.name)?.leftAlone ?? 'no such KMA';
};

const passing = { user: 'passing', roles: ['AUDITOR'], passphrase: 'Comes-and-goes-9' };
await one.ask('CreateUser', passing, OFFICER, QUORUM);
const verifierAt = (kma: TestKma): string =>
  withStore(
    kma.data,
    ({ state }) => state.page('user', '', 100).find(({ name }) => name === 'passing')?.verifierObjectId ?? '',
  );
const hasObject = (kma: TestKma, id: string) => withStore(kma.data, (store) => store.hasObject(id));
const superseded = verifierAt(one);
for (const kma of cluster.kmas)
  await until('all have the verifier', () => superseded !== '' && hasObject(kma, superseded), LONG_MS);
await taken.stop();
const hostile = new HostileMember(taken, cluster.replicationPort);

async function tells(kma: TestKma, why: RegExp, before: number): Promise<string> {
  const record = await until(
    `${kma.host} says that it leaves ${hostile.name} alone: ${why}`,
    () => told(kma)[before],
    LONG_MS,
  );
  const { severity, condition, class: kind, message } = record;
  assert.deepEqual([severity, condition, kind], ['error', 'Member left alone', 'Security Violation']);
  assert.match(message, new RegExp(`^kma=${hostile.name} address=127\\.\\d+\\.\\d+\\.\\d+ `));
  assert.match(message, why);
  return message;
}

test('garbage: it is in the audit of who got it, by name and once; list and status say so; the others go on', async () => {
  await hostile.sendRaw(one, Buffer.concat([Buffer.of(16, 0, 0), randomBytes(16)]));
  assert.match(await tells(one, /seconds=30: /, 0), /: Noise handshake failed$/);
  assert.match(await leftAloneAt(one), /^until \d{4}-\S+Z: ./);
  const { warnings } = await one.ask<{ warnings: string[] }>('ShowStatus', {});
  assert.ok(
    warnings.some((text) => text.startsWith(`${hostile.name} did on port 3336 what no KMA does`)),
    warnings.join('\n'),
  );
  for (let n = 0; n < 20; n++) await assert.rejects(hostile.reach(one), /closed/);
  assert.equal(told(one).length, 1);
  assert.equal(await leftAloneAt(two), '', 'what was done to another one is that one’s word');
  await othersGoOn();
});

test('a false object: who asked for it does not keep it, and says who gave it', async () => {
  const id = hostile.nameObject();
  const object = (asked: string) => ({
    ...{ id: asked, class: 'root-sealed' as const, kind: 'key', owner: `K${id}`, epoch: '' },
    bytes: Buffer.from('something else'),
  });
  await using _ = await hostile.replicate(two, { blocks: hostile.blocks, object });
  await tells(two, /seconds=30: 1 objects that are not what they are named$/, 0);
  assert.equal(hasObject(two, id), false);
  await othersGoOn();
});

test('left alone it is for a time: then it may come again, and who asks for what was erased gets nothing and is not reported', async () => {
  await one.ask('SetUserPassphrase', { user: 'passing', passphrase: 'Came-and-went-10' }, OFFICER, QUORUM);
  await until('the old verifier is erased', () => !hasObject(one, superseded), LONG_MS);
  await until('it may come again', async () => (await leftAloneAt(one)) === '', LONG_MS);
  const heard: PeerMessage[] = [];
  const say = await until(
    'it is let in',
    () => hostile.greet(one, (message) => heard.push(message)),
    LONG_MS,
  );
  await until('it hears', () => heard.length > 0, LONG_MS);
  const kept = verifierAt(one);
  say({ t: 'want', sequence: 1, ids: [superseded, kept], vector: {} });
  const answer = await until('an answer', () => heard.find((message) => message.t === 'have'), LONG_MS);
  assert.ok(answer.t === 'have');
  assert.deepEqual([answer.objects.map(({ id }) => id), answer.haveNot], [[kept], [superseded]]);
  assert.equal(told(one).length, 1);
});

test('another end of its log: who finds it says so, and how often it came in the meantime, and the others go on', async () => {
  const sound = hostile.blocks;
  const otherwise = ['otherwise', 'and so on', 'and on'].map((text) => Buffer.from(text));
  await using _ = await hostile.replicate(one, { blocks: [...sound.slice(0, -1), ...otherwise] });
  await tells(one, /seconds=60 attempts-before=20: two logs of one key$/, 1);
  await othersGoOn();
  assert.equal(foldedAt(one), sound.length);
});

test('a block that is too large: it is folded nowhere, and the others go on', async () => {
  const sound = hostile.blocks;
  await using _ = await hostile.replicate(two, { blocks: [...sound, Buffer.alloc(BLOCK_BYTES_MAX + 1, 7)] });
  await tells(two, /seconds=60( attempts-before=\d+)?: an entry of 1048577 bytes in its log$/, 1);
  await othersGoOn();
  for (const kma of [one, two]) assert.equal(foldedAt(kma), sound.length);
});

test('of it as a stranger nothing is in any audit', () => {
  for (const kma of [one, two]) assert.deepEqual(strangersAt(kma), []);
});
