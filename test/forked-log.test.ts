/** A KMA is put back with its whole machine while nobody can tell it, and writes on: what it has forgotten and what it wrote meanwhile are everywhere in the end (architecture 5.8). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isAlarmEvent } from '../src/core/alarm-events.ts';
import { stateHash } from '../src/store/state-hash.ts';
import { openStore } from '../src/store/store.ts';
import { fileIdentity } from '../src/store/synced-file.ts';
import { auditRecords } from './support/audit-rows.ts';
import { OFFICER, type TestKma } from './support/kma.ts';
import { withStore } from './support/restoring.ts';
import { startThree } from './support/three-kmas.ts';
import { until } from './support/until.ts';

const LONG_MS = 120_000;
const MACHINE_ID = '/etc/machine-id';
const cluster = await startThree(['127.0.1.61', '127.0.1.62', '127.0.1.63']);
after(() => cluster[Symbol.asyncDispose]());
const [first, second, third] = cluster.kmas;

const createSite = (kma: TestKma, site: string) =>
  until(`${site} is made`, async () => kma.ask('CreateSite', { site }, OFFICER).then(() => true), LONG_MS);
const sitesOf = (kma: TestKma) =>
  withStore(kma.data, ({ state }) =>
    state.page('site', '', 100).flatMap(({ name, createdStamp }) => (createdStamp === null ? [] : [name])),
  ).sort();
const has = (kma: TestKma, site: string) =>
  until(`${site} is at ${kma.host}`, () => sitesOf(kma).includes(site), LONG_MS);
const standingOf = (kma: TestKma) =>
  withStore(kma.data, (store) => store.read(() => `${JSON.stringify(store.vector())} ${stateHash(store)}`));
const livesOf = (kma: TestKma) =>
  withStore(kma.data, ({ state }) => state.page('incarnation', '', 100).length);

/** One more than was forgotten, which ended with what the KMA had served: two ends of one length are noticed with the next entry only. */
const meanwhile = ['meanwhile-1', 'meanwhile-2', 'meanwhile-3'];

const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

/** As a virtual machine is: files that are put back are the very files that they were. */
function putBackMachine(kept: string, data: string): void {
  rmSync(data, { recursive: true });
  copy(kept, data);
  const nonce = join(data, 'local', 'start-nonce.json');
  const nonces = JSON.parse(readFileSync(nonce, 'utf8')) as object;
  writeFileSync(nonce, JSON.stringify({ ...nonces, file: fileIdentity(nonce) }));
  const path = join(data, 'kma.db');
  const store = openStore({ path, mode: 'write' });
  const machine = existsSync(MACHINE_ID) ? readFileSync(MACHINE_ID, 'utf8').trim() : '';
  store.transaction(() => store.setLocal('place', `${machine}:${fileIdentity(path)}`));
  store.close();
}

test('both ends of a log that was written twice are at all members, which have one state', async () => {
  await createSite(first, 'before');
  await Promise.all([has(second, 'before'), has(third, 'before')]);
  await first.stop();
  const kept = `${first.data}-kept`;
  copy(first.data, kept);
  await first.resume();
  await createSite(first, 'forgotten');
  await Promise.all([has(second, 'forgotten'), has(third, 'forgotten')]);
  for (const kma of cluster.kmas) await kma.stop();
  putBackMachine(kept, first.data);
  const lives = livesOf(first);
  await first.resume();
  for (const site of meanwhile) await createSite(first, site);
  assert.deepEqual(sitesOf(first), ['before', ...meanwhile]);
  await Promise.all([second.resume(), third.resume()]);
  const all = ['before', 'forgotten', ...meanwhile];
  for (const kma of cluster.kmas) for (const site of all) await has(kma, site);
  await until('all have one state', () => new Set(cluster.kmas.map(standingOf)).size === 1, LONG_MS);
  for (const kma of cluster.kmas) assert.deepEqual(sitesOf(kma), all);
  assert.equal(livesOf(first), lives + 2, 'one that compares, and one that says it again');
});

/** Of this KMA's own audit in the order of writing. */
const recordsAt = (kma: TestKma, ...operations: readonly string[]) =>
  auditRecords(kma.data).filter(({ operation }) => operations.includes(operation));

test('it is an alarm at the KMA that finds out, each step once; who sees two logs of one key says so once, by its name', () => {
  const told = recordsAt(first, 'NoteTrouble', 'BeginIncarnation');
  const [life = '', compares = ''] = /before=(\S+) now=(\S+)/.exec(told[0]?.message ?? '')?.slice(1) ?? [];
  const [repeats = '', count = '', after = ''] =
    /now=(\S+) repeats=(\d+) of=\S+ after=(\d+)/.exec(told[1]?.message ?? '')?.slice(1) ?? [];
  assert.ok(Number(count) >= meanwhile.length, `${count} entries are said again`);
  const said = `repeats=${count} of=${life} after=${after}`;
  assert.deepEqual(
    told.map(({ operation, severity, condition, message }) => [operation, severity, condition, message]),
    [
      `before=${life} now=${compares} why=a member has more of its log than it has itself`,
      `before=${compares} now=${repeats} ${said} why=members have another end of its log`,
    ].map((message) => ['BeginIncarnation', 'warning', 'Copied or older store', message]),
  );
  assert.ok(told.every(isAlarmEvent), 'managers of SNMP and syslog get them');
  const others = [second, third].map((kma) => recordsAt(kma, 'NoteMemberLeftAlone'));
  for (const records of others) assert.ok(records.length <= 1, JSON.stringify(records));
  const all = others.flat();
  assert.ok(all.length > 0, 'who meets the first life first sees two logs');
  for (const { severity, condition, message } of all) {
    assert.deepEqual([severity, condition], ['error', 'Member left alone']);
    assert.match(message, /^kma=kma-test address=\S* seconds=30: two logs of one key$/);
  }
  assert.deepEqual(recordsAt(first, 'NoteMemberLeftAlone'), [], 'it does not leave itself alone');
});

const refusedAt = (kma: TestKma): readonly string[] =>
  withStore(kma.data, ({ database }) =>
    database
      .prepare(`SELECT message FROM audit WHERE condition = 'Audit of a member refused' AND row > 0`)
      .all()
      .map(({ message }) => String(message)),
  );

test('of the life that went on twice people are told at most once at each KMA', () => {
  for (const kma of cluster.kmas) {
    const told = refusedAt(kma);
    const chains = told.map((message) => /chain=(\S+) /.exec(message)?.[1]);
    assert.equal(new Set(chains).size, chains.length, told.join('\n'));
    for (const message of told) assert.match(message, /record \d+ is another one there/);
  }
});
