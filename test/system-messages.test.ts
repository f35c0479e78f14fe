/** What the processes of a whole KMA reported can be read by those who run the machine: starts, a process that was killed, a stop; and it is in no backup. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { VERSION } from '../src/version.ts';
import { AUDITOR, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { filesOf, restoreFrom, withStore } from './support/restoring.ts';
import { until } from './support/until.ts';

interface Listed {
  readonly number: number;
  readonly createdAt: string;
  readonly process: string;
  readonly severity: string;
  readonly message: string;
}

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

const messages = (filter: readonly string[] = []) =>
  kma.rows<Listed>('ListSystemMessages', { filter, limit: 1000 }, OPERATOR);
const told = (pattern: RegExp, filter: readonly string[] = []) =>
  until(`${pattern} is told`, async () =>
    (await messages(filter)).some(({ message }) => pattern.test(message)),
  );

async function kill(name: string): Promise<void> {
  const before = kma.kma.pids().get(name) ?? 0;
  process.kill(before, 'SIGKILL');
  await until(`another ${name} runs`, () => ![0, before].includes(kma.kma.pids().get(name) ?? 0));
}

test('a start is told by the core and by who started it', async () => {
  await told(/^started: OpenKMA \d/, ['process=core', 'severity=info']);
  await told(/^starts; fronts for agents: 1$/, ['process=supervisor']);
});

test('the end of a front is told', async () => {
  await kill('front 1');
  await told(/^front 1 was ended by SIGKILL/, ['process=supervisor', 'severity=warning']);
});

test('the end of a core is told by its successor', async () => {
  await kill('core');
  await told(/^core was ended by SIGKILL/);
});

test('a stop in order is told after the next start, with what came before', async () => {
  await kma.stop();
  await kma.resume();
  await told(/^stops$/, ['process=core']);
  await told(/^stops$/, ['process=supervisor']);
  const numbers = (await messages()).map(({ number }) => number);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => (numbers[0] ?? 0) - i),
  );
});

test('the lock of a KMA is told', async () => {
  await kma.ask('LockKma', {}, OFFICER);
  await told(/^locked: replacing the core/);
  await until('the locked core is there', () => kma.kma.locked());
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
});

test('the software that runs is listed as the active version, and its store has that schema', async () => {
  const versions = await kma.rows<{ version: string; active: boolean; schemaVersion: number; node: string }>(
    'ListSoftwareVersions',
    {},
    AUDITOR,
  );
  const schema = withStore(kma.data, ({ database }) => database.prepare('PRAGMA user_version').get());
  assert.deepEqual(
    versions.map(({ version, active, schemaVersion, node }) => [version, active, schemaVersion, node]),
    [[VERSION, true, schema?.['user_version'], process.versions.node]],
  );
});

test('whoever does not run the machine is refused', async () => {
  const answer = await kma.answer('ListSystemMessages', {}, AUDITOR);
  assert.equal('refused' in answer && answer.refused, 'ACCESS_DENIED');
});

test('a restored KMA begins with messages of its own', async () => {
  const restored = `${kma.folder}/restored`;
  await restoreFrom(filesOf(await kma.backup()), restored);
  assert.deepEqual(
    withStore(restored, ({ systemMessages }) => systemMessages.newest()),
    [],
  );
});
