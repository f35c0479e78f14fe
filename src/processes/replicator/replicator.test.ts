/** Replicators of several KMAs: what one has, all get, through cuts, kills, lost caches and replaced cores. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { keepReplicator } from '../kept-replicator.ts';
import { createRuntimeDirectory } from '../runtime-directory.ts';
import { MemoryCore } from './memory-core.fixture.ts';
import { arrived, ca, cluster, folder, newId, objectOf, pairOf } from './replicators.fixture.ts';

test('entries arrive at all members in order, what was there before and what comes later, and are confirmed', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write(...Array.from({ length: 200 }, (_, index) => `a${index}`));
  b.write('b1', 'b2');
  for (const to of [b, c]) await arrived(a, to);
  for (const to of [a, c]) await arrived(b, to);
  c.write('c1');
  await arrived(c, a);
  await until('a hears that the others have folded its log', () =>
    [b, c].every((peer) =>
      a
        .told('peer')
        .some(
          ({ incarnationId, holds, connected }) =>
            incarnationId === peer.incarnationId && connected && holds?.[a.incarnationId] === 200,
        ),
    ),
  );
  await until('health and time of an answer are told', () =>
    a.told('peer').some(({ health, responseMs }) => health !== null && responseMs !== null),
  );
  b.aheadMs = 600_000;
  const clockOfB = ({
    incarnationId,
    clockAheadMs,
  }: {
    incarnationId: string;
    clockAheadMs: number | null;
  }) => incarnationId === b.incarnationId && Math.abs((clockAheadMs ?? 0) - 600_000) < 60_000;
  await until('how far the clock of one is ahead is told', () => a.told('peer').some(clockOfB));
});

test('sealed objects come from whoever has them, more than fit into one answer too', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  const ids = Array.from({ length: 600 }, newId);
  for (const [index, id] of ids.entries()) (index % 2 === 0 ? a : b).objects.set(id, objectOf(id));
  c.miss(...ids);
  await until('all objects at c', () => c.missing.size === 0);
  for (const id of ids) assert.equal(Buffer.from(c.objects.get(id)?.bytes ?? []).toString(), id);
});

test('who has not the object that is sought is told with what was known when it was asked, and nobody who is silent', async (t) => {
  const { kmas, cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write('a1');
  await arrived(a, b);
  await arrived(a, c);
  const [sought, other] = [newId(), newId()];
  c.objects.set(sought, objectOf(sought));
  const lacking = () =>
    new Set(
      a
        .told('searched')
        .filter(({ lacks }) => lacks.includes(sought))
        .map(({ incarnationId }) => incarnationId),
    );
  await pairOf(kmas)[2].stop();
  a.sought = [sought];
  a.miss(sought, other);
  await until('b has said that it has not', () => lacking().has(b.incarnationId));
  assert.deepEqual([...lacking()], [b.incarnationId]);
  for (const { lacks, has, asked } of a.told('searched'))
    assert.deepEqual([lacks, has, asked[a.incarnationId]], [[sought], [], 1]);
  await pairOf(kmas)[2].start();
  await until('it has come from c', () => a.objects.has(sought));
  assert.equal(lacking().has(c.incarnationId), false);
});

test('what is sought and no row names is asked for to learn who has it, is not kept, and is no fault of who brings it', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  a.write('a1');
  await arrived(a, b);
  const [named, retired, nowhere] = [newId(), newId(), newId()];
  for (const id of [named, retired]) b.objects.set(id, objectOf(id));
  a.sought = [nowhere, retired];
  a.miss(named);
  const said = () => a.told('searched').map(({ lacks, has }) => [...lacks, '|', ...has].join());
  await until('b has told what it has', () => said().includes(`${nowhere},|,${retired}`));
  await until('what is named has come', () => a.objects.has(named));
  assert.equal(a.objects.has(retired), false);
  assert.deepEqual(a.told('left-alone'), []);
});

test('a replicator that starts again, one without its cache, and a core that was replaced go on where they were', async (t) => {
  const { kmas, cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  const [kmaA, kmaB] = pairOf(kmas);
  a.write('1', '2');
  await arrived(a, b);
  await kmaB.stop();
  a.write('3');
  await kmaB.start();
  await arrived(a, b);
  await kmaA.stop();
  rmSync(a.cacheDirectory, { recursive: true });
  a.write('4');
  await kmaA.start();
  await arrived(a, b);
  a.hangUp();
  b.hangUp();
  a.write('5');
  b.write('b1');
  await arrived(a, b);
  await arrived(b, a);
  b.catchUp();
  await until('b has caught up', () => b.told('caught-up').length === 1);
  for (const core of cores) assert.deepEqual(core.told('refused'), [], "none of it is anybody's fault");
});

test('who catches up is given what a member has committed, although it is told of much later', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  a.write('1');
  await arrived(a, b);
  a.commit('2');
  b.catchUp();
  await until('b has caught up', () => b.told('caught-up').length === 1);
  assert.deepEqual(b.textsOf(a), ['1', '2']);
});

test('a member that is stopped has given away what it has written', async (t) => {
  const { kmas, cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write('1');
  for (const core of [b, c]) await arrived(a, core);
  a.write(...Array.from({ length: 80 }, (_, index) => `last ${index}`));
  await until('its replicator has heard of it', () => a.told('read-log').length > 1);
  a.commit('the very last, of which it was not told');
  await kmas[0]?.stop();
  for (const core of [b, c]) assert.equal(core.textsOf(a).length, 82, core.name);
});

test('what a KMA has to say when it is stopped reaches the others, and is not asked for where nobody hears it', async (t) => {
  const { kmas, cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  a.write('1');
  await arrived(a, b);
  for (const core of [a, b]) core.lastWords = ['last'];
  await kmas[0]?.stop();
  assert.deepEqual(b.textsOf(a), ['1', 'last']);
  await until('b knows that a has gone', () => b.told('peer').at(-1)?.connected === false);
  await kmas[1]?.stop();
  assert.deepEqual(
    [a, b].map((core) => core.told('ending').length),
    [1, 0],
  );
});

test('a connection that is cut, and cannot be made for a while, is made again by itself', async (t) => {
  const { cores, port } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  const ways = new Set<Socket>();
  let open = true;
  const proxy = createServer((socket) => {
    if (!open) return void socket.destroy();
    const way = connectTcp({ host: a.address, port });
    for (const end of [socket, way]) ways.add(end.on('error', () => undefined));
    socket.pipe(way).pipe(socket);
  }).listen(port, '127.0.1.9');
  t.after(() => proxy.close());
  // The way of before ends first: it would stay until the new one is in use.
  a.setMembers([a.member]);
  await until('the old way is over', () =>
    cores.every((core) => core.told('peer').at(-1)?.connected === false),
  );
  for (const core of cores) core.setMembers([{ ...a.member, address: '127.0.1.9' }, b.member]);
  await until('the connection goes through the proxy', () => ways.size > 0);
  a.write('1');
  await arrived(a, b);
  open = false;
  for (const way of ways) way.destroy();
  a.write('2');
  b.write('3');
  await until('both know of it', () => cores.every((core) => core.told('peer').at(-1)?.connected === false));
  assert.deepEqual(b.textsOf(a), ['1']);
  open = true;
  await arrived(a, b);
  await arrived(b, a);
});

test('as a process with what it may do, it comes up, and comes back when it is killed', async (t) => {
  const runtime = createRuntimeDirectory(null);
  t.after(() => runtime.remove());
  const { cores, port } = await cluster(t, 1);
  const [a] = pairOf([...cores, ...cores]);
  const credentials = await ca.issue('kma', 'process');
  const socketPath = runtime.replicatorSocketPath;
  const address = '127.0.1.2';
  const b = new MemoryCore(runtime.path, { rank: 1, address, credentials, socketPath });
  const dataDirectory = mkdtempSync(join(folder, 'data-'));
  const kept = keepReplicator({
    dataDirectory,
    runtime,
    listens: [
      { service: 'replication', host: address, port },
      { service: 'certificate', host: address, port },
    ],
    mayRestart: () => true,
    report: () => undefined,
  });
  t.after(async () => {
    await kept.stop({ t: 'stop' }, 10_000);
    b.close();
  });
  for (const core of [a, b]) core.setMembers([a.member, b.member]);
  kept.begin();
  a.write('1');
  b.write('2');
  await arrived(a, b);
  await arrived(b, a);
  process.kill(kept.pid ?? 0, 'SIGKILL');
  a.write('3');
  b.write('4');
  await arrived(a, b);
  await arrived(b, a);
  for (const name of readdirSync(dataDirectory, { recursive: true, encoding: 'utf8' }))
    assert.equal(statSync(join(dataDirectory, name)).mode & 0o077, 0, `${name} is of others' business`);
  assert.ok(existsSync(join(dataDirectory, 'replication')));
});

test('a member that is no longer one is told so by its key, and that it is one again, whoever of the two dials', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  const { keySha256 } = b.credentials;
  const others = [a.member, c.member];
  for (const core of [a, c]) core.setMembers(others, [{ keySha256, why: 'logged-out' }]);
  await until('b is told', () => b.told('standing').some(({ standing }) => standing === 'logged-out'));
  // Either of the two told it, and what was refused is told a second later.
  await until('the other side tells of it', () =>
    a.told('refused').some(({ reason }) => reason === 'the key of no member: logged-out'),
  );
  // A KMA whose key stands in no row hears that, and is told of with the name in its certificate.
  for (const core of [a, c]) core.setMembers(others);
  await until('it is refused as a stranger', () =>
    a
      .told('refused')
      .some(({ reason }) => /^the key of no member, in a certificate .* for KMA .*: restored/.test(reason)),
  );
  await until('it hears so', () => b.told('standing').at(-1)?.standing === 'unknown');
  for (const core of [a, c]) core.setMembers([...others, b.member]);
  await until('it is a member again', () => b.told('peer').at(-1)?.connected === true);
  // What it was told before may have come late, but not after the first that knew better.
  const told = b.told('standing').map(({ standing }) => standing);
  const since = told.slice(told.indexOf('unknown'));
  assert.ok(
    since.every((standing) => ['member', 'unknown'].includes(standing)),
    told.join(),
  );
});

test('a removed member is cut off at once, gets nothing more, and is reported', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  a.write('1');
  for (const to of [b, c]) await arrived(a, to);
  const left = [a.member, b.member];
  for (const core of [a, b]) core.setMembers(left);
  await until('c is refused', () =>
    a.told('refused').some(({ keySha256 }) => keySha256 === c.credentials.keySha256),
  );
  a.write('2');
  await arrived(a, b);
  assert.deepEqual(c.textsOf(a), ['1']);
});
