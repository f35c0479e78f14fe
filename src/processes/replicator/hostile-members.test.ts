/** Who is no member gets nothing on port 3336; a member that misbehaves is left alone and reported, and the others go on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { z } from 'zod';
import { until } from '../../../test/support/until.ts';
import { dial } from '../../replication/dial.ts';
import { PeerChannel } from '../../replication/peer-channel.ts';
import { encodePeerMessage } from '../../replication/peer-encoding.ts';
import { PEER_MESSAGE_BYTES_MAX } from '../../replication/peer-messages.ts';
import { clientOptions } from '../../replication/tls.ts';
import type { CoreLink } from './core-link.ts';
import { leftAlone, withEvil } from './evil-member.fixture.ts';
import { TestCa } from './memory-core.fixture.ts';
import { BLOCK_BYTES_MAX } from './messages.ts';
import { secured } from './played-member.fixture.ts';
import { type Begin, Replication } from './replication.ts';
import { arrived, ca, cluster, folder, newId, objectOf, pairOf } from './replicators.fixture.ts';

/** What the port says to this certificate: closed before a byte comes. */
async function knock(
  port: number,
  host: string,
  credentials: Awaited<ReturnType<TestCa['issue']>>,
  alpn: string,
) {
  const socket = connect({ ...clientOptions(credentials, alpn), host, port });
  const bytes: Buffer[] = [];
  socket.on('data', (data) => bytes.push(data)).on('error', () => undefined);
  socket.write('x');
  await once(socket, 'close');
  assert.equal(Buffer.concat(bytes).length, 0);
}

test('certificates of agents and users, foreign ones and none are refused and reported', async (t) => {
  const { cores, port } = await cluster(t, 2);
  const [a] = pairOf(cores);
  const stranger = await (await TestCa.make()).issue('kma', 'stranger');
  for (const kind of ['agent', 'user'] as const) {
    const credentials = await ca.issue(kind, kind);
    await knock(port, a.address, credentials, 'openkma/1');
    await until(`the ${kind} is reported`, () =>
      a
        .told('refused')
        .some(({ keySha256, reason }) => keySha256 === credentials.keySha256 && /no member/.test(reason)),
    );
  }
  await knock(port, a.address, { ...stranger, caPem: ca.pem }, 'openkma/1');
  await until('the stranger is reported', () =>
    a
      .told('refused')
      .some(
        ({ address, reason }) => address === '127.0.0.1' && /no certificate of this cluster/.test(reason),
      ),
  );
});

test('a member that writes garbage into its log is left alone and reported, and the others go on', async (t) => {
  const { cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  for (const core of [a, b])
    core.stalls = (block) => (Buffer.from(block).includes('garbage') ? 'no entry' : null);
  c.write('sound', 'garbage');
  for (const core of [a, b]) await leftAlone(core, c, /^no entry$/);
  assert.deepEqual(a.textsOf(c), ['sound']);
  a.write('1');
  b.write('2');
  await arrived(a, b);
  await arrived(b, a);
});

test('a member that writes its log a second time, otherwise, is left alone, and the others go on', async (t) => {
  const { kmas, cores } = await cluster(t, 3);
  const [a, b, c] = pairOf(cores);
  c.write('sound', 'and so on');
  for (const core of [a, b]) await arrived(c, core);
  await kmas[2]?.stop();
  rmSync(c.cacheDirectory, { recursive: true });
  c.logs.set(c.incarnationId, []);
  c.commit('otherwise', 'and so on', 'and on');
  await kmas[2]?.start();
  await until('c is left alone', () =>
    [a, b].some((core) =>
      core.told('left-alone').some(({ kmaId, reason }) => kmaId === c.kmaId && /^two logs/.test(reason)),
    ),
  );
  assert.deepEqual(c.told('left-alone'), [], 'it does not leave itself alone');
  for (const core of [a, b]) assert.deepEqual(core.textsOf(c), ['sound', 'and so on'], core.name);
  a.write('1');
  b.write('2');
  await arrived(a, b);
  await arrived(b, a);
});

test('an entry that is too long never reaches the core, and its writer is left alone', async (t) => {
  const { a, evil, port, punished, othersGoOn } = await withEvil(t);
  const blocks = [Buffer.from('sound'), Buffer.alloc(BLOCK_BYTES_MAX + 1, 7)];
  const begin: Begin = {
    t: 'begin',
    self: {
      kmaId: evil.kmaId,
      kmaName: '',
      incarnationId: evil.incarnationId,
      logPublicKey: evil.replicationPublicKey,
      clusterEpochId: '',
    },
    replicationSeed: evil.seed,
    tls: evil.credentials,
    base: {},
    freshCache: false,
    vector: { [evil.incarnationId]: 2 },
    held: {},
  };
  const ask: CoreLink['ask'] = (question) => {
    const answer =
      question.t === 'read-log' ? { t: 'log', id: 1, blocks } : { t: 'admitted', id: 1, refused: null };
    return Promise.resolve(answer as never);
  };
  const replication = await Replication.open(begin, evil.replicationPublicKey, {
    core: { ask, tell: () => undefined },
    cacheDirectory: join(folder, 'evil'),
    dial: ({ keySha256, address: host }) =>
      dial({ host, port, localAddress: undefined, tls: evil.credentials, protocol: 'openkma/1', keySha256 }),
    onRefused: () => undefined,
    onFailure: () => undefined,
  });
  t.after(() => replication.close());
  replication.setRoster({ t: 'roster', members: [a.member], former: [], logs: [] });
  await punished(/an entry of 1048577 bytes/);
  assert.deepEqual(a.textsOf(evil), ['sound']);
  await othersGoOn();
});

test('bytes that are no handshake of the engine are a fault', async (t) => {
  const { a, evil, port, punished, othersGoOn } = await withEvil(t);
  const socket = connect({ ...clientOptions(evil.credentials, 'openkma/1'), host: a.address, port });
  // Too short for a key; of longer ones that nobody chose some are the beginning of a handshake.
  socket.on('error', () => undefined).write(Buffer.concat([Buffer.of(16, 0, 0), randomBytes(16)]));
  // Its own handshake may come before the end, which nobody sees who does not read it.
  socket.resume();
  await once(socket, 'close');
  await punished(/./);
  await assert.rejects(secured(evil, a, port), /closed/, 'and is turned away, whatever it says');
  await punished(/./);
  assert.deepEqual(a.told('refused'), [], 'it is no stranger');
  await othersGoOn();
});

for (const [what, message, why] of [
  ['a message that is none', Buffer.from([0, 0, 0, 9, 1]), /a message that is none/],
  ['a message that is too long', Buffer.alloc(PEER_MESSAGE_BYTES_MAX + 1), /a message of \d+ bytes/],
  [
    'a question before the greeting',
    encodePeerMessage({ t: 'ping', sequence: 1 }),
    /ping before the greeting/,
  ],
] as const)
  test(`${what} is a fault`, async (t) => {
    const { a, evil, port, punished, othersGoOn } = await withEvil(t);
    const { stream } = await secured(evil, a, port);
    const channel = new PeerChannel<{ readonly bytes: Uint8Array }>(stream, {
      protocol: 'openkma/1',
      // Whatever it hears: it must not be what ends the connection, before its own message has gone.
      schema: z.custom<{ readonly bytes: Uint8Array }>(),
      maxBytes: Number.MAX_SAFE_INTEGER,
      encode: ({ bytes }) => bytes,
      decode: () => ({}),
      onOpen: () => channel.send({ bytes: message }),
      onMessage: () => undefined,
      onClose: () => undefined,
    });
    await punished(why);
    await othersGoOn();
  });

test('a member that gives other objects than it names is left alone', async (t) => {
  const { cores } = await cluster(t, 2);
  const [a, b] = pairOf(cores);
  const id = newId();
  b.objects.set(id, objectOf(id, ''));
  a.miss(id);
  await leftAlone(a, b, /^1 objects that are not what they are named$/);
  assert.equal(a.objects.size, 0);
});
