/** The processes of a KMA as a whole (architecture, D13): what ends comes back, what must not start is refused, and nothing is left at the end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ERRORS, OpenKmaError } from '../src/errors.ts';
import { startKma } from '../src/processes/supervisor.ts';
import { AUDITOR, TestKma } from './support/kma.ts';
import { kmaCommand } from './support/kma-command.ts';
import { isAlive, ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start({ fronts: 2 });
after(() => kma[Symbol.asyncDispose]());
const agent = await kma.agent('drive-1');
const { keyId } = await agent.createKey();
const LOCAL = { management: '127.0.0.1', service: '127.0.0.1' };
const FREE = { ca: 0, certificate: 0, management: 0, agent: 0, discovery: 0, replication: 0 };

const pidOf = (name: string) => kma.kma.pids().get(name) ?? 0;

/** Kills and waits for the successor. */
async function kill(...names: string[]): Promise<void> {
  const before = names.map((name) => [name, pidOf(name)] as const);
  for (const [, pid] of before) process.kill(pid, 'SIGKILL');
  for (const [name, pid] of before)
    await until(`another ${name} runs`, () => ![0, pid].includes(pidOf(name)));
}
const agentIsServed = () => until('the agent is served', () => agent.retrieveKey(keyId));

test('a killed front comes back, and the other one serves meanwhile', async () => {
  const other = pidOf('front 2');
  await kill('front 1');
  await agentIsServed();
  assert.equal(pidOf('front 2'), other);
  assert.ok(kma.lines.some((line) => line.startsWith('front 1 was ended by SIGKILL')));
});

test('agents are served again after all fronts were killed at once', async () => {
  await kill('front 1', 'front 2');
  await agentIsServed();
});

test('a killed reader comes back: lists are answered again, agents notice nothing', async () => {
  await kma.ask('ListAuditEvents', { limit: 1 }, AUDITOR);
  const old = pidOf('reader');
  process.kill(old, 'SIGKILL');
  await agent.retrieveKey(keyId);
  const events = await until('lists are answered', () =>
    kma.rows<unknown>('ListAuditEvents', { limit: 1 }, AUDITOR),
  );
  assert.equal(events.length, 1);
  assert.ok(![0, old].includes(pidOf('reader')));
});

test('agents come before lists: the reader stands behind the others, by its session too', async () => {
  await until('the reader stands behind', () => getPriority(pidOf('reader')) > getPriority(pidOf('core')));
  const sessionOf = (name: string) => `/proc/${pidOf(name)}/autogroup`;
  if (!existsSync(sessionOf('reader'))) return;
  const behind = (name: string) => Number(/nice (-?\d+)/.exec(readFileSync(sessionOf(name), 'utf8'))?.[1]);
  await until('its session does', () => behind('reader') > behind('core'));
  for (const name of ['front 1', 'management front']) assert.equal(behind(name), behind('core'));
});

test('the status counts what agents ask: operations, and the commits that hold them', async () => {
  const counted = () => kma.ask<{ operations: number; commits: number }>('ShowStatus', {});
  const before = await counted();
  for (let call = 0; call < 3; call++) await agent.retrieveKey(keyId);
  const after = await counted();
  const [operations, commits] = [after.operations - before.operations, after.commits - before.commits];
  assert.ok(operations >= 4, `three retrievals and the first status: ${operations}`);
  assert.ok(commits >= 1 && commits <= operations, `${commits} commits of ${operations} operations`);
});

test('a killed core comes back unlocked by itself, and serves agents and administrators', async () => {
  await kill('core');
  await agentIsServed();
  await until('administrators are answered', () => kma.ask('ShowStatus', {}));
  await agent.createKey();
});

test('all processes killed at once come back', async () => {
  await kill('core', 'reader', 'front 1', 'front 2');
  await agentIsServed();
  await until('lists are answered', () => kma.ask('ListAuditEvents', { limit: 1 }, AUDITOR));
});

test('a second KMA on the data directory is refused, and the first one serves on', async () => {
  const second = startKma({ dataDirectory: kma.data, addresses: LOCAL, ports: FREE, fronts: 1 });
  await assert.rejects(
    second,
    (error) => error instanceof OpenKmaError && error.code === 'DATA_DIRECTORY_IN_USE',
  );
  await agent.retrieveKey(keyId);
  await kma.ask('ShowStatus', {});
  const run = await kmaCommand('--data', kma.data, '--json', 'serve', '--port-offset', '29000');
  assert.notEqual(run.status, 0);
  assert.equal(JSON.parse(run.stdout).error.number, ERRORS.DATA_DIRECTORY_IN_USE.number);
  await agent.retrieveKey(keyId);
});

test('a taken port is refused with its number and who holds it', async () => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const started = startKma({ dataDirectory: kma.data, addresses: LOCAL, ports: { ...FREE, agent: port } });
    await assert.rejects(started, (error) => {
      assert.ok(error instanceof OpenKmaError);
      assert.equal(error.code, 'PORT_TAKEN');
      assert.match(error.message, new RegExp(`port ${port} .*\\(process ${process.pid}\\)`));
      return true;
    });
  } finally {
    holder.close();
  }
  const { agent: ours = 0 } = kma.ports;
  const shared = startKma({ dataDirectory: kma.data, addresses: LOCAL, ports: { ...FREE, agent: ours } });
  await assert.rejects(
    shared,
    /port .* is held by .* \(process \d+\)/,
    'fronts share ports with their own kind only',
  );
});

test('no process can leave a core dump', () => {
  for (const pid of kma.kma.pids().values())
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
});

test('started as root, the fronts are another user, who cannot read the data directory', (t) => {
  if (process.getuid?.() !== 0) return t.skip('not started as root');
  chmodSync(kma.folder, 0o755);
  const ids = (pid: number, line: string) =>
    new RegExp(`^${line}:\\t(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  assert.match(ids(pidOf('core'), 'Uid'), /^0\t/);
  for (const front of ['front 1', 'front 2', 'management front']) {
    const [uid = '0', ...others] = ids(pidOf(front), 'Uid').split('\t');
    const [gid = '0'] = ids(pidOf(front), 'Gid').split('\t');
    assert.ok(Number(uid) > 0 && others.every((other) => other === uid), 'all user IDs are given up');
    assert.equal(ids(pidOf(front), 'Groups').trim(), gid, 'and all groups but one');
    assert.match(ids(pidOf(front), 'CapEff'), /^0+$/);
    const as = { uid: Number(uid), gid: Number(gid), encoding: 'utf8' } as const;
    assert.equal(spawnSync('ls', [kma.folder], as).status, 0, 'the way to it is open');
    for (const path of [
      kma.data,
      join(kma.data, 'kma.db'),
      join(kma.data, 'local', 'tls-key.pem'),
      `${kma.data}.unlock-key`,
    ])
      assert.match(spawnSync('cat', [path], as).stderr, /Permission denied/, path);
    const open = readdirSync(`/proc/${pidOf(front)}/fd`).map(
      (fd) => spawnSync('readlink', [`/proc/${pidOf(front)}/fd/${fd}`], { encoding: 'utf8' }).stdout,
    );
    assert.ok(!open.some((path) => path.startsWith(kma.folder)), 'nor has a front a file of it open');
  }
});

test('as a process of its own', async (t) => {
  await kma.stop();
  assert.deepEqual(
    readdirSync(kma.data).filter((name) => name.endsWith('.sock')),
    [],
    'a stopped KMA leaves no socket',
  );

  await t.test('SIGTERM ends all processes and leaves no socket and no temporary directory', async () => {
    await using served = await ServedKma.start(kma);
    const children = served.children();
    assert.equal(
      children.length,
      5,
      'core, reader, management front and two fronts; alone it has no replicator',
    );
    assert.equal(served.leftovers().length, 1, 'the directory of the sockets');
    assert.equal(await served.end('SIGTERM'), 0);
    assert.deepEqual(children.filter(isAlive), []);
    assert.deepEqual(served.leftovers(), []);
    assert.ok(!existsSync(join(kma.data, 'admin.sock')));
  });

  await t.test('a supervisor killed with -9 takes all down, and the KMA starts again', async () => {
    await using served = await ServedKma.start(kma);
    const children = served.children();
    assert.equal(await served.end('SIGKILL'), null);
    await until('all children have ended', () => children.every((pid) => !isAlive(pid)));
    await using again = await ServedKma.start(kma);
    assert.equal((await kmaCommand('--data', kma.data, 'status')).status, 0);
    assert.equal(await again.end('SIGTERM'), 0);
  });

  await t.test('a KMA that cannot go on ends all processes and says why', async () => {
    await using served = await ServedKma.start(kma);
    const children = served.children();
    chmodSync(kma.data, 0o755);
    try {
      process.kill(served.childNamed('core'), 'SIGKILL');
      assert.equal(await served.ended(), 1);
      assert.match(served.stderr, /chmod/);
      assert.match(served.stderr, /DATA_DIRECTORY_LOOSE/);
      assert.deepEqual(children.filter(isAlive), []);
      assert.deepEqual(served.leftovers(), []);
    } finally {
      chmodSync(kma.data, 0o700);
    }
  });
});
