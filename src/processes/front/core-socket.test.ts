/** The link to the core where the core is slow, silent, gone or lying. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FrameSocket } from '../frame.ts';
import { expectMessage, type FrontOrigin, type FrontToCore, frontToCore } from '../messages.ts';
import { CORE_SOCKET_LIMITS, CoreSocket, type CoreSocketLimits } from './core-socket.ts';

const ORIGIN: FrontOrigin = {
  service: 'agent',
  address: '192.0.2.1',
  localAddress: '192.0.2.2',
  fingerprint: null,
};

async function makeLink(
  t: TestContext,
  limits: Partial<CoreSocketLimits>,
  answer: (message: FrontToCore) => object | null,
) {
  const directory = mkdtempSync(join(tmpdir(), 'openkma-test-'));
  const path = join(directory, 'core.sock');
  const connected = Promise.withResolvers<void>();
  const received: FrontToCore[] = [];
  const server: Server = createServer((socket) => {
    const frames: FrameSocket = new FrameSocket(socket, {
      onMessage: (raw) => {
        const message = expectMessage(frontToCore, raw);
        received.push(message);
        const reply = answer(message);
        if (reply !== null) frames.send(reply);
      },
      onClose: () => {},
    });
    connected.resolve();
  });
  server.listen(path);
  await once(server, 'listening');
  const link = new CoreSocket(path, { ...CORE_SOCKET_LIMITS, ...limits });
  t.after(() => {
    link.close();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  await connected.promise;
  return { link, received };
}

test('answers find their calls in whatever order they come', async (t) => {
  const held: { id: number; input: unknown }[] = [];
  const { link } = await makeLink(t, {}, (message) => {
    if (message.t !== 'call') return null;
    held.push(message);
    const first = held[0];
    return held.length === 2 && first !== undefined
      ? { t: 'reply', id: message.id, output: message.input }
      : null;
  });
  const slow = link.call('First', { n: 1 }, ORIGIN);
  assert.deepEqual(await link.call('Second', { n: 2, bytes: Uint8Array.of(255) }, ORIGIN), {
    output: { n: 2, bytes: Uint8Array.of(255) },
  });
  link.close();
  assert.deepEqual(await slow, { fault: 'SERVER_ERROR' });
});

test('a call that the core does not answer gets its fault at the deadline', {
  timeout: 10_000,
}, async (t) => {
  const { link } = await makeLink(t, { callMs: 100, sessionMs: 100 }, () => null);
  assert.deepEqual(await link.call('Any', {}, ORIGIN), { fault: 'SERVER_ERROR' });
  assert.equal(await link.sessionGet('agent', 'AB'), null);
});

test('more calls than the limit are answered busy at once', async (t) => {
  const { link } = await makeLink(t, { callsUnderWay: 2 }, () => null);
  const waiting = [link.call('A', {}, ORIGIN), link.call('B', {}, ORIGIN)];
  assert.deepEqual(await link.call('C', {}, ORIGIN), { fault: 'SERVER_BUSY' });
  link.close();
  assert.deepEqual(await Promise.all(waiting), [{ fault: 'SERVER_ERROR' }, { fault: 'SERVER_ERROR' }]);
});

test('callers without a certificate take no more than their part of the calls under way', async (t) => {
  const { link } = await makeLink(t, { callsUnderWay: 3, strangersUnderWay: 1 }, (message) =>
    message.t === 'call' && message.origin.fingerprint !== null
      ? { t: 'reply', id: message.id, output: 1 }
      : null,
  );
  const waiting = link.call('A', {}, ORIGIN);
  assert.deepEqual(await link.call('B', {}, ORIGIN), { fault: 'SERVER_BUSY' });
  assert.deepEqual(await link.call('C', {}, { ...ORIGIN, fingerprint: 'AB'.repeat(32) }), { output: 1 });
  link.close();
  await waiting;
});

test('an answer that is not of the protocol ends the connection and the call', async (t) => {
  const { link } = await makeLink(t, {}, (message) =>
    'id' in message ? { t: 'fault', id: message.id, code: 'NO_SUCH_CODE' } : null,
  );
  assert.deepEqual(await link.call('Any', {}, ORIGIN), { fault: 'SERVER_ERROR' });
});

test('failures before authentication reach the core counted, not one by one', {
  timeout: 10_000,
}, async (t) => {
  const counted = Promise.withResolvers<void>();
  const { link, received } = await makeLink(t, {}, () => {
    if (received.length === 2) counted.resolve();
    return null;
  });
  for (let i = 0; i < 100; i += 1) link.refused('agent', 'malformed', '192.0.2.9');
  link.refused('agent', 'malformed', '192.0.2.10');
  await counted.promise;
  assert.deepEqual(
    received.map((message) => message.t === 'refused' && [message.address, message.count]),
    [
      ['192.0.2.9', 100],
      ['192.0.2.10', 1],
    ],
  );
});
