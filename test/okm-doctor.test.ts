/** "okm doctor" and "okm-agent doctor" against a real KMA on loopback: what they find with and without a log-in, while the KMA is locked, stopped and gone. It cuts no network. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Examination } from '@openkma/agent/doctor';
import { AGENT_PASSPHRASE, AUDITOR, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { asUser, programFed } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const OKM_AGENT = fileURLToPath(new URL('../agent/src/cli/okm-agent.ts', import.meta.url));

let kma: TestKma;
let served: ServedKma;
let okm: OkmShell;
before(async () => {
  kma = await TestKma.start();
  await kma.createAgent('drive-1');
  const { publicKeySha256 } = await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER);
  await kma.stop();
  served = await ServedKma.start(kma);
  okm = new OkmShell(kma.folder);
  const place = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset)];
  await okm.text('profile', 'create', 'berlin', ...place, '--ca-key', publicKeySha256);
  const profile = ['--profile', kma.profile('drive-1')];
  const enrol = ['enroll', '--agent', 'drive-1', ...place, '--ca-key', publicKeySha256];
  const enrolled = await programFed(AGENT_PASSPHRASE, {}, OKM_AGENT, ...profile, ...enrol);
  assert.equal(enrolled.status, 0, enrolled.stderr);
});
after(async () => {
  await served?.[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

const agentDoctor = (...more: string[]) =>
  programFed('', {}, OKM_AGENT, '--profile', kma.profile('drive-1'), ...more, 'doctor');

async function problems(status: number): Promise<{ manager: string[]; agent: string[] }> {
  const found: string[][] = [];
  for (const { status: ended, stdout, stderr } of await Promise.all([
    okm.run('doctor', '--json'),
    agentDoctor('--json'),
  ])) {
    assert.equal(ended, status, stdout + stderr);
    found.push((JSON.parse(stdout) as Examination).advice.map(({ problem }) => problem));
  }
  const [manager = [], agent = []] = found;
  return { manager, agent };
}

test('nothing is wrong at a KMA that serves; a manager who is not logged in is told what was left out', async () => {
  const out = await okm.text('doctor');
  const port = (number: number) => number + served.portOffset;
  assert.match(
    out,
    new RegExp(`^fine {5}kma-test \\(127\\.0\\.0\\.1\\) ${port(3331)} ${port(3332)} ${port(3333)}`),
  );
  assert.match(out, new RegExp(`^left out ${port(3335)} .*it asks for a certificate`, 'm'));
  const agent = await agentDoctor();
  assert.equal(agent.status, 0, agent.stdout + agent.stderr);
  assert.match(agent.stdout, /^fine {5}kma-test \(127\.0\.0\.1\) \d+ \d+ \d+ \d+$/m);
});

test('a manager who is logged in has his log-in tried, and nothing is left out', async () => {
  await okm.text('login', AUDITOR.name, ...asUser(kma.folder, AUDITOR).slice(2));
  const out = await okm.text('doctor', '--verbose');
  assert.doesNotMatch(out, /^left out/m);
  assert.match(out, /management .*tcp/);
  assert.match(out, /answers this user/);
  assert.match(out, /names one KMA/);
  await okm.text('logout');
});

test('no failed log-in, and no failed proof, is counted for a doctor', async () => {
  const kmas = await kma.rows<{ failedLogins: number }>('ListKmas', {}, AUDITOR);
  assert.deepEqual(
    kmas.map(({ failedLogins }) => failedLogins),
    [0],
  );
  const agents = await kma.rows<{ agent: string; failedLogins: number }>('ListAgents', {}, OPERATOR);
  assert.deepEqual(
    agents.map(({ failedLogins }) => failedLogins),
    [0],
  );
});

test('a locked KMA is called locked by an agent, and serves a manager', async () => {
  await kma.ask('LockKma', {}, OFFICER);
  // Until its core is replaced it says no more than that it cannot serve.
  await until('the KMA serves as a locked one', async () =>
    (await agentDoctor('--json')).stdout.includes('"cause":"locked"'),
  );
  const { status, stdout } = await agentDoctor('--json');
  assert.equal(status, 10);
  const { advice } = JSON.parse(stdout) as Examination;
  assert.deepEqual(
    advice.map(({ cause, ports }) => [cause, ports]),
    [['locked', [3334 + served.portOffset]]],
  );
  assert.equal((await okm.run('doctor')).status, 0);
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
});

test('a KMA whose processes are stopped is told from one that is gone', async () => {
  const pids = [served.pid, ...served.children()];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const stopped = await problems(10);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  for (const said of [stopped.manager, stopped.agent]) {
    assert.equal(said.length, 1, String(said));
    assert.match(said[0] ?? '', /takes connections and says nothing: the KMA hangs, or is stopped/);
  }
  await served.end('SIGTERM');
  const gone = await problems(10);
  for (const said of [gone.manager, gone.agent]) {
    assert.equal(said.length, 1, String(said));
    assert.match(said[0] ?? '', /is up, and no KMA listens there/);
  }
});
