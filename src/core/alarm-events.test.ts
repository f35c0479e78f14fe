/** Which audit records people are told of at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOperation } from '../operations/catalogue.ts';
import { ALARMING_OPERATIONS, isAlarmEvent, type JudgedRecord } from './alarm-events.ts';

const RECORD: JudgedRecord = {
  operation: 'RetrieveKey',
  class: 'Agent Access',
  severity: 'success',
  condition: 'Success',
};
const judged = (record: Partial<JudgedRecord>) => isAlarmEvent({ ...RECORD, ...record });

test('what agents and people do with success is no event', () => {
  assert.equal(judged({}), false);
  assert.equal(judged({ operation: 'CreateSite', class: 'Security Officer' }), false);
});

test('errors are, whoever called, and security violations of any severity', () => {
  assert.equal(judged({ severity: 'error', condition: 'Server Busy' }), true);
  assert.equal(judged({ severity: 'error', class: 'Management' }), true);
  assert.equal(judged({ severity: 'warning', class: 'Security Violation' }), true);
  assert.equal(judged({ class: 'Security Violation' }), true);
});

test('warnings of the KMA are, those of an agent that reads an old key are not', () => {
  assert.equal(judged({ operation: 'NoteLowKeyPool', class: 'Key Pool', severity: 'warning' }), true);
  assert.equal(judged({ severity: 'warning', condition: 'Deactivated key' }), false);
  assert.equal(judged({ severity: 'warning', class: 'Agent Client' }), false);
});

test('locking and unlocking are, and every operation that is named so exists', () => {
  assert.equal(judged({ operation: 'LockKma', class: 'Security Officer' }), true);
  assert.equal(judged({ operation: 'UnlockKma', class: 'Security Officer' }), true);
  assert.deepEqual(
    [...ALARMING_OPERATIONS].filter((name) => findOperation(name) === undefined),
    [],
  );
});
