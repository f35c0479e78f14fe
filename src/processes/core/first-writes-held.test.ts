/** A core that starts as a member writes nothing before the others have said how much of its log they know. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openAlone } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { set } from '../../core/facts.ts';
import { isRefusal } from '../../core/refusal.ts';
import { memberKeySha256 } from '../../operations/cluster/member-key.ts';
import { REPLICATION_VERSION, VERSION } from '../../version.ts';
import { FrameSocket } from '../frame.ts';
import { OtherMember, PEER, PEER_LIFE, until } from './replicated-world.fixture.ts';
import { listenForReplicator } from './replication-socket.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
after(() => kma[Symbol.asyncDispose]());

/** With another member whose certificate counts. */
async function enterMember(): Promise<void> {
  const running = await openAlone(kma.data);
  const other = new OtherMember(running);
  await other.deliver();
  const { certificatePem } = running.core.parts.store.state.get('kma', running.core.parts.self.kmaId) ?? {};
  other.write(set('kma', PEER, { certificatePem: certificatePem ?? '', enabled: 1 }));
  await other.deliver();
  await running.close();
}

test('what is written first waits for the word of the other member', async () => {
  await enterMember();
  const running = await openAlone(kma.data);
  const { store, self, firstWrites } = running.core.parts;
  const path = join(kma.folder, 'replicator.sock');
  const server = await listenForReplicator(running, path);
  const socket = connect(path);
  await once(socket, 'connect');
  const frames = new FrameSocket(socket, { onMessage: () => undefined, onClose: () => undefined });
  const length = store.logLength(self.incarnationId);
  assert.notEqual(firstWrites.held, null);
  let filled = false;
  const filling = running.core.callLocal('FillKeyPool', { count: 1 }).then((answer) => {
    filled = true;
    return answer;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual([filled, store.logLength(self.incarnationId)], [false, length]);
  const peer = { t: 'peer', kmaId: PEER, incarnationId: PEER_LIFE, connected: true };
  frames.send({
    ...peer,
    applied: { [self.incarnationId]: length },
    holds: {},
    health: null,
    responseMs: null,
    clockAheadMs: null,
  });
  await until(() => filled);
  assert.ok(!isRefusal(await filling));
  assert.ok(store.logLength(self.incarnationId) > length);
  frames.end();
  server.close();
  await running.close();
});

test('a member whose life is not known yet is heard when it greets, and where it has more that nobody proves, a new life is due', async () => {
  let replaced = 0;
  const running = await openAlone(kma.data, () => {
    replaced += 1;
  });
  const { store, self } = running.core.parts;
  const path = join(kma.folder, 'replicator-2.sock');
  const server = await listenForReplicator(running, path);
  const socket = connect(path);
  await once(socket, 'connect');
  const frames = new FrameSocket(socket, { onMessage: () => undefined, onClose: () => undefined });
  const length = store.logLength(self.incarnationId);
  const hello = {
    t: 'hello',
    protocol: 1,
    softwareVersion: VERSION,
    replicationVersion: REPLICATION_VERSION,
    kmaId: PEER,
    incarnationId: 'D'.repeat(16),
    replicationPublicKey: 'A'.repeat(64),
    logPublicKey: 'B'.repeat(64),
    clusterEpochId: store.state.get('incarnation', self.incarnationId)?.clusterEpochId ?? '',
    vector: { [self.incarnationId]: length + 3 },
  };
  const keySha256 = memberKeySha256(store.state.get('kma', PEER));
  frames.send({ t: 'greeted', id: 1, keySha256, address: '192.0.2.9', hello });
  await until(() => (store.getLocal('ownLogOvertakenBy') ?? '').includes(hello.incarnationId));
  assert.notEqual(running.core.parts.firstWrites.held, null);
  const filling = running.core.callLocal('FillKeyPool', { count: 1 });
  await until(() => replaced > 0);
  assert.deepEqual(await filling.then(isRefusal), true);
  assert.equal(store.logLength(self.incarnationId), length, 'nothing was written before');
  frames.end();
  server.close();
  await running.close();
  const next = await openAlone(kma.data);
  assert.notEqual(next.core.parts.self.incarnationId, self.incarnationId);
  const told = next.core.parts.store.database
    .prepare(`SELECT message FROM audit WHERE condition = 'Copied or older store'`)
    .all()
    .map(({ message }) => String(message));
  assert.match(told.join('\n'), new RegExp(`kma=peer says that it has ${length + 3} entries`));
  await next.close();
});
