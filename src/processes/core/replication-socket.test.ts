/** The core's socket for the replicator: what it tells without being asked, what it answers, whom it lets in, and what ends the connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { set } from '../../core/facts.ts';
import { logPublicKey } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import { type CoreToReplicator, coreToReplicator, type ReplicatorToCore } from '../replicator/messages.ts';
import { OtherMember, PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';
import { listenForReplicator } from './replication-socket.ts';

type Said<T extends CoreToReplicator['t']> = Extract<CoreToReplicator, { t: T }>;

const kma = await TestKma.start({ bare: true });
await kma.stop();
let elsewhere = 0;
const running = await openAlone(kma.data, () => {
  elsewhere += 1;
});
const path = join(kma.folder, 'replicator.sock');
const server = await listenForReplicator(running, path);
const { store, self } = running.core.parts;
const other = new OtherMember(running);
after(async () => {
  server.close();
  await kma[Symbol.asyncDispose]();
});

/** A replicator that hears everything. */
class Replicator {
  readonly heard: CoreToReplicator[] = [];
  readonly #frames: FrameSocket;
  closed = false;
  /** What it answers who asks it to catch up; nothing where null. */
  caughtUp: boolean | null = null;
  #id = 0;

  private constructor(socket: ReturnType<typeof connect>) {
    this.#frames = new FrameSocket(socket, {
      onMessage: (raw) => this.#hear(expectMessage(coreToReplicator, raw)),
      onClose: () => {
        this.closed = true;
      },
    });
  }
  static async connect(): Promise<Replicator> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Replicator(socket);
  }
  #hear(message: CoreToReplicator): void {
    this.heard.push(message);
    if (message.t === 'catch-up' && this.caughtUp !== null)
      this.send({ t: 'caught-up', id: message.id, complete: this.caughtUp } satisfies ReplicatorToCore);
  }
  send(message: object): void {
    this.#frames.send(message);
  }
  all<T extends CoreToReplicator['t']>(t: T): Said<T>[] {
    return this.heard.filter((message): message is Said<T> => message.t === t);
  }
  async last<T extends CoreToReplicator['t']>(
    t: T,
    holds: (said: Said<T>) => boolean = () => true,
  ): Promise<Said<T>> {
    await until(() => this.all(t).some(holds));
    return this.all(t).findLast(holds) as Said<T>;
  }
  /** Of the question, once it is answered. */
  async ask<T extends CoreToReplicator['t']>(t: T, question: Record<string, unknown>): Promise<Said<T>> {
    const id = ++this.#id;
    this.send({ ...question, id });
    return this.last(t, (said) => 'id' in said && said.id === id);
  }
  end(): void {
    this.#frames.end();
  }
}
const replicator = await Replicator.connect();

test('nobody else may open the socket', () => {
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('it is told who this KMA is, with a key for the engine that signs nothing else', async () => {
  const begin = await replicator.last('begin');
  const life = store.state.get('incarnation', self.incarnationId);
  assert.deepEqual([begin.self.kmaId, begin.self.incarnationId], [self.kmaId, self.incarnationId]);
  assert.equal(begin.self.logPublicKey, life?.logPublicKey);
  const enginePublicKey = logPublicKey(new SecretBytes(Uint8Array.from(begin.replicationSeed)));
  assert.equal(enginePublicKey, life?.replicationPublicKey);
  assert.notEqual(enginePublicKey, life?.logPublicKey);
  assert.match(begin.tls.privateKeyPem, /PRIVATE KEY/);
  assert.match(begin.tls.certificatePem, /CERTIFICATE/);
});

test('it is told the members with their keys and lives, and the logs to follow', async () => {
  const { members, logs } = await replicator.last('roster');
  const own = members.find(({ kmaId }) => kmaId === self.kmaId);
  assert.match(own?.keySha256 ?? '', /^[0-9A-F]{64}$/);
  assert.deepEqual(
    own?.incarnations.map(({ incarnationId, live }) => [incarnationId, live]),
    [[self.incarnationId, true]],
  );
  assert.equal(members.find(({ kmaId }) => kmaId === PEER)?.keySha256, '', 'it has no certificate yet');
  assert.ok(logs.some(({ incarnationId, limit }) => incarnationId === self.incarnationId && limit === null));
});

test('it hears of growth and of members after the commits that changed them', async () => {
  const before = store.logLength(self.incarnationId);
  const rosters = replicator.all('roster').length;
  await running.core.callLocal('FillKeyPool', { count: 1 });
  const grown = await replicator.last('grown', ({ vector }) => (vector[self.incarnationId] ?? 0) > before);
  assert.equal(grown.held[self.incarnationId], grown.vector[self.incarnationId]);
  assert.equal(replicator.all('roster').length, rosters, 'nothing has changed about members');
  other.write(set('kma', PEER, { managementAddress: '192.0.2.9' }));
  await replicator.ask('applied', {
    t: 'entries',
    incarnationId: PEER_LIFE,
    afterSeq: 0,
    blocks: other.blocks,
  });
  const roster = await replicator.last('roster', ({ members }) =>
    members.some(({ kmaId, address }) => kmaId === PEER && address !== ''),
  );
  assert.equal(roster.members.find(({ kmaId }) => kmaId === PEER)?.address, '192.0.2.9');
  await replicator.last('health', ({ health }) => !health.locked);
});

test('it reads the own log byte for byte, and no more of it than fits', async () => {
  const { blocks } = await replicator.ask('log', {
    t: 'read-log',
    incarnationId: self.incarnationId,
    afterSeq: 0,
    limit: 64,
  });
  assert.deepEqual(
    blocks.map((block) => Buffer.from(block)),
    store.readLog(self.incarnationId, 0, blocks.length).map((block) => Buffer.from(block)),
  );
  assert.ok(blocks.length > 1);
});

test('it brings entries, is told what is missing then, brings that too, and can read it for others', async () => {
  const object = other.makeKey('K1');
  const afterSeq = store.logLength(PEER_LIFE);
  const entries = { t: 'entries', incarnationId: PEER_LIFE, afterSeq, blocks: other.blocks.slice(afterSeq) };
  const applied = await replicator.ask('applied', entries);
  assert.deepEqual([applied.length, applied.stalled], [other.blocks.length, null]);
  await replicator.last('missing', ({ ids }) => ids.includes(object.id));
  const { refused } = await replicator.ask('stored', { t: 'objects', objects: [object] });
  assert.equal(refused, 0);
  await until(() => replicator.all('missing').at(-1)?.ids.length === 0);
  const read = await replicator.ask('objects', { t: 'read-objects', ids: ['A'.repeat(32), object.id] });
  assert.deepEqual(
    read.objects.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]),
    [[object.id, 'sealed K1']],
  );
});

test('whom it has greeted is let in by the key of a member, and else not', async () => {
  const life = store.state.get('incarnation', self.incarnationId);
  const hello = {
    t: 'hello',
    protocol: 1,
    softwareVersion: '1',
    replicationVersion: 1,
    kmaId: PEER,
    incarnationId: PEER_LIFE,
    replicationPublicKey: 'A'.repeat(64),
    logPublicKey: 'B'.repeat(64),
    clusterEpochId: life?.clusterEpochId,
    vector: {},
  };
  const greet = (keySha256: string, more = {}) =>
    replicator.ask('admitted', {
      t: 'greeted',
      keySha256,
      address: '192.0.2.9',
      hello: { ...hello, ...more },
    });
  assert.match((await greet('C'.repeat(64))).refused ?? '', /no other member/);
  assert.match(
    (await greet('C'.repeat(64), { clusterEpochId: 'E'.repeat(32) })).refused ?? '',
    /another life/,
  );
  // Its certificate is that of this KMA here: what counts is whose row names the key.
  const { certificatePem } = store.state.get('kma', self.kmaId) ?? {};
  other.write(set('kma', PEER, { certificatePem: certificatePem ?? null, enabled: 1 }));
  await other.deliver();
  const { members } = await replicator.last('roster');
  const keySha256 = members.find(({ kmaId }) => kmaId === self.kmaId)?.keySha256 ?? '';
  const newLife = 'D'.repeat(16);
  store.transaction(() => store.state.putHolding(self.incarnationId, { peer: PEER_LIFE, seq: 1 }));
  assert.equal(store.state.heldByPeers(self.incarnationId), 1);
  assert.equal((await greet(keySha256, { incarnationId: newLife })).refused, null);
  const admitted = store.state.get('incarnation', newLife);
  assert.deepEqual([admitted?.admittedKmaId, admitted?.admittedReplicationKey], [PEER, 'A'.repeat(64)]);
  assert.equal(store.state.heldByPeers(self.incarnationId), 0, 'the life before may have lost what it held');
  const records = auditRecords('AdmitIncarnation');
  assert.equal((await greet(keySha256, { incarnationId: newLife })).refused, null);
  assert.equal(auditRecords('AdmitIncarnation'), records, 'one that comes back leaves no record');
  assert.notEqual(
    (await greet(keySha256, { incarnationId: newLife, logPublicKey: 'F'.repeat(64) })).refused,
    null,
  );
});

test('strangers that it refused are counted together in the audit', async () => {
  for (let n = 0; n < 3; n++)
    replicator.send({ t: 'refused', address: '192.0.2.66', reason: 'no member', keySha256: null, count: 2 });
  await replicator.ask('log', { t: 'read-log', incarnationId: self.incarnationId, afterSeq: 0, limit: 1 });
  await running.maintenance.minutely();
  const record = store.database
    .prepare(
      `SELECT message FROM audit WHERE operation = 'NoteFailuresBeforeAuthentication' ORDER BY row DESC`,
    )
    .get();
  assert.match(
    String(record?.['message']),
    /service=replication reason=no member count=6 sources=192.0.2.66/,
  );
});

test('a member that it leaves alone is in the audit at once, by its name, once each time, and nobody else is', async () => {
  const told = {
    t: 'left-alone',
    kmaId: PEER,
    address: '192.0.2.9',
    reason: 'garbage',
    seconds: 30,
    attempts: 7,
  };
  const before = auditRecords('NoteFailuresBeforeAuthentication');
  for (let n = 0; n < 1_000; n++) replicator.send(told);
  for (const kmaId of [self.kmaId, 'C'.repeat(32)]) replicator.send({ ...told, kmaId });
  await until(() => auditRecords('NoteMemberLeftAlone') > 0);
  await replicator.ask('log', { t: 'read-log', incarnationId: self.incarnationId, afterSeq: 0, limit: 1 });
  await running.maintenance.minutely();
  const records = store.database
    .prepare(`SELECT record FROM audit WHERE operation = 'NoteMemberLeftAlone'`)
    .all()
    .map(({ record }) => JSON.parse(String(record)) as Record<string, unknown>);
  const name = store.state.get('kma', PEER)?.name ?? '';
  assert.deepEqual(
    records.map(({ severity, condition, message, class: kind, term }) => [
      severity,
      condition,
      message,
      kind,
      term,
    ]),
    [
      [
        ...['error', 'Member left alone'],
        `kma=${name} address=192.0.2.9 seconds=30 attempts-before=7: garbage`,
        ...['Security Violation', 'long'],
      ],
    ],
  );
  assert.equal(auditRecords('NoteFailuresBeforeAuthentication'), before, 'it is no stranger');
});

test('it is asked to catch up, and what it answers counts', async () => {
  replicator.caughtUp = true;
  // An answer counts for half a second only: a busy machine may take longer now and then.
  let complete = false;
  while (!complete) complete = await running.catchUps.catchUp(30_000);
  replicator.caughtUp = false;
  assert.equal(await running.catchUps.catchUp(30_000), false);
  replicator.caughtUp = null;
});

test("a peer's word alone that the own log is longer elsewhere changes nothing; the proof of the engine does", async () => {
  replicator.send({ t: 'own-length', length: 1_000_000, proven: false });
  replicator.send({ t: 'own-length', length: store.logLength(self.incarnationId), proven: true });
  await replicator.ask('log', { t: 'read-log', incarnationId: self.incarnationId, afterSeq: 0, limit: 1 });
  assert.equal(elsewhere, 0);
  replicator.send({ t: 'own-length', length: 1_000_000, proven: true });
  replicator.send({ t: 'own-length', length: 1_000_001, proven: true });
  await replicator.ask('log', { t: 'read-log', incarnationId: self.incarnationId, afterSeq: 0, limit: 1 });
  assert.equal(elsewhere, 1);
  const length = store.logLength(self.incarnationId);
  await running.core.callLocal('FillKeyPool', { count: 1 });
  assert.equal(
    store.logLength(self.incarnationId),
    length,
    'nothing is written where the log goes on elsewhere',
  );
});

test('a message that is none ends the connection, and the next replicator is told everything anew', async () => {
  const hostile = await Replicator.connect();
  await hostile.last('begin');
  hostile.send({ t: 'entries', id: 1, incarnationId: 'x', afterSeq: -1, blocks: [] });
  await until(() => hostile.closed);
  assert.equal(await running.catchUps.catchUp(10_000), false, 'there is no replicator to ask through');
  const next = await Replicator.connect();
  await next.last('roster');
  await next.last('missing');
  next.end();
  replicator.end();
});

test('the next core of a store that lived on elsewhere begins a new life, once', async () => {
  await running.close();
  const again = await openAlone(kma.data);
  const { incarnationId } = again.core.parts.self;
  assert.notEqual(incarnationId, self.incarnationId);
  const life = again.core.parts.store.state.get('incarnation', incarnationId);
  assert.deepEqual([life?.kmaId, life?.reason], [self.kmaId, 'copy']);
  await again.close();
  const third = await openAlone(kma.data);
  assert.equal(third.core.parts.self.incarnationId, incarnationId);
  await third.close();
});

function auditRecords(operation: string): number {
  return store.database.prepare('SELECT 1 FROM audit WHERE operation = ?').all(operation).length;
}
