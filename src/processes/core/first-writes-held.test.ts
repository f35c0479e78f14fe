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
