/** What a client makes of refusals, and of answers that are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentError, SoapFault, TransportError } from '@openkma/agent';
import { OpenKmaError } from '../errors.ts';
import { clientError } from './failure.ts';
import { problemError } from './problem.ts';

const codeOf = (error: unknown) => (error instanceof OpenKmaError ? error.code : null);

test('a problem document becomes the error of its code, with the detail cut to a bearable length', () => {
  const error = problemError(404, JSON.stringify({ code: 'USER_DOES_NOT_EXIST', detail: 'x'.repeat(5_000) }));
  assert.equal(error.code, 'USER_DOES_NOT_EXIST');
  assert.equal(error.detail?.length, 1_024);
});

test('what is no problem document, or names a code nobody knows, is a failure of the server', () => {
  for (const body of [
    '',
    '<html>',
    '[]',
    'null',
    '{"code":7}',
    '{"code":"toString"}',
    '{"code":"NEWER_CODE"}',
  ])
    assert.equal(problemError(502, body).code, 'SERVER_ERROR', body);
});

test('faults of the ports 3331 and 3332 keep their meaning', () => {
  const fault = (number: number | null) => new SoapFault({ number, text: 'text' });
  assert.equal(codeOf(clientError(fault(1002))), 'AUTHENTICATION_FAILED');
  assert.equal(codeOf(clientError(fault(1001))), 'SERVER_BUSY');
  assert.equal(codeOf(clientError(fault(null))), 'SERVER_ERROR');
});

test('an impostor is told from a KMA that is not there', () => {
  const tls = Object.assign(new Error('self-signed certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  assert.equal(codeOf(clientError(tls)), 'KMA_NOT_TRUSTED');
  assert.equal(codeOf(clientError(new TransportError('x', tls))), 'KMA_NOT_TRUSTED');
  assert.equal(codeOf(clientError(away)), 'KMA_UNREACHABLE');
  assert.equal(codeOf(clientError(new AgentError('denied', 'another root CA'))), 'KMA_NOT_TRUSTED');
});

test('mistakes of our own stay what they are', () => {
  const mistake = new TypeError('no');
  assert.equal(clientError(mistake), mistake);
});
