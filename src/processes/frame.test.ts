/** Frames over streams that cut, stall and lie. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretBytes } from '../security/secret-bytes.ts';
import { decodeBody, encodeFrame, FrameError, FrameSocket } from './frame.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 100 }),
);
const message = fc.dictionary(
  fc.oneof(
    fc.constant('$b'),
    fc.string().filter((name) => name !== '__proto__'),
  ),
  fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), leaf, { noNullPrototype: true }),
  ),
  { maxKeys: 8, noNullPrototype: true },
);

/** A stream that delivers exactly the chunks it is told to, and records what is written. */
class Wire extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

function receiver(maxFrameBytes?: number) {
  const wire = new Wire();
  const messages: unknown[] = [];
  const closed: (Error | null)[] = [];
  const socket = new FrameSocket(wire, {
    ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
    onMessage: (received) => messages.push(received),
    onClose: (error) => closed.push(error),
  });
  return { wire, messages, closed, socket };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('messages arrive equal and in order, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (sent, cuts) => {
        const { wire, messages } = receiver();
        const bytes = Buffer.concat(sent.map((each) => encodeFrame(each)));
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const length = cuts[i % cuts.length] ?? 1;
          wire.push(bytes.subarray(at, at + length));
          at += length;
        }
        await turn();
        assert.deepEqual(messages, sent);
      },
    ),
    { numRuns: 100 },
  );
});

test('bytes arrive as Uint8Array with memory of their own', () => {
  const decoded = decodeBody(encodeFrame({ key: Buffer.from('0102', 'hex') }).subarray(4)) as {
    key: Uint8Array;
  };
  assert.deepEqual(decoded, { key: Uint8Array.of(1, 2) });
  assert.equal(decoded.key.buffer.byteLength, 2);
});

test('what callers name as bytes are named on the way arrives as it was, and is never taken for bytes', () => {
  const marked = { $b: 'AA==' };
  for (const message of [
    marked,
    { nested: marked },
    { $b: marked },
    { $b: { $b: marked }, more: Uint8Array.of(1) },
    { list: [marked, { $b: 1 }, { $b: null }, { $b: [marked] }, { $b: Uint8Array.of(2) }] },
    { $b: 'AA==', other: 1 },
  ])
    assert.deepEqual(decodeBody(encodeFrame(message).subarray(4)), message);
});

test('what is sent is never nested too deeply for who receives it', () => {
  const wrapped = (depth: number): object => (depth === 0 ? {} : { $b: wrapped(depth - 1) });
  for (let depth = 1; depth < 40; depth++) {
    let frame: Buffer;
    try {
      frame = encodeFrame(wrapped(depth));
    } catch (error) {
      assert.ok(error instanceof FrameError && depth > 10);
      continue;
    }
    assert.deepEqual(decodeBody(frame.subarray(4)), wrapped(depth));
  }
});

test('messages of one turn leave in one write', async () => {
  const { wire, socket } = receiver();
  for (let i = 0; i < 5; i += 1) socket.send({ i });
  await turn();
  assert.equal(wire.written.length, 1);
});

test('what may wait leaves with the next message, and is not sent by itself because something before it was due', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wire, socket } = receiver();
  socket.sendLater({ first: true });
  socket.send({ asked: 1 });
  await turn();
  assert.equal(wire.written.length, 1, 'both at once');

  t.mock.timers.tick(15);
  socket.sendLater({ second: true });
  t.mock.timers.tick(10);
  assert.equal(wire.written.length, 1, 'the first one has left long ago');
  t.mock.timers.tick(10);
  assert.equal(wire.written.length, 2, 'nothing came that it could leave with');

  t.mock.timers.tick(1_000);
  await turn();
  assert.equal(wire.written.length, 2);
});

test('refuses a frame that announces more than the limit before reading it', async () => {
  const { wire, closed } = receiver(100);
  wire.push(Buffer.from([0, 0, 0, 101]));
  await turn();
  assert.ok(closed[0] instanceof FrameError);
  assert.ok(wire.destroyed);
});

test('refuses what is not JSON and what is nested too deeply', async () => {
  for (const body of ['{', `{"$b":1,"x":${'['.repeat(40)}${']'.repeat(40)}}`]) {
    const { wire, closed, messages } = receiver();
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(body.length);
    wire.push(Buffer.concat([prefix, Buffer.from(body)]));
    await turn();
    assert.ok(closed[0] instanceof FrameError, body);
    assert.deepEqual(messages, []);
  }
});

test('does not send secrets, instances, or too much', () => {
  assert.throws(() => encodeFrame({ secret: new SecretBytes(Buffer.from('x')) }), TypeError);
  assert.throws(() => encodeFrame({ map: new Map() }), TypeError);
  assert.throws(() => encodeFrame({ long: 'x'.repeat(200) }, 100), FrameError);
});

test('a peer that does not read our answers is not read either, and loses nothing', {
  timeout: 20_000,
}, async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const client = connect(address.port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  let asked = 0;
  const core = new FrameSocket(accepted, {
    readOnlyWhileDrained: true,
    onMessage: () => {
      asked += 1;
      core.send({ answer: 'x'.repeat(100_000) });
    },
    onClose: () => {},
  });
  let answers = 0;
  const finished = Promise.withResolvers<void>();
  const front = new FrameSocket(client, {
    onMessage: () => {
      answers += 1;
      if (answers === 300) finished.resolve();
    },
    onClose: () => {},
  });
  client.pause();
  for (let i = 0; i < 300; i += 1) {
    front.send({ i });
    await turn();
  }
  assert.ok(asked < 300, `asked ${asked} times without reading an answer`);
  client.resume();
  await finished.promise;
  front.close(null);
  core.close(null);
  server.close();
});

test('what was sent and what was received is wiped, since keys may be in it', async () => {
  const { wire, messages, socket } = receiver();
  const arriving = encodeFrame({ key: Buffer.alloc(32, 7) });
  socket.send({ key: Buffer.alloc(32, 7) });
  wire.push(arriving);
  await turn();
  await turn();
  assert.deepEqual(messages, [{ key: new Uint8Array(32).fill(7) }]);
  assert.ok(arriving.every((byte) => byte === 0));
  assert.equal(wire.written.length, 1);
  assert.ok(wire.written[0]?.every((byte) => byte === 0));
  socket.close(null);
});
