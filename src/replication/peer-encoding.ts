/** Messages between KMAs as bytes: JSON with its length before it, and behind it the sealed objects' bytes as they are. It checks no message. */
import type { PeerMessage } from './peer-messages.ts';

const PREFIX_BYTES = 4;

export function encodePeerMessage(message: PeerMessage): Uint8Array {
  const tails = message.t === 'have' ? message.objects.map(({ bytes }) => bytes) : [];
  const head =
    message.t === 'have'
      ? { ...message, objects: message.objects.map((object) => ({ ...object, bytes: object.bytes.length })) }
      : message;
  const json = Buffer.from(JSON.stringify(head), 'utf8');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(json.length, 0);
  return Buffer.concat([prefix, json, ...tails]);
}

/** Throws for what was not made by the above; what it gives is still to be checked. */
export function decodePeerMessage(received: Uint8Array): unknown {
  const bytes = Buffer.from(received);
  const end = PREFIX_BYTES + bytes.readUInt32BE(0);
  if (end > bytes.length) throw new RangeError('a message that breaks off');
  const head: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end));
  const tail = bytes.subarray(end);
  const objects = objectsOf(head);
  let at = 0;
  for (const object of objects) {
    const length = Number(object['bytes']);
    if (!Number.isInteger(length) || length < 0 || at + length > tail.length)
      throw new RangeError('an object that breaks off');
    object['bytes'] = new Uint8Array(tail.subarray(at, at + length));
    at += length;
  }
  if (at !== tail.length) throw new RangeError('bytes that belong to no object');
  return head;
}

function objectsOf(head: unknown): readonly Record<string, unknown>[] {
  if (typeof head !== 'object' || head === null || !('objects' in head)) return [];
  const { objects } = head;
  return Array.isArray(objects) ? objects.filter((one) => typeof one === 'object' && one !== null) : [];
}
