/** A front as a process of its own, between real callers and a core that this test plays over the real socket. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { makeAuthority, tlsOf } from '../../services/services.fixture.ts';
import { confinedFront } from '../confinement.ts';
import { FrameSocket } from '../frame.ts';
import { resolveFrontUser } from '../front-user.ts';
import { KeptProcess } from '../kept-process.ts';
import { claimPorts } from '../listens.ts';
import {
  expectMessage,
  type FrontToCore,
  frontToCore,
  frontToSupervisor,
  type SupervisorToFront,
} from '../messages.ts';
import { createRuntimeDirectory } from '../runtime-directory.ts';

const DISCOVER = readFileSync(
  new URL('../../../protocol/vectors/captures/discovery-DiscoverCluster-1.http', import.meta.url),
);

interface World {
  readonly front: KeptProcess;
  /** The core's side; called for every message of the front. */
  onMessage: (message: FrontToCore, frames: FrameSocket) => void;
  /** Ends the core and its connections. */
  endCore(): void;
  /** With a socket that nobody may open for so long at first. */
  startCore(closedMs?: number): Promise<void>;
  /** Asks as an agent does, and gives the whole response. */
  ask(): Promise<string>;
  readonly fingerprint: string;
  readonly keySha256: string;
}

async function makeWorld(t: TestContext): Promise<World> {
  const user = resolveFrontUser(undefined);
  const runtime = createRuntimeDirectory(user?.gid ?? null);
  const authority = await makeAuthority();
  const agent = await authority.issue('agent1');
  const tls = tlsOf(authority, await authority.issue('kma1'), '1.2');
  const claim = await claimPorts([{ service: 'discovery', host: '127.0.0.1', port: 0 }]);
  t.after(() => claim.release());
  const [listen] = claim.listens;
  assert.ok(listen !== undefined);
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  const front = new KeptProcess({
    name: 'front',
    instance: runtime.path,
    entry: new URL('./main.ts', import.meta.url),
    nodeOptions: confinedFront(),
    startMessage: (): SupervisorToFront => ({
      t: 'start',
      frontSocketPath: runtime.frontSocketPath,
      listens: [listen],
      tls,
      user,
      connections: 512,
    }),
    onMessage: (raw) => {
      const message = expectMessage(frontToSupervisor, raw);
      assert.equal(message.t, 'listening', JSON.stringify(message));
      resolve();
    },
    onUnexpectedEnd: () => true,
    report: () => {},
  });
  let server: Server | null = null;
  let sockets: Socket[] = [];
  const world: World = {
    front,
    fingerprint: agent.fingerprint,
    keySha256: keySha256Of(agent.certificatePem),
    onMessage: () => {},
    endCore() {
      server?.close();
      for (const socket of sockets) socket.destroy();
      sockets = [];
    },
    async startCore(closedMs = 0) {
      server = createServer((socket) => {
        sockets.push(socket);
        const frames: FrameSocket = new FrameSocket(socket, {
          onMessage: (raw) => world.onMessage(expectMessage(frontToCore, raw), frames),
          onClose: () => {},
        });
      });
      server.listen({ path: runtime.frontSocketPath, writableAll: true });
      await once(server, 'listening');
      if (closedMs === 0) return;
      chmodSync(runtime.frontSocketPath, 0o000);
      await new Promise((resolve) => setTimeout(resolve, closedMs));
      chmodSync(runtime.frontSocketPath, 0o666);
    },
    async ask() {
      const socket = connectTls({
        host: '127.0.0.1',
        port: listen.port,
        ca: tls.caPem,
        cert: agent.certificatePem,
        key: agent.privateKeyPem,
        checkServerIdentity: () => undefined,
      });
      socket.write(DISCOVER);
      let response = '';
      socket.on('data', (data) => {
        response += data;
      });
      await once(socket, 'close');
      return response;
    },
  };
  t.after(async () => {
    await front.stop({ t: 'stop' }, 5_000);
    world.endCore();
    runtime.remove();
  });
  await world.startCore();
  front.start();
  await listening;
  return world;
}

function keySha256Of(certificatePem: string): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').toUpperCase();
}

test('a front passes calls with the proven caller on, and survives a core that is replaced', {
  timeout: 60_000,
}, async (t) => {
  const world = await makeWorld(t);
  const calls: FrontToCore[] = [];
  const refuse: World['onMessage'] = (message, frames) => {
    if (message.t === 'session-get') frames.send({ t: 'session', id: message.id, data: null });
    if (message.t !== 'call') return;
    calls.push(message);
    frames.send({ t: 'fault', id: message.id, code: 'ACCESS_DENIED' });
  };
  world.onMessage = refuse;
  assert.match(await world.ask(), /1000 Access denied/);
  const [call] = calls;
  assert.ok(call?.t === 'call');
  assert.equal(call.operation, 'DiscoverCluster');
  assert.deepEqual(call.origin, {
    service: 'discovery',
    address: '127.0.0.1',
    localAddress: '127.0.0.1',
    fingerprint: world.fingerprint,
    keySha256: world.keySha256,
  });

  world.onMessage = (message) => {
    if (message.t === 'call') world.endCore();
  };
  assert.match(await world.ask(), /<faultstring>Server Error</, 'the core dies while it works on the call');

  const waiting = world.ask();
  await new Promise((resolve) => setTimeout(resolve, 200));
  world.onMessage = refuse;
  await world.startCore();
  assert.match(await waiting, /1000 Access denied/, 'a call waits for the next core');

  world.endCore();
  assert.match(
    await world.ask(),
    /<faultstring>Server Error</,
    'without a core there is an answer, not a hang',
  );
});

test('a front waits for a socket that is closed to it for the moment in which the core makes it', {
  timeout: 60_000,
}, async (t) => {
  const world = await makeWorld(t);
  world.onMessage = (message, frames) => {
    if (message.t === 'session-get') frames.send({ t: 'session', id: message.id, data: null });
    if (message.t === 'call') frames.send({ t: 'fault', id: message.id, code: 'ACCESS_DENIED' });
  };
  const { pid } = world.front;
  world.endCore();
  await world.startCore(100);
  assert.match(await world.ask(), /1000 Access denied/);
  assert.equal(world.front.pid, pid);
});

test('a front has no root and leaves no core dump, and ends only when what is under way is answered', {
  timeout: 60_000,
}, async (t) => {
  const world = await makeWorld(t);
  const { pid = 0 } = world.front;
  if (process.getuid?.() === 0) assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t(?!0\t)/m);
  assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
  const { promise: reached, resolve } = Promise.withResolvers<() => void>();
  world.onMessage = (message, frames) => {
    if (message.t === 'call')
      resolve(() => frames.send({ t: 'fault', id: message.id, code: 'ACCESS_DENIED' }));
    if (message.t === 'session-get') frames.send({ t: 'session', id: message.id, data: null });
  };
  const response = world.ask();
  const answer = await reached;
  const stopped = world.front.stop({ t: 'stop' }, 10_000);
  setTimeout(answer, 100);
  assert.match(await response, /1000 Access denied/);
  await stopped;
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
