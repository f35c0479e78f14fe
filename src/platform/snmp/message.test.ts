/** Messages of SNMP are read as they were written, and whatever else is read is no message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { SnmpPrivacy } from '../../security/snmp-keys.ts';
import { BerReader, element, integer, type Oid, oid, TYPE } from './ber.ts';
import { FLAG, PDU, type Pdu, readCommunityMessage, readMessage, writeCommunityMessage } from './message.ts';
import { isAuthentic, opened, protect, signed, type UserKeys } from './user-security.ts';

const anyOid: fc.Arbitrary<Oid> = fc
  .tuple(fc.nat({ max: 2 }), fc.nat({ max: 39 }), fc.array(fc.nat({ max: 0xff_ff_ff_ff }), { maxLength: 20 }))
  .map(([arc, second, rest]) => [arc, second, ...rest]);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const plain = { noNullPrototype: true } as const;
const anyPdu: fc.Arbitrary<Pdu> = fc.record(
  {
    type: fc.constantFrom(...Object.values(PDU)),
    requestId: int32,
    errorStatus: int32,
    errorIndex: int32,
    varbinds: fc.array(
      fc.record(
        {
          oid: anyOid,
          value: fc.uint8Array({ maxLength: 300 }).map((bytes) => element(TYPE.octets, bytes)),
        },
        plain,
      ),
      { maxLength: 12 },
    ),
  },
  plain,
);
const engineId = Buffer.from('8000002a0501020304', 'hex');
const context = Buffer.alloc(0);
const key = (byte: number) => new SecretBytes(Buffer.alloc(64, byte));
const keysOf = (privacy: SnmpPrivacy): UserKeys => ({
  ...{ authentication: 'SHA-512', privacy },
  authenticationKey: key(1),
  privacyKey: key(2),
});
const header = {
  ...{ messageId: 7, engineId, engineBoots: 3, engineTime: 99, user: Buffer.from('okm') },
  flags: FLAG.authenticated | FLAG.encrypted,
};

test('integers and object identifiers come back as they were', () => {
  fc.assert(fc.property(int32, (value) => assert.equal(new BerReader(integer(value)).integer(), value)));
  fc.assert(fc.property(anyOid, (value) => assert.deepEqual(new BerReader(oid(value)).oid(), value)));
});

test('a PDU of version 2c comes back as it was', () => {
  fc.assert(
    fc.property(anyPdu, fc.uint8Array({ maxLength: 64 }), (pdu, community) => {
      const read = readCommunityMessage(writeCommunityMessage(community, pdu));
      assert.deepEqual(read, { community: Buffer.from(community), pdu });
    }),
  );
});

test('a PDU of version 3 comes back through every cipher, and with another key of either kind it does not', () => {
  for (const privacy of ['AES-128', 'AES-256', 'DES'] as const) {
    const keys = keysOf(privacy);
    fc.assert(
      fc.property(anyPdu, (pdu) => {
        const bytes = protect(header, { engineId, context, pdu }, keys);
        const message = readMessage(bytes);
        assert.ok(message !== null && isAuthentic(bytes, message, keys));
        assert.deepEqual(opened(message, keys), { engineId, context, pdu });
        assert.equal(isAuthentic(bytes, message, { ...keys, authenticationKey: key(3) }), false);
        assert.notDeepEqual(opened(message, { ...keys, privacyKey: key(3) }), { engineId, context, pdu });
      }),
      { numRuns: 50 },
    );
  }
});

test('one message twice looks different', () => {
  const pdu = { type: PDU.get, requestId: 1, errorStatus: 0, errorIndex: 0, varbinds: [] };
  const [one, other] = [1, 2].map(() =>
    protect(header, { engineId, context, pdu }, keysOf('AES-128')).toString('hex'),
  );
  assert.notEqual(one, other);
});

test('what is only signed is not opened as if it were encrypted', () => {
  const pdu = { type: PDU.report, requestId: 1, errorStatus: 0, errorIndex: 0, varbinds: [] };
  const bytes = signed(
    { ...header, flags: FLAG.authenticated },
    { engineId, context, pdu },
    keysOf('AES-128'),
  );
  const message = readMessage(bytes);
  assert.ok(message !== null && isAuthentic(bytes, message, keysOf('AES-128')));
  assert.equal(opened(message, keysOf('AES-128')), null);
});

test('any bytes are read or are no message, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (given) => {
      const bytes = Buffer.from(given);
      readMessage(bytes);
      readCommunityMessage(bytes);
    }),
    { numRuns: 10_000, seed: 162 },
  );
});

test('indefinite and overlong lengths, long sub-identifiers and too many of them are no message', () => {
  const read = (hex: string) => () => new BerReader(Buffer.from(hex, 'hex')).oid();
  for (const hex of [
    '0680',
    '06850000000001',
    '0600',
    '060181',
    '060690808080800',
    `0681ff${'01'.repeat(255)}`,
  ])
    assert.throws(read(hex));
  assert.throws(() => new BerReader(Buffer.from('020500ffffffff', 'hex')).integer());
  assert.throws(() => new BerReader(Buffer.from('0200', 'hex')).integer());
});
