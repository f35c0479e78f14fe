/** Datagrams of SNMP: to the agent from strangers, and what lies within them once a signature was right. Nothing is thrown, strangers are shown nothing, and answers are bounded and can be read. */

import { AuthoritativeEngine } from '../../src/platform/hmp/authoritative-engine.ts';
import { ManagedObjects } from '../../src/platform/hmp/managed-objects.ts';
import { integer, type Oid, octets, TYPE } from '../../src/platform/snmp/ber.ts';
import {
  ENGINE_ID_BYTES,
  MESSAGE_BYTES_MAX,
  PDU,
  readCommunityMessage,
  readMessage,
  readScopedPdu,
  writeCommunityMessage,
  writeMessage,
  writeScopedPdu,
} from '../../src/platform/snmp/message.ts';
import { SecretBytes } from '../../src/security/secret-bytes.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const KINDS = ['to the agent', 'within', 'version 2c'] as const;
const TYPES = Object.values(PDU);
const ENGINE_ID = Buffer.from('8000002a05aabbccdd', 'hex');
const SHOWN: readonly Oid[] = [
  [1, 3, 6, 1, 2, 1, 1, 1, 0],
  [1, 3, 6, 1, 2, 1, 1, 5, 0],
  [1, 3, 6, 1, 4, 1, 42, 2, 22, 99, 200, 1, 0],
];
const key = (byte: number) => new SecretBytes(Buffer.alloc(32, byte));

const objects = new ManagedObjects(SHOWN.map((oid) => ({ oid, value: octets(Buffer.from('shown')) })));

function anyOid(random: Random): Oid {
  const known = random.pick(SHOWN);
  return random.below(2) === 0
    ? known
    : [...known.slice(0, 2 + random.below(known.length - 2)), random.small(300)];
}

function anyPdu(random: Random) {
  return {
    type: random.pick(TYPES),
    requestId: random.small(1_000_000),
    errorStatus: random.small(5),
    errorIndex: random.small(2_000_000),
    varbinds: Array.from({ length: random.small(12) }, () => ({
      oid: anyOid(random),
      value: random.below(2) === 0 ? integer(random.small(70_000), TYPE.gauge32) : octets(Buffer.from('x')),
    })),
  };
}

function generate(random: Random): Uint8Array {
  const kind = random.below(KINDS.length);
  const scoped = writeScopedPdu({ engineId: ENGINE_ID, context: Buffer.alloc(0), pdu: anyPdu(random) });
  const message = writeMessage({
    messageId: random.small(100_000),
    flags: random.below(8),
    engineId: random.below(4) === 0 ? Buffer.alloc(random.small(ENGINE_ID_BYTES.maximum)) : ENGINE_ID,
    engineBoots: random.small(10),
    engineTime: random.small(2_000),
    user: Buffer.from(random.below(4) === 0 ? '' : 'okm'),
    mac: Buffer.alloc(random.pick([0, 12, 24])),
    salt: Buffer.alloc(random.pick([0, 8])),
    scoped,
  });
  const body = [message, scoped, writeCommunityMessage(Buffer.from('public'), anyPdu(random))][kind];
  return Buffer.concat([Buffer.of(kind), body ?? Buffer.alloc(0)]);
}

/** A stranger gets a report, which shows nothing, or nothing. */
function toAgent(bytes: Buffer, engine: AuthoritativeEngine): string {
  const { reply, refused } = engine.hear(bytes);
  promise(refused !== null, 'somebody without the key was let through');
  if (reply === null) return `to the agent: ${refused}, silence`;
  const message = readMessage(reply);
  const pdu = message === null ? null : readScopedPdu(message.scoped)?.pdu;
  promise(pdu?.type === PDU.report && !reply.includes('shown'), 'a stranger was shown something');
  return `to the agent: ${refused}, report`;
}

function within(bytes: Buffer): string {
  const scoped = readScopedPdu(bytes);
  if (scoped === null) return 'within: no PDU';
  const answer = objects.answer(scoped.pdu, MESSAGE_BYTES_MAX);
  if (answer === null) return 'within: no question';
  const written = writeScopedPdu({ ...scoped, pdu: answer });
  promise(written.length <= MESSAGE_BYTES_MAX, 'an answer is longer than a datagram');
  promise(readScopedPdu(written) !== null, 'an answer cannot be read');
  return `within: ${scoped.pdu.type} ${answer.errorStatus}`;
}

async function run(input: Uint8Array, engine: AuthoritativeEngine): Promise<string> {
  const bytes = Buffer.from(input.subarray(1));
  const kind = KINDS[(input[0] ?? 0) % KINDS.length];
  if (kind === 'to the agent') return toAgent(bytes, engine);
  if (kind === 'within') return within(bytes);
  return readCommunityMessage(bytes) === null ? 'version 2c: no message' : 'version 2c: read';
}

export const snmp: FuzzTarget = {
  name: 'snmp',
  smokeInputs: 3_000,
  words: ['\x30\x84\xff\xff\xff\xff', '\x04\x82', '\x06\x81\xff', 'okm', '\x02\x05'],
  steered: true,
  async open(): Promise<OpenTarget> {
    const engine = new AuthoritativeEngine({
      ...{ engineId: ENGINE_ID, boots: 7, user: 'okm', elapsedSeconds: () => 1_000 },
      keys: {
        ...{ authentication: 'SHA-256', privacy: 'AES-128' },
        authenticationKey: key(1),
        privacyKey: key(2),
      },
      answer: (question, bytesMax) => objects.answer(question, bytesMax),
    });
    return { generate, run: (input) => run(input, engine), close: async () => undefined };
  },
};
