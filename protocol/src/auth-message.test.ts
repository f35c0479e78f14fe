/** The transcript is injective: two exchanges that differ in anything at all never have one AuthMessage. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  authMessage,
  PROOF_ROLES,
  type ProofChannel,
  type ProofOpening,
  type TlsChannel,
  type WebChannel,
} from './auth-message.ts';

/** Short and of any length, so that bytes could slide from one field into the next, were they not kept apart. */
const bytes = fc.uint8Array({ maxLength: 3, max: 2 }).map((array) => Buffer.from(array));
const cost = fc.record({ memoryKib: fc.nat(3), passes: fc.nat(3), lanes: fc.nat(3) });
const opening: fc.Arbitrary<ProofOpening> = fc.record({
  role: fc.constantFrom(...PROOF_ROLES),
  entityId: fc.string({ unit: fc.constantFrom('a', 'ä', '\0'), maxLength: 2 }),
  salt: bytes,
  cost,
  caCertificate: bytes,
  clientNonce: bytes,
  serverChallenge: bytes,
  oneTimePublicKey: bytes,
});
const tls: fc.Arbitrary<TlsChannel> = fc.record({
  channel: fc.constant('tls' as const),
  exporter: bytes,
  clientKeySha256: bytes,
});
const web: fc.Arbitrary<WebChannel> = fc.record({
  channel: fc.constant('web' as const),
  origin: fc.string({ unit: fc.constantFrom('a', '\0', '\u0002'), maxLength: 3 }),
});
const channel: fc.Arbitrary<ProofChannel> = fc.oneof(tls, web);

test('two exchanges have the same transcript only where all their fields are the same', () => {
  fc.assert(
    fc.property(opening, channel, opening, channel, (one, oneWay, other, otherWay) => {
      const same = isDeepStrictEqual([one, oneWay], [other, otherWay]);
      assert.equal(authMessage(one, oneWay).equals(authMessage(other, otherWay)), same);
    }),
    { numRuns: 2000 },
  );
});

test('a byte that moves from a field into its neighbour changes the transcript', () => {
  const fields = ['salt', 'caCertificate', 'clientNonce', 'serverChallenge', 'oneTimePublicKey'] as const;
  fc.assert(
    fc.property(opening, channel, fc.constantFrom(...fields), fc.constantFrom(...fields), (it, way, a, b) => {
      if (a === b || it[a].length === 0) return;
      const moved = { ...it, [a]: it[a].subarray(1), [b]: Buffer.concat([it[b], it[a].subarray(0, 1)]) };
      assert.ok(!authMessage(it, way).equals(authMessage(moved, way)));
    }),
  );
});

test('the fields stand in it one behind the other, each behind its length, and nothing else', () => {
  fc.assert(
    fc.property(opening, tls, (it, way) => {
      const message = authMessage(it, way);
      const fields: Buffer[] = [];
      for (let at = 0; at < message.length; ) {
        const length = message.readUInt32BE(at);
        fields.push(message.subarray(at + 4, at + 4 + length));
        at += 4 + length;
      }
      assert.equal(fields.length, 12);
      assert.deepEqual(fields.slice(0, 4).map(String), [
        'OpenKMA passphrase proof 1',
        'tls',
        it.role,
        it.entityId,
      ]);
      assert.deepEqual(fields[5]?.length, 12);
      assert.deepEqual(
        [fields[4], ...fields.slice(6)],
        [
          it.salt,
          it.caCertificate,
          it.clientNonce,
          it.serverChallenge,
          it.oneTimePublicKey,
          way.exporter,
          way.clientKeySha256,
        ],
      );
    }),
  );
});
