/** Datagrams of strangers: whatever they are, nothing is thrown, nothing is shown, and the one who may ask is answered meanwhile. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import fc from 'fast-check';
import { until } from '../../../test/support/until.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { element, type Oid, octets, TYPE } from '../snmp/ber.ts';
import {
  FLAG,
  MESSAGE_BYTES_MAX,
  PDU,
  readMessage,
  readScopedPdu,
  writeMessage,
  writeScopedPdu,
} from '../snmp/message.ts';
import { opened, protect, type UserKeys } from '../snmp/user-security.ts';
import { SnmpAgent } from './agent.ts';
import { AuthoritativeEngine } from './authoritative-engine.ts';
import { ManagedObjects } from './managed-objects.ts';

const ENGINE_ID = Buffer.from('8000002a05aabbccdd', 'hex');
const EMPTY = Buffer.alloc(0);
const SHOWN: Oid = [1, 3, 6, 1, 2, 1, 1, 5, 0];
const key = (byte: number) => new SecretBytes(Buffer.alloc(32, byte));
const KEYS: UserKeys = {
  ...{ authentication: 'SHA-256', privacy: 'AES-128' },
  authenticationKey: key(1),
  privacyKey: key(2),
};
const objects = new ManagedObjects([{ oid: SHOWN, value: octets(Buffer.from('kma-1')) }]);
const engine = new AuthoritativeEngine({
  ...{ engineId: ENGINE_ID, boots: 7, user: 'okm', keys: KEYS, elapsedSeconds: () => 1_000 },
  answer: (question, bytesMax) => objects.answer(question, bytesMax),
});

interface Question {
  readonly type?: number;
  readonly oids?: readonly Oid[];
  readonly time?: number;
  readonly boots?: number;
  readonly repeats?: number;
}
function question({ type = PDU.get, oids = [SHOWN], time = 1_000, boots = 7, repeats = 0 }: Question = {}) {
  const varbinds = oids.map((oid) => ({ oid, value: element(0x05) }));
  const pdu = { type, requestId: 4711, errorStatus: 0, errorIndex: repeats, varbinds };
  const header = {
    ...{ messageId: 42, engineId: ENGINE_ID, engineBoots: boots, engineTime: time, user: Buffer.from('okm') },
    flags: FLAG.authenticated | FLAG.encrypted | FLAG.reportable,
  };
  return protect(header, { engineId: ENGINE_ID, context: EMPTY, pdu }, KEYS);
}
function answerIn(reply: Buffer | null) {
  const message = reply === null ? null : readMessage(reply);
  return message === null ? null : (opened(message, KEYS)?.pdu ?? null);
}

test('the right question has an answer, signed and encrypted', () => {
  const { reply, refused } = engine.hear(question());
  assert.equal(refused, null);
  assert.equal(answerIn(reply)?.requestId, 4711);
  assert.equal(reply?.includes('kma-1'), false);
});

test('any bytes are no question, and get no answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const { reply, refused } = engine.hear(Buffer.from(bytes));
      assert.deepEqual([reply, refused], [null, 'malformed']);
    }),
    { numRuns: 20_000, seed: 161 },
  );
});

test('a question with one byte changed, added or taken away is never let through', () => {
  const sound = question();
  const changed = fc.record({
    at: fc.nat({ max: sound.length - 1 }),
    byte: fc.integer({ min: 1, max: 255 }),
    how: fc.constantFrom('changed', 'added', 'taken', 'cut'),
  });
  fc.assert(
    fc.property(changed, ({ at, byte, how }) => {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ byte;
      const mutants = {
        changed: bytes,
        added: Buffer.concat([sound.subarray(0, at), Buffer.of(byte), sound.subarray(at)]),
        taken: Buffer.concat([sound.subarray(0, at), sound.subarray(at + 1)]),
        cut: sound.subarray(0, at),
      };
      const { reply, refused } = engine.hear(mutants[how]);
      assert.notEqual(refused, null);
      const message = reply === null ? null : readMessage(reply);
      // Whoever asked gets a report at most, which shows nothing.
      if (message !== null) assert.equal(readScopedPdu(message.scoped)?.pdu.type, PDU.report);
    }),
    { numRuns: 20_000, seed: 162 },
  );
});

test('lengths beyond what there is, sequences without an end and the longest datagrams cost no more than a look', () => {
  const huge = [0x80, 0x81, 0x84, 0x88, 0xff].flatMap((length) => [
    Buffer.from([0x30, length, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.concat([
      Buffer.from([0x30, 0x84, 0, 0, 1, 0, 0x02, 0x01, 0x03, 0x30, length]),
      Buffer.alloc(60_000),
    ]),
  ]);
  let nested: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 5_000; depth += 1) nested = element(TYPE.sequence, nested);
  const many = Buffer.alloc(MESSAGE_BYTES_MAX, 0x30);
  for (const bytes of [...huge, nested, many, Buffer.alloc(MESSAGE_BYTES_MAX)])
    assert.deepEqual(engine.hear(bytes), { reply: null, refused: 'malformed' });
});

test('also of one who has the keys no question costs more than an answer of bounded size', () => {
  const longest: Oid = Array.from({ length: 128 }, () => 0xff_ff_ff_ff);
  const deep = [1, 3, ...longest.slice(2)];
  for (const sent of [
    question({ type: PDU.getBulk, repeats: 2 ** 31 - 1, oids: Array.from({ length: 250 }, () => [1, 3]) }),
    question({ oids: Array.from({ length: 100 }, () => deep) }),
    question({ type: PDU.getNext, oids: [deep] }),
  ]) {
    const { reply } = engine.hear(sent);
    assert.ok(reply === null || reply.length <= MESSAGE_BYTES_MAX);
  }
  const tooMany = question({ oids: Array.from({ length: 300 }, () => [1, 3]) });
  assert.equal(engine.hear(tooMany).refused, 'notDecrypted');
});

test('a question of another time, or recorded before a start, is refused, and the report of it is signed', () => {
  for (const wrong of [{ time: 849 }, { time: 1_151 }, { boots: 6 }, { boots: 8 }]) {
    const { reply, refused } = engine.hear(question(wrong));
    assert.equal(refused, 'notInTimeWindow');
    const message = reply === null ? null : readMessage(reply);
    assert.equal(message?.mac.length, 24);
    assert.equal(message?.engineBoots, 7);
  }
  for (const right of [{ time: 850 }, { time: 1_150 }])
    assert.equal(engine.hear(question(right)).refused, null);
});

test('sets, responses, informs and reports are no questions', () => {
  const set = answerIn(engine.hear(question({ type: PDU.set })).reply);
  assert.equal(set?.errorStatus, 17, 'not writable');
  for (const type of [PDU.answer, PDU.inform, PDU.report, 0xa4, 0xa7])
    assert.equal(engine.hear(question({ type })).reply, null);
});

test('a flood of strangers gets few reports, and the one who may ask is answered meanwhile', async (t) => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  const text = (secret: SecretBytes) => secret.reveal().toString('base64');
  const agent = new SnmpAgent({
    ...{ t: 'serve', address: '127.0.0.1', port, becomes: null, boots: 7, user: 'okm' },
    ...{ engineId: ENGINE_ID.toString('hex').toUpperCase(), name: 'kma-1', version: '1' },
    ...{ authentication: KEYS.authentication, privacy: KEYS.privacy },
    authenticationKey: text(KEYS.authenticationKey),
    privacyKey: text(KEYS.privacyKey),
  });
  await agent.bind();
  agent.listen();
  const stranger = createSocket('udp4');
  const asker = createSocket('udp4');
  t.after(() => [stranger, asker, agent].map((one) => one.close()));
  let reports = 0;
  stranger.on('message', () => {
    reports += 1;
  });
  const discovery = writeMessage({
    ...{ messageId: 1, flags: FLAG.reportable, engineId: EMPTY, engineBoots: 0, engineTime: 0 },
    ...{ user: EMPTY, mac: EMPTY, salt: EMPTY },
    scoped: writeScopedPdu({
      ...{ engineId: EMPTY, context: EMPTY },
      pdu: { type: PDU.get, requestId: 1, errorStatus: 0, errorIndex: 0, varbinds: [] },
    }),
  });
  let answers = 0;
  asker.on('message', (bytes) => {
    if (answerIn(bytes)?.requestId === 4711) answers += 1;
  });
  const startedMs = performance.now();
  await until('answers beside the flood', async () => {
    for (let one = 0; one < 200; one += 1) stranger.send(discovery, port, '127.0.0.1');
    stranger.send(Buffer.alloc(1_000, 0x30), port, '127.0.0.1');
    asker.send(question({ time: Math.floor((performance.now() - startedMs) / 1_000) }), port, '127.0.0.1');
    return answers >= 5 && reports > 0;
  });
  const seconds = Math.ceil((performance.now() - startedMs) / 1_000);
  assert.ok(reports <= 100 * (seconds + 1), `${reports} in ${seconds} s`);
});
