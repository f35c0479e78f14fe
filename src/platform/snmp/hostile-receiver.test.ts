/** Receivers that answer with anything but the truth: nothing counts as delivered, nothing breaks, and the true one gets all. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { type TestContext, test } from 'node:test';
import { Snmptrapd } from '../../../test/support/snmptrapd.ts';
import { until } from '../../../test/support/until.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { readSnmpSecret, userSecret } from '../../security/snmp-secret.ts';
import { AuditSource } from '../audit-source.fixture.ts';
import { integer, TYPE } from './ber.ts';
import type { SnmpManagerConfig } from './manager-config.ts';
import { PDU, readMessage, writeMessage, writeScopedPdu } from './message.ts';
import { SnmpPart } from './snmp-part.ts';

const PASSPHRASE = 'Correct-Horse-1';
const TIMES = { timeoutMs: 100, retries: 1, retryMs: 20 };
const EMPTY = Buffer.alloc(0);

function manager(port: number): SnmpManagerConfig {
  const passphrase = SecretBytes.fromText(PASSPHRASE);
  const keys = readSnmpSecret(userSecret('SHA-256', passphrase, passphrase));
  assert.ok(keys.protocol === 'v3');
  const security = { ...keys, user: 'okm', privacy: 'AES-128' as const };
  return { id: 'A'.repeat(32), name: 'noc', address: '127.0.0.1', port, security };
}

/** One that answers each datagram with others. */
async function liar(t: TestContext, answers: (heard: Buffer) => readonly Buffer[]): Promise<number> {
  const socket: Socket = createSocket('udp4');
  t.after(() => new Promise<void>((resolve) => socket.close(resolve)));
  socket.on('message', (bytes, from) => {
    for (const answer of answers(bytes)) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

/** In the clear, as discovery is answered; of any number of usmStats. */
function report(heard: Buffer, number: number, engineId: Buffer): Buffer {
  const asked = readMessage(heard);
  assert.ok(asked !== null);
  const varbind = { oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, number, 0], value: integer(1, TYPE.counter32) };
  const pdu = { type: PDU.report, requestId: 0, errorStatus: 0, errorIndex: 0, varbinds: [varbind] };
  return writeMessage({
    ...{ messageId: asked.messageId, flags: 0, engineId, engineBoots: 2 ** 31 - 1, engineTime: 5 },
    ...{ user: EMPTY, mac: EMPTY, salt: EMPTY },
    scoped: writeScopedPdu({ engineId, context: EMPTY, pdu }),
  });
}
const ENGINE = Buffer.from('8000002a05ffeeddcc', 'hex');

const LIARS: Readonly<Record<string, (heard: Buffer) => readonly Buffer[]>> = {
  'bytes without sense': () => [Buffer.alloc(0), Buffer.alloc(500, 0x30), Buffer.alloc(60_000, 0xff)],
  'its own question': (heard) => [heard],
  'a change of each byte of its question': (heard) =>
    [...heard.keys()].map((at) => {
      const bytes = Buffer.from(heard);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      return bytes;
    }),
  'an engine of another name each time': (heard) => {
    const name = Buffer.from(
      `8000002a05${Math.floor(performance.now() * 1000)
        .toString(16)
        .padStart(16, '0')}`,
      'hex',
    );
    return [report(heard, 4, name)];
  },
  'an unsigned report of its time': (heard) => [report(heard, 2, ENGINE)],
  'reports that there are none': (heard) => [report(heard, 0, ENGINE), report(heard, 99, ENGINE)],
  'an engine ID that is too short': (heard) => [report(heard, 4, Buffer.of(1))],
  'a hundred answers': (heard) => Array.from({ length: 100 }, () => report(heard, 4, ENGINE)),
};

for (const [what, answers] of Object.entries(LIARS))
  test(`a receiver that answers with ${what} gets nothing acknowledged, and the true one gets it all afterwards`, async (t) => {
    const audit = new AuditSource();
    audit.write();
    const part = new SnmpPart(audit.tools(t), TIMES);
    t.after(() => part.stop());
    part.apply({ kma: { name: 'kma-1' }, snmpManagers: [manager(await liar(t, answers))] });
    await until('it follows', () => (part.state().details['managers'] as unknown[]).length === 1);
    for (let count = 0; count < 3; count += 1) audit.write();
    await until('the trouble is told', () => part.state().troubles.length === 1);
    const receiver = await Snmptrapd.start(t, [
      `createUser okm SHA-256 ${PASSPHRASE} AES ${PASSPHRASE}`,
      'authUser log okm priv',
    ]);
    part.apply({ kma: { name: 'kma-1' }, snmpManagers: [manager(receiver.port)] });
    // One whose acknowledgement is late is sent again, and comes twice.
    const got = () => [...new Set(receiver.received.map((one) => one[8]))];
    await until('the true one has all', () => got().length === 3);
    assert.deepEqual(got(), ['number=2', 'number=3', 'number=4']);
  });
