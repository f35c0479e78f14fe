/** Messages between processes, each direction with its schema, over a real stream in pieces: a peer that speaks otherwise is closed, never obeyed. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import type { z } from 'zod';
import { decodeBody, encodeFrame, FrameError, FrameSocket } from '../../src/processes/frame.ts';
import * as managers from '../../src/processes/management-messages.ts';
import * as messages from '../../src/processes/messages.ts';
import * as platforms from '../../src/processes/platform/messages.ts';
import * as readers from '../../src/processes/reader/messages.ts';
import { mutateJson } from '../mutate.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const BYTES = Uint8Array.of(1, 2, 3);
const ORIGIN = {
  service: 'agent',
  address: '192.0.2.1',
  localAddress: '192.0.2.2',
  fingerprint: 'AB'.repeat(32),
};
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const TLS = { privateKeyPem: PEM, certificatePem: PEM, caPem: PEM, minimumTls: '1.2' };

/** Each direction with sound messages; the first byte of an input chooses one. */
const DIRECTIONS: readonly (readonly [string, z.ZodType, readonly object[]])[] = [
  [
    'frontToCore',
    messages.frontToCore,
    [
      {
        t: 'call',
        id: 1,
        operation: 'CreateKey',
        input: { dataUnit: { dataUnitId: '', n: 1 }, key: BYTES },
        origin: ORIGIN,
      },
      { t: 'session-put', service: 'agent', key: 'ABCD', data: BYTES },
      { t: 'session-get', id: 2, service: 'ca', key: 'ABCD' },
      { t: 'refused', service: 'certificate', reason: 'closed', address: '192.0.2.3', count: 3 },
    ],
  ],
  [
    'coreToFront',
    messages.coreToFront,
    [
      { t: 'reply', id: 1, output: { key: { keyId: 'AA', key: BYTES } } },
      { t: 'fault', id: 1, code: 'ACCESS_DENIED' },
      { t: 'session', id: 2, data: BYTES },
      { t: 'session', id: 2, data: null },
    ],
  ],
  [
    'adminToCore',
    messages.adminToCore,
    [
      {
        t: 'admin',
        id: 1,
        operation: 'ListKeys',
        input: { limit: 1 },
        user: { name: 'u', passphrase: 'p' },
        quorum: [{ name: 'q', passphrase: 'p' }],
      },
      { t: 'admin', id: 1, operation: 'ShowStatus', input: {}, quorum: [] },
    ],
  ],
  [
    'coreToAdmin',
    messages.coreToAdmin,
    [
      { t: 'reply', id: 1, output: [{ a: BYTES }] },
      { t: 'refused', id: 1, code: 'ACCESS_DENIED', detail: 'x' },
      { t: 'progress', id: 1, done: 1, total: 2, text: 'x' },
    ],
  ],
  [
    'coreToReader',
    readers.coreToReader,
    [
      {
        t: 'view',
        id: 1,
        operation: 'ListKeys',
        input: {},
        self: { kmaId: 'a', kmaName: 'b', incarnationId: 'c' },
      },
      { t: 'snapshot', id: 2, directory: '/a', fileName: 'b', recipient: 'age1' },
    ],
  ],
  [
    'readerToCore',
    readers.readerToCore,
    [
      { t: 'answer', id: 1, output: { a: 1 } },
      { t: 'refused', id: 1, code: 'ACCESS_DENIED' },
      { t: 'progress', id: 1, done: 1, total: 2 },
    ],
  ],
  [
    'supervisorToFront',
    messages.supervisorToFront,
    [
      {
        t: 'start',
        frontSocketPath: '/a',
        listens: [{ service: 'ca', host: '127.0.0.1', port: 1 }],
        tls: TLS,
        user: { uid: 1, gid: 1 },
        connections: 100,
      },
      { t: 'tls', tls: TLS },
      { t: 'stop' },
    ],
  ],
  [
    'frontToSupervisor',
    messages.frontToSupervisor,
    [
      { t: 'listening', listens: [{ service: 'ca', host: '127.0.0.1', port: 1 }] },
      { t: 'fatal', code: 'PORT_TAKEN', detail: 'x' },
    ],
  ],
  [
    'coreToSupervisor',
    messages.coreToSupervisor,
    [
      { t: 'ready', locked: false },
      { t: 'serving', ...TLS },
      { t: 'lock' },
      { t: 'fatal', code: 'USAGE', detail: '' },
    ],
  ],
  [
    'managementToCore',
    managers.managementToCore,
    [
      { t: 'who', id: 1, keySha256: 'AB'.repeat(32) },
      {
        t: 'call',
        id: 2,
        operation: 'ModifySite',
        input: { site: 'a', description: 'b', odd: [{ a: null }] },
        origin: { address: '192.0.2.1', localAddress: '192.0.2.2', keySha256: 'AB'.repeat(32) },
        ifMatch: '*',
        idempotencyKey: 'once-and-no-more',
        quorum: BYTES,
      },
      { t: 'refused', reason: 'closed', address: '192.0.2.3', count: 3 },
    ],
  ],
  [
    'coreToManagement',
    managers.coreToManagement,
    [
      { t: 'who', id: 1, userId: null },
      { t: 'reply', id: 2, output: { rows: [], next: null }, version: 'a', became: 'done' },
      { t: 'problem', id: 2, code: 'ACCESS_DENIED', known: true },
    ],
  ],
  [
    'platformToCore',
    platforms.platformToCore,
    [
      { t: 'state', part: 'names', state: { summary: 'a', troubles: ['b'], details: { c: [1, null] } } },
      { t: 'note', part: 'snmp', note: { severity: 'warning', condition: 'a', message: 'b=c' } },
      { t: 'answered', id: 1, answer: { addresses: ['192.0.2.1'] } },
      { t: 'refused', id: 2, code: 'DNS_NO_ANSWER', detail: '' },
    ],
  ],
  [
    'platformToReader',
    platforms.platformToReader,
    [{ t: 'read-audit', id: 1, afterRow: 0, limit: 200, events: 'alarms' }],
  ],
];

const FRAME_BYTES_MAX = 256 * 1024;

function framed(direction: number, all: readonly unknown[]): Uint8Array {
  const frames = all.map((message) => {
    const text = Buffer.from(JSON.stringify(message) ?? 'null');
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(text.length);
    return Buffer.concat([prefix, text]);
  });
  return Buffer.concat([Buffer.of(direction, 0), ...frames]);
}

function generate(random: Random): Uint8Array {
  const direction = random.below(DIRECTIONS.length);
  const sound = DIRECTIONS[direction]?.[2] ?? [];
  const all = Array.from({ length: 1 + random.small(5) }, () => {
    const plain: unknown = JSON.parse(encodeFrame(random.pick(sound)).subarray(4).toString());
    return random.onceIn(3) ? plain : mutateJson(random, plain);
  });
  return framed(direction, all);
}

/** Changes one message inside its frame. */
function mutate(random: Random, input: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(input);
  const all: unknown[] = [];
  for (let at = 2; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    try {
      all.push(JSON.parse(bytes.subarray(at + 4, at + 4 + length).toString()));
    } catch {
      return null;
    }
    at += 4 + length;
  }
  return all.length === 0
    ? null
    : framed(
        bytes[0] ?? 0,
        all.map((message) => mutateJson(random, message)),
      );
}

/** The bytes in pieces of this length, as a socket may give them. */
async function run(input: Uint8Array): Promise<string> {
  const [name, schema] = DIRECTIONS[(input[0] ?? 0) % DIRECTIONS.length] ?? assert.fail();
  const pieceBytes = 1 + ((input[1] ?? 0) % 128) ** 2;
  const bytes = Buffer.from(input.subarray(2));
  const taken: unknown[] = [];
  const closed = Promise.withResolvers<Error | null>();
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  let closes = 0;
  const frames = new FrameSocket(stream, {
    maxFrameBytes: FRAME_BYTES_MAX,
    onMessage: (raw) => void taken.push(messages.expectMessage(schema, raw)),
    onClose: (error) => {
      closes += 1;
      closed.resolve(error);
    },
  });
  for (let at = 0; at < bytes.length && !frames.closed; at += pieceBytes)
    stream.push(bytes.subarray(at, at + pieceBytes));
  stream.push(null);
  const error = await closed.promise;
  promise(error === null || error instanceof FrameError, `closed with ${error?.name}: ${error?.message}`);
  promise(closes === 1, 'the close was told more than once');
  promise(
    Object.getOwnPropertyNames(Object.prototype).length === PROTOTYPE_PROPERTIES,
    'a prototype was changed',
  );
  for (const message of taken) readBack(message);
  return `${name} ${taken.length > 3 ? 'many' : taken.length} ${(error?.message ?? 'end').replace(/\d+/g, '#').slice(0, 80)}`;
}

const PROTOTYPE_PROPERTIES = Object.getOwnPropertyNames(Object.prototype).length;

/** What was taken can be sent on, and arrives as it was. */
function readBack(message: unknown): void {
  promise(typeof message === 'object' && message !== null, 'a message is no object');
  let frame: Buffer;
  try {
    frame = encodeFrame(message);
  } catch (error) {
    promise(error instanceof FrameError, `cannot be written: ${String(error)}`);
    return;
  }
  promise(
    JSON.stringify(decodeBody(frame.subarray(4))) === JSON.stringify(message),
    'what was sent on arrived otherwise',
  );
}

const open: OpenTarget = { generate, mutate, run, close: async () => undefined };

export const processMessages: FuzzTarget = {
  name: 'messages',
  smokeInputs: 1_500,
  words: [
    '\0\0\0\u0002{}',
    '\xff\xff\xff\xff',
    '{"$b":"AAAA"}',
    '{"$b":1}',
    '"__proto__":',
    '[[[[[[[[',
    '\0\0\0\0',
  ],
  steered: true,
  open: async () => open,
};
