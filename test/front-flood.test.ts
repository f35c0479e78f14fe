/** A front that was taken over: it may ask for no more than its rate, and the other fronts and the audit notice nothing but a count (D13). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { listenForFronts } from '../src/processes/core/front-socket.ts';
import type { RunningCore } from '../src/processes/core/open-core.ts';
import { FrameSocket } from '../src/processes/frame.ts';
import { type CoreToFront, coreToFront, expectMessage, type FrontToCore } from '../src/processes/messages.ts';
import { withCore } from './support/core-alone.ts';
import { OFFICER, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start({ bare: true });
after(() => kma[Symbol.asyncDispose]());
await kma.stop();

const ORIGIN = { service: 'ca', address: '192.0.2.9', localAddress: '192.0.2.1', fingerprint: null } as const;
const call = (id: number): FrontToCore => ({
  t: 'call',
  id,
  operation: 'RetrieveLocalClock',
  input: { entityId: 'x' },
  origin: ORIGIN,
});

interface PlayedFront {
  readonly socket: Socket;
  readonly answers: CoreToFront[];
  send(message: FrontToCore): void;
}

async function playFront(path: string): Promise<PlayedFront> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const answers: CoreToFront[] = [];
  const frames = new FrameSocket(socket, {
    onMessage: (raw) => void answers.push(expectMessage(coreToFront, raw)),
    onClose: () => undefined,
  });
  return { socket, answers, send: (message) => frames.send(message) };
}

const served = ({ answers }: PlayedFront) => answers.filter(({ t }) => t === 'reply').length;
const busy = ({ answers }: PlayedFront) =>
  answers.filter((answer) => answer.t === 'fault' && answer.code === 'SERVER_BUSY').length;

/** With fronts that may send ten messages at once and then five a second. */
const withFronts = (work: (running: RunningCore, path: string) => Promise<void>) =>
  withCore(kma.data, async (running) => {
    const path = join(kma.folder, 'fronts');
    const rates = { messagesPerSecond: 5, bytesPerSecond: 1_000_000 };
    const server = await listenForFronts(running, { path, groupId: null, fronts: 1, rates });
    try {
      await work(running, path);
    } finally {
      server.close();
    }
  });

test('a reply that is too long for a message becomes a fault, and its keys are wiped', () =>
  withFronts(async (running, path) => {
    const key = Buffer.alloc(32, 7);
    running.core.call = async () => ({ output: { key: { key }, text: 'x'.repeat(256 * 1024) } });
    const front = await playFront(path);
    front.send(call(1));
    await until('it is answered', () => front.answers.length === 1);
    assert.deepEqual(front.answers, [{ t: 'fault', id: 1, code: 'SERVER_ERROR' }]);
    assert.ok(key.every((byte) => byte === 0));
    front.socket.destroy();
  }));

test('a front beyond its rate is answered busy, counted once a minute, and served again when it is quiet', () =>
  withFronts(async (running, path) => {
    const taken = await playFront(path);
    const sound = await playFront(path);
    for (let i = 0; i < 500; i++) taken.send(call(i));
    taken.send({ t: 'session-get', id: 500, service: 'ca', key: 'AA' });
    sound.send(call(1));
    await until('everything is answered', () => taken.answers.length === 501);
    await until('the other front is served', () => served(sound) === 1);
    assert.ok(served(taken) >= 10);
    assert.ok(busy(taken) >= 1);
    assert.equal(served(taken) + busy(taken), 500);
    const counted = running.refused.take().filter(({ reason }) => reason === 'a front beyond its rate');
    assert.deepEqual(
      counted.map(({ service, count }) => [service, count >= busy(taken)]),
      [['ca', true]],
    );
    const before = served(taken);
    await until('it is served again', () => {
      taken.send(call(900 + taken.answers.length));
      return served(taken) > before;
    });
    for (const { socket } of [taken, sound]) socket.destroy();
  }));

test('what is told beyond the rate is dropped: no front fills the tables of others', () =>
  withFronts(async (running, path) => {
    const taken = await playFront(path);
    for (let i = 0; i < 500; i++)
      taken.send({ t: 'refused', service: 'agent', reason: `made up ${i}`, address: '', count: 1 });
    await until('the flood is counted', () => {
      const told = running.refused.take();
      return told.some(({ reason }) => reason === 'a front beyond its rate') && told.length <= 12;
    });
    taken.socket.destroy();
  }));

test('a front that names no address of a caller ends with its connection: nobody is without the limits of a source', () =>
  withFronts(async (_running, path) => {
    const taken = await playFront(path);
    const message = call(1);
    assert.ok(message.t === 'call');
    taken.send({ ...message, origin: { ...ORIGIN, address: '' } });
    await until('the connection is closed', () => taken.socket.closed);
    assert.deepEqual(taken.answers, []);
  }));

test('a message without all its fields, refused before its proof is looked at, clears no guesses', () =>
  withFronts(async (running, path) => {
    const taken = await playFront(path);
    const proof = { entityId: OFFICER.name, clientNonce: Buffer.alloc(32), clientProof: Buffer.alloc(32) };
    const guess = async (input: object) => {
      const id = taken.answers.length;
      const origin = { ...ORIGIN, service: 'certificate', exporter: Buffer.alloc(32, id) } as const;
      taken.send({ t: 'call', id, operation: 'LogInUser', input, origin });
      await until('it is answered', () => taken.answers.length > id);
      const answer = taken.answers[id];
      return answer?.t === 'fault' ? answer.code : answer?.t;
    };
    const wrong = () => guess({ ...proof, clientKeySha256: Buffer.alloc(32) });
    for (let i = 0; i < 4; i++) assert.equal(await wrong(), 'AUTHENTICATION_FAILED');
    assert.equal(await guess(proof), 'AGENT_INVALID_PARAMETERS');
    assert.equal(await wrong(), 'AUTHENTICATION_FAILED');
    // At a moment before all of it no time has passed, however slow this test was.
    const next = running.attempts.begin({ kind: 'user', name: OFFICER.name, source: '192.0.2.50' }, 0);
    assert.ok(isRefusal(next), 'after five guesses the name waits');
    taken.socket.destroy();
  }));

test('a front that opens connection after connection gets no more than two for each front', () =>
  withFronts(async (_running, path) => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => playFront(path)));
    await until('the rest is closed', () => sockets.filter(({ socket }) => !socket.closed).length === 2);
    for (const { socket } of sockets) socket.destroy();
  }));
