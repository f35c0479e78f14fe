/** What people are told to do about a fault: all that it can mean for the call that was made, and nothing that it cannot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OperationName, SoapFault } from '@openkma/protocol';
import { KmsUnavailableError, TransportError } from '../errors.ts';
import { adviceFor } from './advice.ts';

const denied = (operation: OperationName | null) =>
  adviceFor(new SoapFault({ number: 1000, text: 'Access denied' }, operation)).join('\n');

test('a denied call may always be one of an agent or a certificate that no longer counts', () => {
  for (const operation of ['RetrieveKey', 'CreateKey2', 'ListKeyGroups', 'DiscoverCluster', null] as const)
    assert.match(
      denied(operation),
      /audit log of the KMA says which.*disabled.*revoked.*restored.*enroll --replace/,
    );
});

test('a key that a restored KMA does not know the group of is named, in either form of the call', () => {
  for (const operation of ['RetrieveKey', 'RetrieveKey2'] as const)
    assert.match(
      denied(operation),
      /restored from a backup of before the key was handed out.*get-key KEY-ID --group GROUP/,
    );
});

test('of key groups only calls that have to do with one speak, of policies only a revocation', () => {
  assert.match(denied('CreateKey'), /no default key group/);
  assert.match(denied('RevokeKey'), /policy does not let agents revoke/);
  for (const operation of [
    'ListKeyGroups',
    'CreateDataUnit',
    'CreateAuditLog',
    'RetrieveDataUnitKeys2',
  ] as const)
    assert.doesNotMatch(denied(operation), /key group|policy/);
});

test('where KMAs failed for different reasons there is advice for each, once', () => {
  const fault = (number: number) => new SoapFault({ number, text: 'text' }, 'CreateKey');
  const answers = [fault(1018), fault(1021), fault(1018), new TransportError('127.0.0.4:3334: no')].map(
    (error, i) => ({ address: `127.0.0.${i + 1}`, error }),
  );
  const advice = adviceFor(new KmsUnavailableError(4, answers));
  assert.equal(advice.length, 3);
  for (const [i, word] of [/quorum/, /backup/, /okm-agent doctor/].entries())
    assert.match(advice[i] ?? '', word);
});

test('what has no number, and what is no fault, is left alone', () => {
  assert.deepEqual(adviceFor(new SoapFault({ number: null, text: 'Server Error' })), []);
  assert.deepEqual(adviceFor(new Error('text')), []);
});
