/** The time of a KMA, with real chronyds: whom it follows and whom not, whom it serves, what is told, and what survives. No clock of the machine is ever set. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from '../../../test/support/free-port.ts';
import { SmallDisk } from '../../../test/support/small-disk.ts';
import { until } from '../../../test/support/until.ts';
import { type TimeDetails, timeDetails } from '../../operations/platform/time-details.ts';
import { socketPathIn } from './chrony-config.ts';
import { findChronyUser } from './chrony-user.ts';
import { askChronyd } from './chronyc.ts';
import { hostilePackets, randomOf } from './hostile-packets.fixture.ts';
import { whyNotServed } from './may-serve.ts';
import { OddTimeServer } from './odd-time-server.fixture.ts';
import { probeServer } from './probe.ts';
import { type TimePace, TimePart } from './time-part.ts';
import { chronydOf, type TestTools, testTools } from './tools.fixture.ts';

const PACE: TimePace = { polls: { minimum: 0, maximum: 0 }, watchMs: 100, settleMs: 3_000, renewMs: 500 };
const user = findChronyUser() ?? assert.fail('a user for chronyd');
const parts: { part: TimePart; tools: TestTools }[] = [];
const servers: OddTimeServer[] = [];
after(async () => {
  await Promise.all(parts.map(({ part }) => part.stop()));
  for (const { tools } of parts) tools.remove();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

async function timeServer(address: string): Promise<OddTimeServer> {
  const server = await OddTimeServer.start(address);
  servers.push(server);
  return server;
}

async function timePart(address: string, port?: number) {
  const tools = testTools(address, port ?? (await freePort()));
  const part = new TimePart(tools, PACE);
  parts.push({ part, tools });
  const details = (): TimeDetails => timeDetails.parse(part.state().details);
  const standing = (wanted: TimeDetails['standing']) =>
    until(`${wanted}, not ${details().standing}`, () => details().standing === wanted);
  const conditions = () => tools.notes.map(({ condition }) => condition);
  return { part, tools, details, standing, conditions, port: tools.place.ports.ntp };
}

const follow = (server: OddTimeServer) => ({
  ntp: { server: server.address, port: server.port },
  members: [],
});
const member = (name: string, managementAddress: string) => ({
  id: '',
  name,
  managementAddress,
  addresses: [],
});
const NOBODY = { ntp: { server: '', port: 123 }, members: [] };

/** A zombie of another parent counts as gone. */
function isAlive(pid: number | null): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

const isOpen = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  });

test('a server is followed, and the time is served to others over UDP alone', async () => {
  const server = await timeServer('127.0.0.60');
  const { part, details, standing, conditions, port } = await timePart('127.0.0.61');
  part.apply(follow(server));
  await standing('follows the server');
  await until('it serves', () => details().serving, 240_000);
  const { stratum, leap, serving, notServing, clock, serverReachable } = details();
  assert.deepEqual(
    { stratum, leap, serving, notServing, clock, serverReachable },
    { stratum: 3, leap: 'Normal', serving: true, notServing: '', clock: 'watched', serverReachable: true },
  );
  assert.ok(Math.abs(await probeServer('127.0.0.61', port, user)) < 1);
  assert.equal(await isOpen('127.0.0.61', port), false);
  await until('the request is counted', () => details().requests > 0);
  assert.deepEqual(conditions(), ['Time is followed']);
  assert.match(part.state().summary, /^127\.0\.0\.60: follows the server, the clock is \S+ (ahead|behind);/);
  assert.deepEqual(part.state().troubles, []);
});

test('the same over IPv6', async () => {
  const server = await timeServer('::1');
  const { part, details, standing, port } = await timePart('::1');
  part.apply(follow(server));
  await standing('follows the server');
  await until('it serves', () => details().serving, 240_000);
  assert.ok(Math.abs(await probeServer('::1', port, user)) < 1);
});

test('without a server nothing runs, and what ran ends', async () => {
  const server = await timeServer('127.0.0.62');
  const { part, details, standing, port } = await timePart('127.0.0.63');
  part.apply(NOBODY);
  assert.deepEqual([details().pid, details().notServing], [null, 'no NTP server is set']);
  part.apply(follow(server));
  await standing('follows the server');
  const { pid } = details();
  part.apply(NOBODY);
  await until('chronyd has ended', () => details().pid === null && !isAlive(pid));
  assert.equal(await whyNotServed('127.0.0.63', port), '', 'nobody has the port');
});

test('a clock that is off is told, and a server that is wild is not followed', async () => {
  const server = await timeServer('127.0.0.64');
  server.aheadSeconds = -100;
  const { part, tools, details, standing, conditions, port } = await timePart('127.0.0.65');
  part.apply(follow(server));
  await standing('follows the server');
  assert.equal(Math.round(details().aheadSeconds ?? 0), 100);
  assert.match(
    part.state().troubles.join(),
    /(99|100)\.\d+s ahead of the NTP server 127\.0\.0\.64: set the clock/,
  );
  const { pid } = details();
  // Its own idea of the time follows with the next answer.
  const served = async () => Math.round(await probeServer('127.0.0.65', port, user));
  await until('it serves the time of the server', async () => (await served()) === 100);
  server.aheadSeconds = 3600;
  await standing('too far off');
  assert.equal(Math.round(details().aheadSeconds ?? 0), -3600);
  // What is served stays as it was.
  assert.equal(await served(), 100);
  server.aheadSeconds = 0;
  await standing('follows the server');
  await until('the clock is right again', () => conditions().includes('Clock is right again'));
  assert.equal(details().pid, pid);
  const told = tools.notes.map(({ condition, severity }) => `${severity}: ${condition}`);
  assert.deepEqual(told.slice(0, 3), [
    'success: Time is followed',
    'error: Clock is off',
    'warning: Time is not followed',
  ]);
  assert.deepEqual(told.slice(3).sort(), ['success: Clock is right again', 'success: Time is followed']);
});

test('what a server says that makes no sense changes nothing, and one that is back is followed again', async () => {
  const server = await OddTimeServer.start('127.0.0.66', randomOf(7));
  servers.push(server);
  const { part, details, standing, conditions } = await timePart('127.0.0.67');
  for (const answers of ['unsynchronised', 'huge root distance', 'other origin', 'garbage'] as const) {
    server.answers = answers;
    const before = server.requests;
    part.apply(follow(server));
    await until(`${answers} was heard`, () => server.requests > before + 4);
    await until(`${answers} is not followed`, () =>
      ['unreachable', 'not synchronised'].includes(details().standing),
    );
  }
  const { pid } = details();
  server.answers = 'sound';
  await standing('follows the server');
  server.answers = 'kiss of death';
  await standing('unreachable');
  server.answers = 'sound';
  await standing('follows the server');
  assert.equal(details().pid, pid);
  assert.deepEqual(conditions(), [
    'Time is not followed',
    'Time is followed',
    'Time is not followed',
    'Time is followed',
  ]);
});

test('packets of strangers keep nobody from the time', async () => {
  const server = await timeServer('127.0.0.68');
  const { part, details, standing, port } = await timePart('127.0.0.69');
  part.apply(follow(server));
  await standing('follows the server');
  const { pid } = details();
  const answers = await hostilePackets('127.0.0.69', port, randomOf(11));
  // What looks like a request of a client or a peer is answered with no more bytes than it has; control messages (modes 6 and 7) never are.
  assert.deepEqual(
    answers.filter(({ mode, answerBytes }) => ![0, 1, 3].includes(mode) || answerBytes > 48),
    [],
  );
  await standing('follows the server');
  assert.ok(Math.abs(await probeServer('127.0.0.69', port, user)) < 1);
  assert.equal(details().pid, pid);
});

test('a daemon that ends is begun again, and that is told once', async () => {
  const server = await timeServer('127.0.0.70');
  const { part, details, standing, conditions } = await timePart('127.0.0.71');
  part.apply(follow(server));
  await standing('follows the server');
  const { pid } = details();
  process.kill(pid ?? 0, 'SIGKILL');
  await until('another one', () => details().pid !== null && details().pid !== pid);
  await standing('follows the server');
  assert.deepEqual(conditions().slice(0, 2), ['Time is followed', 'Time service ended']);
  assert.equal(conditions().filter((condition) => condition === 'Time service ended').length, 1);
});

test('a daemon that hangs is begun again', async () => {
  const server = await timeServer('127.0.0.85');
  const { part, details, standing } = await timePart('127.0.0.86');
  part.apply(follow(server));
  await standing('follows the server');
  const { pid } = details();
  process.kill(pid ?? 0, 'SIGSTOP');
  await until('another one', () => details().pid !== null && details().pid !== pid, 60_000);
  await standing('follows the server');
});

test('on a full disk it cannot begin and says so, and begins when there is space', async (t) => {
  const disk = SmallDisk.mount(1);
  if (typeof disk === 'string') throw new Error(disk);
  t.after(() => disk.unmount());
  const server = await timeServer('127.0.0.87');
  const tools = { ...testTools('127.0.0.88', await freePort()), directory: disk.path };
  const part = new TimePart(tools, PACE);
  parts.push({ part, tools });
  disk.fill();
  part.apply(follow(server));
  await until('it says so', () => part.state().troubles.some((text) => /no space left/.test(text)));
  disk.free();
  await until('it follows', () => part.state().summary.includes('follows the server'));
  assert.deepEqual(part.state().troubles, []);
  await part.stop();
});

test('another program at the port keeps it from serving, until it is gone', async () => {
  const server = await timeServer('127.0.0.72');
  const other = await timeServer('127.0.0.73');
  const { part, details, standing } = await timePart('127.0.0.73', other.port);
  part.apply(follow(server));
  await standing('follows the server');
  assert.equal(details().serving, false);
  assert.match(details().notServing, /is held by another program/);
  servers.splice(servers.indexOf(other), 1);
  await other[Symbol.asyncDispose]();
  await until('it serves', () => details().serving);
});

test('another address of the server counts, and where nobody knows it any more the last one does', async () => {
  const [one, two] = [await timeServer('127.0.0.74'), await timeServer('127.0.0.75')];
  const { part, tools, details, standing } = await timePart('127.0.0.76');
  part.apply({ ntp: { server: 'ntp.test', port: one.port }, members: [] });
  await until('it is not known', () =>
    part.state().troubles.some((text) => text.includes('not known by name')),
  );
  tools.names.set('ntp.test', [one.address]);
  await standing('follows the server');
  tools.names.delete('ntp.test');
  const { requests } = one;
  await until('the last address is asked on', () => one.requests > requests + 2);
  assert.deepEqual(details().addresses, [one.address]);
  tools.names.set('ntp.test', [two.address]);
  await until('the other address', () => details().addresses[0] === two.address);
});

test('KMAs peer: where the server of one is away it follows the other, and neither alone makes up the time', async () => {
  const [sound, dead] = [await timeServer('127.0.0.77'), await timeServer('127.0.0.78')];
  dead.answers = 'silent';
  const port = await freePort();
  const [a, b] = [await timePart('127.0.0.79', port), await timePart('127.0.0.80', port)];
  sound.answers = 'silent';
  a.part.apply({ ...follow(sound), members: [member('kma-b', '127.0.0.80')] });
  b.part.apply({ ...follow(dead), members: [member('kma-a', '127.0.0.79')] });
  for (const { standing } of [a, b]) await standing('unreachable');
  sound.answers = 'sound';
  await a.standing('follows the server');
  await b.standing('follows other KMAs');
  assert.deepEqual(
    [a.details().stratum, b.details().stratum, b.details().peers[0]?.kma, b.details().peers[0]?.followed],
    [3, 4, 'kma-a', true],
  );
  dead.answers = 'sound';
  await b.standing('follows the server');
});

test('what a KMA that was killed has left running is ended by the next one', async () => {
  const server = await timeServer('127.0.0.81');
  const { part, tools, standing, details } = await timePart('127.0.0.82');
  const script = new URL('./killed-part.fixture.ts', import.meta.url).pathname;
  const killed = spawn(
    process.execPath,
    [script, tools.directory, '127.0.0.82', server.address, `${server.port}`],
    {
      stdio: 'ignore',
    },
  );
  const left = await until('its chronyd', () => chronydOf(tools.directory));
  const leftDirectory = readFileSync(join(tools.directory, 'run-directory'), 'utf8');
  // What a chronyd says while it starts would end it when nobody reads it any more.
  await until('it has started', () => askChronyd(socketPathIn(leftDirectory)));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  assert.ok(isAlive(left));
  part.apply(follow(server));
  await standing('follows the server');
  assert.deepEqual([isAlive(left), existsSync(leftDirectory)], [false, false]);
  assert.notEqual(details().pid, left);
});

test('what lies in the data directory is for this user alone, and nothing is left at the end', async () => {
  const server = await timeServer('127.0.0.83');
  const { part, tools, standing, details } = await timePart('127.0.0.84');
  part.apply(follow(server));
  await standing('follows the server');
  for (const name of readdirSync(tools.directory))
    assert.equal(statSync(join(tools.directory, name)).mode & 0o077, 0, name);
  const run = readFileSync(join(tools.directory, 'run-directory'), 'utf8');
  const { pid } = details();
  await part.stop();
  assert.deepEqual([isAlive(pid), existsSync(run)], [false, false]);
  assert.deepEqual(
    readdirSync(tools.directory).filter((name) => name !== 'drift'),
    [],
  );
});
