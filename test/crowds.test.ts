/** Five thousand idle and dripping connections over the four ports: an enrolled agent and the administrator are served all the while, a new agent enrols. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { residentMegabytes } from './support/attack.ts';
import { Crowd } from './support/crowd.ts';
import { AUDITOR, TestKma } from './support/kma.ts';
import { kmaCommand } from './support/kma-command.ts';
import { enrolRaw, fieldsOf, type Ports, RawAgent, unitOf } from './support/raw-agent.ts';
import { ServedKma } from './support/served-kma.ts';
import { inspectStore } from './support/stored-keys.ts';

const CROWD = 5_000;
/** Few sources, as one machine with several addresses has them. */
const SOURCES = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`);
const ROUNDS = 10;
/** One front holds at most its part of the connections, of which one with TLS takes tens of kilobytes. */
const GROWTH_MEGABYTES_MAX = 600;

const kma = await TestKma.start({ fronts: 2 });
after(() => kma[Symbol.asyncDispose]());
const drive = await RawAgent.create(kma, 'drive');
for (const name of ['late-1', 'late-2']) await kma.createAgent(name);

/** What a call took; the figures go to the test's diagnostics, for no test depends on them. */
async function timed<T>(figures: number[], work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await work();
  figures.push(performance.now() - startMs);
  return result;
}
const summary = (figures: readonly number[]) => {
  const sorted = figures.map(Math.round).sort((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`;
};

/** The agent makes and retrieves keys, the administrator asks for the state, an agent enrols; gives the IDs of the keys. */
async function servedAmongCrowd(
  t: TestContext,
  ports: Ports,
  newcomer: string,
  crowd: Crowd,
): Promise<string[]> {
  const agent = new RawAgent(drive.name, ports, drive.identity);
  const figures = { call: [], status: [], enrolment: [] } as Record<
    'call' | 'status' | 'enrolment',
    number[]
  >;
  const keyIds: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const made = await timed(figures.call, () => agent.createKey());
    const retrieve = { keyId: made.keyId, dataUnit: unitOf(''), keyGroupId: '' };
    const { key } = await timed(figures.call, () => agent.call('RetrieveKey', retrieve));
    assert.deepEqual(Buffer.from(key.key), Buffer.from(made.key));
    keyIds.push(made.keyId);
    await timed(figures.status, () => kma.ask('ShowStatus', {}));
  }
  const command = await timed(figures.status, () => kmaCommand('--data', kma.data, 'status'));
  assert.equal(command.status, 0, command.stderr);
  await timed(figures.enrolment, async () => fieldsOf((await enrolRaw(ports, newcomer)).answer));
  const { open, opened } = crowd.count();
  t.diagnostic(`${open} connections of strangers open, ${opened} opened; agent: ${summary(figures.call)}`);
  t.diagnostic(`kma status: ${summary(figures.status)}; enrolment: ${summary(figures.enrolment)}`);
  return keyIds;
}

/** The processes are the same, have not grown out of bounds, and nothing that was answered is lost. */
async function nothingLost(
  t: TestContext,
  before: ReadonlyMap<number, number>,
  pids: readonly number[],
): Promise<void> {
  assert.deepEqual([...pids], [...before.keys()], 'no process has ended');
  const grown = [...before].map(([pid, megabytes]) => residentMegabytes(pid) - megabytes);
  t.diagnostic(`memory grew by ${grown.map(Math.round).join(', ')} MB`);
  for (const megabytes of grown) assert.ok(megabytes < GROWTH_MEGABYTES_MAX, `${megabytes} MB`);
  const chains = await kma.ask<{ verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
}
const memoryOf = (pids: readonly number[]) => new Map(pids.map((pid) => [pid, residentMegabytes(pid)]));

test('idle sockets and slow handshakes (CVE-2018-1000872, CVE-2023-38200, CVE-2021-3909): among 5,000 of them an agent, an administrator and a new agent are served', {
  timeout: 300_000,
}, async (t) => {
  const pids = () => [...kma.kma.pids().values()];
  const before = memoryOf(pids());
  const crowd = await Crowd.gather(kma.ports, CROWD, SOURCES);
  const keyIds = await servedAmongCrowd(t, kma.ports, 'late-1', crowd);
  assert.ok(crowd.count().open > CROWD / 2, 'the crowd was there');
  await nothingLost(t, before, pids());
  await crowd.disperse();
  const { missing, notAuditedOnce, damage } = inspectStore(kma.data, keyIds);
  assert.deepEqual([missing, notAuditedOnce, damage], [[], [], []]);
});

test('with room for far fewer connections than the crowd wants they are served as well', {
  timeout: 300_000,
}, async (t) => {
  await kma.stop();
  await using served = await ServedKma.startWithFiles(kma, 1024);
  const pids = () => served.children();
  const before = memoryOf(pids());
  const crowd = await Crowd.gather(served.ports, CROWD, SOURCES);
  const keyIds = await servedAmongCrowd(t, served.ports, 'late-2', crowd);
  assert.ok(crowd.count().opened > crowd.count().open, 'connections had to make room');
  await nothingLost(t, before, pids());
  await crowd.disperse();
  await served.end('SIGTERM');
  const { missing, notAuditedOnce, damage } = inspectStore(kma.data, keyIds);
  assert.deepEqual([missing, notAuditedOnce, damage], [[], [], []]);
});
