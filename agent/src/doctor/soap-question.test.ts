/** What the doctor makes of answers that no sound KMA gives: it says so, and goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFault, encodeResponse } from '@openkma/protocol';
import fc from 'fast-check';
import {
  agentQuestion,
  caQuestion,
  certificateQuestion,
  clockQuestion,
  discoveryQuestion,
} from './soap-question.ts';

const reply = (body: string | Uint8Array, status = 200) => ({ status, body: Buffer.from(body) });
const QUESTIONS = [
  caQuestion(),
  clockQuestion(),
  certificateQuestion(),
  discoveryQuestion(),
  agentQuestion(),
];

test('a root CA certificate that is none is told, and nothing is held against it', () => {
  const garbage = encodeResponse('ca', 'RetrieveRootCACertificate', {
    rootCaCertificate: Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
    authenticationHashIterationCount: 50_000,
    clientAuthenticationChallenge: Buffer.alloc(20),
  });
  const { finding, caPem } = caQuestion().judge(reply(garbage));
  assert.deepEqual([finding.cause, caPem], ['answer-odd', undefined]);
});

test('answers of any bytes and any status are judged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 100, max: 999 }), (body, status) => {
      for (const question of QUESTIONS) {
        const { finding } = question.judge(reply(body, status));
        assert.deepEqual([finding.outcome, finding.cause], ['failed', 'answer-odd']);
      }
    }),
  );
});

test('a fault is an answer where nothing else was to be expected, and a failure elsewhere', () => {
  const fault = reply(encodeFault({ number: 1134, text: 'Not supported' }), 500);
  assert.equal(certificateQuestion().judge(fault).finding.outcome, 'ok');
  assert.equal(discoveryQuestion().judge(fault).finding.cause, 'answer-odd');
  const none = encodeResponse('certificate', 'RetrieveEntityCertificate', {
    serverAuthenticationResponse: Buffer.alloc(20),
    certificate: Buffer.from('x'),
    wrappedPrivateKeyMaterial: Buffer.from('x'),
  });
  assert.equal(certificateQuestion().judge(reply(none)).finding.cause, 'answer-odd');
});
