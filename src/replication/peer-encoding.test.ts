/** Messages between KMAs arrive as they were sent, and what is cut or lengthened is no message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePeerMessage, encodePeerMessage } from './peer-encoding.ts';
import { type PeerMessage, peerMessage } from './peer-messages.ts';

const ID = '0123456789ABCDEF0123456789ABCDEF';
const object = (bytes: Uint8Array) => ({
  id: ID,
  class: 'root-sealed' as const,
  kind: 'key',
  owner: 'ä',
  epoch: ID,
  bytes,
});
const HAVE: PeerMessage = {
  t: 'have',
  sequence: 7,
  objects: [object(Uint8Array.of(1, 2, 255)), object(new Uint8Array(0)), object(Uint8Array.of(9))],
  haveNot: [ID],
};

test('a message arrives as it was sent, the bytes of objects too', () => {
  for (const message of [
    HAVE,
    { t: 'ping', sequence: 1 } as const,
    { t: 'want', sequence: 2, ids: [ID], vector: {} } satisfies PeerMessage,
  ])
    assert.deepEqual(peerMessage.parse(decodePeerMessage(encodePeerMessage(message))), message);
});

test('what is cut anywhere, or has bytes too many, is no message', () => {
  const whole = encodePeerMessage(HAVE);
  for (let end = 0; end < whole.length; end++)
    assert.throws(() => peerMessage.parse(decodePeerMessage(whole.subarray(0, end))), `cut after ${end}`);
  assert.throws(() => decodePeerMessage(Buffer.concat([whole, Buffer.of(0)])));
});

test('lengths that are none are refused', () => {
  for (const bytes of [-1, 0.5, 1e9, 'x', null]) {
    const json = Buffer.from(JSON.stringify({ t: 'have', objects: [{ bytes }] }));
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(json.length);
    assert.throws(() => peerMessage.parse(decodePeerMessage(Buffer.concat([prefix, json]))), String(bytes));
  }
});
