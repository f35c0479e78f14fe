/** How long the core waits for its reader: for a list half a minute, for what may take minutes much longer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { isRefusal } from '../../core/refusal.ts';
import { temporaryDirectory } from '../../store/store.fixture.ts';
import { FrameSocket } from '../frame.ts';
import { expectMessage } from '../messages.ts';
import { coreToReader, type ReaderToCore } from '../reader/messages.ts';
import { ReaderLink } from './reader-link.ts';

/** A stalled process must not take it for over before the reader that a test plays has heard the question. */
const ANSWER_MS = 500;
const SELF = { kmaId: 'K' as KmaId, kmaName: 'kma', incarnationId: 'L' as IncarnationId };

/** A reader that a test plays: `inspecting` has the number of the question. */
async function played(t: TestContext) {
  const path = join(temporaryDirectory(t), 'reader.sock');
  const connections: FrameSocket[] = [];
  const { promise: inspecting, resolve } = Promise.withResolvers<number>();
  const server = createServer((socket) => {
    const onMessage = (raw: unknown) => {
      const message = expectMessage(coreToReader, raw);
      if (message.t === 'inspect') resolve(message.id);
    };
    connections.push(new FrameSocket(socket, { onMessage, onClose: () => undefined }));
  }).listen(path);
  await once(server, 'listening');
  const link = new ReaderLink(path, () => SELF, { answerMs: ANSWER_MS, wholeStoreMs: 600_000 });
  t.after(() => {
    link.close();
    for (const frames of connections) frames.close(null);
    server.close();
  });
  return { link, connections, inspecting };
}

test('a list that does not come in time is refused, and long reading goes on, over one connection', async (t) => {
  const { link, connections, inspecting } = await played(t);
  const told: number[] = [];
  const inspected = link.inspect('VerifyAudit', {}, (done) => told.push(done));
  const late = await link.view('ListSites', {});
  assert.ok(isRefusal(late) && late.refused === 'SERVER_BUSY');
  const id = await inspecting;
  const says: readonly ReaderToCore[] = [
    { t: 'progress', id, done: 1, total: 9 },
    { t: 'answer', id, output: ['intact'] },
  ];
  assert.equal(connections.length, 1);
  for (const message of says) connections[0]?.send(message);
  assert.deepEqual(await inspected, ['intact']);
  assert.deepEqual(told, [1]);
});

test('a reader that is lost while it reads refuses what was asked of it, and the next one is asked anew', async (t) => {
  const { link, connections, inspecting } = await played(t);
  const first = link.inspect('VerifyAudit', {}, () => undefined);
  await inspecting;
  connections[0]?.close(null);
  const lost = await first;
  assert.ok(isRefusal(lost) && lost.refused === 'SERVER_BUSY');
  assert.match(lost.detail ?? '', /was replaced/);
  const again = await link.view('ListSites', {});
  assert.ok(isRefusal(again));
  await until('it has connected once more', () => connections.length === 2);
});
