/** A newcomer and a member over real TLS: what is fetched, how it goes on after a break, and who is told what. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { until } from '../../../test/support/until.ts';
import { type Base, JOIN_ALPN, PIECE_BYTES } from '../../replication/join-messages.ts';
import type { Refused } from '../../replication/peers.ts';
import { peerKeySha256, serverOptions } from '../../replication/tls.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { FrameSocket } from '../frame.ts';
import type { ReplicatorTells } from '../replicator/core-link.ts';
import { TestCa } from '../replicator/memory-core.fixture.ts';
import { type BaseRequest, fetchBase, tellFailed } from './join-client.ts';
import { JoinServer, type JoinServerParts } from './join-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-join-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const ca = await TestCa.make();
const [memberTls, newcomerTls, otherTls] = await Promise.all(
  ['kma-1', 'kma-2', 'kma-3'].map((name) => ca.issue('kma', name)),
);
assert.ok(memberTls && newcomerTls && otherTls);
const hex = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();
const LIFE = { incarnationId: hex(8), logPublicKey: hex(32), replicationPublicKey: hex(32) };
/** Some pieces, the last one short. */
const BASE_BYTES = 3 * PIECE_BYTES + 17;

/** A member whose core admits everybody, or says why not, and makes copies of random bytes. */
async function member(t: TestContext, options: Partial<JoinServerParts> = {}) {
  const told: ReplicatorTells[] = [];
  const refused: Refused[] = [];
  const world = {
    refusal: null as string | null,
    noCopy: null as string | null,
    ...{ made: 0, told, refused, host: '127.0.0.1', port: 0 },
  };
  const core: JoinServerParts['core'] = {
    ask: async (question): Promise<never> => {
      if (question.t === 'greeted') return { refused: world.refusal } as never;
      const { noCopy } = world;
      return (noCopy === null ? madeBase(++world.made) : { base: null, reason: noCopy }) as never;
    },
    tell: (message) => void told.push(message),
  };
  const joins: JoinServer = new JoinServer({
    core,
    clusterEpochId: () => hex(16),
    onRefused: (one) => void refused.push(one),
    ...options,
  });
  assert.ok(memberTls);
  const server = createServer(serverOptions(memberTls, [JOIN_ALPN]), (socket) => {
    const keySha256 = peerKeySha256(socket);
    const name = keySha256 === newcomerTls?.keySha256 ? 'kma-2' : 'kma-3';
    const kmaId = createHash('md5').update(name).digest('hex').toUpperCase();
    joins.accept({
      socket,
      address: '127.0.0.1',
      member: { kmaId, name, address: '', serviceAddress: '', keySha256, incarnations: [] },
    });
  }).listen(0, world.host);
  await once(server, 'listening');
  world.port = (server.address() as AddressInfo).port;
  t.after(() => {
    joins.close();
    server.close();
  });
  return Object.assign(world, { joins });
}

function madeBase(number: number) {
  const path = join(folder, `base-${number}-${hex(4)}`);
  const bytes = randomBytes(BASE_BYTES);
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex').toUpperCase();
  return { base: { path, bytes: bytes.length, sha256, stateHash: hex(32), vector: {} }, reason: '' };
}

function wanting(
  { host, port }: { host: string; port: number },
  more: Partial<BaseRequest> = {},
): BaseRequest & { readonly bases: Base[] } {
  assert.ok(newcomerTls);
  const bases: Base[] = [];
  return {
    ...{ host, port, tls: newcomerTls, life: LIFE, bases },
    path: join(folder, `part-${hex(4)}`),
    begunSha256: null,
    onBase: (base) => void bases.push(base),
    progress: () => undefined,
    ...more,
  };
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex').toUpperCase();

test('the copy arrives whole, with progress, and the member is told that it can go', async (t) => {
  const world = await member(t);
  const progress: number[] = [];
  const request = wanting(world, { progress: (done, total) => void progress.push(done / total) });
  const { base, memberKeySha256 } = await fetchBase(request);
  assert.equal(digest(request.path), base.sha256);
  assert.equal(statSync(request.path).mode & 0o777, 0o600);
  assert.equal(memberKeySha256, memberTls?.keySha256);
  assert.deepEqual([progress.length, progress.at(-1)], [4, 1]);
  await until('the copy may go', () => world.told.some(({ t: told }) => told === 'base-done'));
  assert.deepEqual(world.refused, []);
});

test('a newcomer that broke off goes on with the same copy, and fetches no piece twice', async (t) => {
  const world = await member(t);
  const killed = wanting(world, {
    progress: (done) => {
      if (done > PIECE_BYTES) throw new Error('killed');
    },
  });
  await assert.rejects(fetchBase(killed), /killed/);
  const fetched: number[] = [];
  const begunSha256 = killed.bases[0]?.sha256 ?? null;
  const { base } = await fetchBase({ ...killed, begunSha256, progress: (done) => void fetched.push(done) });
  assert.equal(base.sha256, begunSha256);
  assert.equal(fetched.length, 2);
  assert.equal(digest(killed.path), base.sha256);
  assert.equal(world.made, 1);
});

test('who is removed in the middle gets no more of the copy', async (t) => {
  const world = await member(t);
  const removed = wanting(world, {
    progress: (done) => {
      if (done > PIECE_BYTES) world.joins.rosterChanged(() => false);
    },
  });
  await assert.rejects(fetchBase(removed));
  await until('the copy may go', () => world.told.some(({ t: told }) => told === 'base-done'));
  assert.ok(statSync(removed.path).size < BASE_BYTES);
});

test('where the copy is gone the newcomer begins with another one', async (t) => {
  const world = await member(t);
  const killed = wanting(world, {
    progress: (done) => {
      if (done === PIECE_BYTES) world.joins.close();
    },
  });
  await assert.rejects(fetchBase(killed), { code: 'JOIN_BROKEN_OFF' });
  const begunSha256 = killed.bases[0]?.sha256 ?? null;
  const { base } = await fetchBase({ ...killed, begunSha256, progress: () => undefined });
  assert.notEqual(base.sha256, begunSha256);
  assert.equal(digest(killed.path), base.sha256);
  assert.equal(world.made, 2);
});

test('a copy that nobody reads goes by itself', async (t) => {
  const world = await member(t, { unreadMs: 50 });
  const killed = wanting(world, {
    progress: () => {
      throw new Error('killed');
    },
  });
  await assert.rejects(fetchBase(killed));
  await until('the copy is dropped', () => world.told.some(({ t: told }) => told === 'base-done'));
});

test('why a life is not admitted the member knows and the newcomer does not', async (t) => {
  const world = await member(t);
  world.refusal = 'kma=kma-2 incarnation=1: this life is over';
  const request = wanting(world);
  await assert.rejects(
    fetchBase(request),
    (error: Error) => !/life/.test(error.message) && /audit/.test(error.message),
  );
  assert.match(world.refused[0]?.reason ?? '', /join: .*this life is over/);
  assert.equal(world.made, 0);
  assert.ok(!existsSync(request.path));
});

test('where no copy is made now the newcomer is told so, and the member knows why', async (t) => {
  const world = await member(t);
  world.noCopy = 'a backup is being made';
  await assert.rejects(fetchBase(wanting(world)), /gives no copy now.*try again later/);
  assert.match(world.refused[0]?.reason ?? '', /join: a backup is being made/);
});

test('two do not join at once, and each is told in words', async (t) => {
  const world = await member(t);
  let second: Promise<unknown> | null = null;
  const request = wanting(world, {
    progress: () => {
      const tls = otherTls ?? assert.fail();
      second ??= assert.rejects(
        fetchBase(wanting(world, { tls, life: { ...LIFE, incarnationId: hex(8) } })),
        /another KMA is joining/,
      );
    },
  });
  await Promise.all([
    fetchBase(request).then(() => assert.equal(world.made, 1)),
    until('the second one came', () => second !== null).then(() => second),
  ]);
});

test('a version that does not fit is refused with the side that is too old, the release that it has, and what to install', async (t) => {
  const world = await member(t);
  assert.equal(
    await refusalOf(world, { protocol: 2, replicationVersion: 1 }),
    `the member is too old for the KMA that joins: it has OpenKMA ${VERSION}, the KMA that joins 9.0.0; ` +
      `install 9.0.0 at the members, or ${VERSION} at the KMA that joins, then give the same command`,
  );
  // Of today: who reads more joins at who reads less.
  const old = { protocol: 1, replicationVersion: REPLICATION_VERSION - 1, softwareVersion: '0.0.9' };
  const tooOld =
    `the KMA that joins is too old: it has OpenKMA 0.0.9, which reads replication version ${REPLICATION_VERSION - 1}, ` +
    `and needs ${REPLICATION_VERSION}; install OpenKMA ${VERSION}, which the member has, or a later one there, then give the same command`;
  assert.equal(await refusalOf(world, old), tooOld);
  assert.equal(world.refused.at(-1)?.reason, `join: ${tooOld}`, 'the people of the member read the same');
  const ofLongName = await refusalOf(world, { ...old, softwareVersion: '9'.repeat(64) });
  assert.match(ofLongName, /it has OpenKMA 9{64}, .* install OpenKMA .* then give the same command$/);
  assert.match(
    await refusalOf(world, { protocol: 1, replicationVersion: 1, softwareVersion: '9.0.0', t: 'nonsense' }),
    /^closed$/,
  );
  assert.equal(world.made, 0);
});

test('what failed at the newcomer with the copy in its hands the member hears in words, and nothing else comes of it', async (t) => {
  const world = await member(t);
  const { host, port } = world;
  const tls = newcomerTls ?? assert.fail();
  await tellFailed(
    { host, port, tls },
    { code: 'QUORUM_NOT_MET', detail: `a\nb\u{1f511}${'c'.repeat(500)}` },
  );
  await until('the member has heard it', () => world.refused.length === 1);
  const [{ reason, keySha256 } = {}] = world.refused;
  assert.match(reason ?? '', /^join: it failed at the KMA that joins: QUORUM_NOT_MET: a\?b\?\??c+$/);
  assert.ok((reason ?? '').length <= 256);
  assert.equal(keySha256, tls.keySha256);
  assert.equal(world.made, 0);
});

test('a member that does not answer holds up no newcomer whose join has failed', async () => {
  const tls = newcomerTls ?? assert.fail();
  await tellFailed({ host: '127.0.0.1', port: 1, tls }, { code: 'QUORUM_NOT_MET', detail: '' });
});

/** Of a hello that our own client does not send. */
async function refusalOf(world: { host: string; port: number }, change: object): Promise<string> {
  const { connect } = await import('node:tls');
  const { clientOptions } = await import('../../replication/tls.ts');
  const tls = newcomerTls ?? assert.fail();
  const socket = connect({ ...clientOptions(tls, JOIN_ALPN), host: world.host, port: world.port });
  const { promise, resolve } = Promise.withResolvers<string>();
  const frames = new FrameSocket(socket, {
    onMessage: (message) => resolve((message as { why?: string }).why ?? ''),
    onClose: () => resolve('closed'),
  });
  await once(socket, 'secureConnect');
  frames.send({ t: 'hello', softwareVersion: '9.0.0', ...LIFE, ...change });
  return promise.finally(() => frames.close(null));
}
