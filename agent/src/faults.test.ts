/** What an agent does about each fault (protocol 9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedResponseError, SoapFault } from '@openkma/protocol';
import { AgentError, type FailureKind, TransportError } from './errors.ts';
import { answersNothing, asksForRegistration, failsOver, kindOf } from './faults.ts';

const fault = (number: number | null, text = 'some text') => new SoapFault({ number, text });

test('asks another KMA after these faults and no others', () => {
  const elsewhere = [1001, 1018, 1021, 1080, 1148, 1149];
  for (let number = 1000; number <= 1158; number++)
    assert.equal(failsOver(fault(number)), elsewhere.includes(number), String(number));
});

test('asks another KMA after an unexpected failure or no answer', () => {
  assert.ok(failsOver(fault(null, 'Server Error')));
  assert.ok(failsOver(new TransportError('connection reset')));
  assert.ok(failsOver(new MalformedResponseError('CreateKey', 'no body')));
  assert.ok(!failsOver(fault(null, 'Method not implemented')));
  assert.ok(!failsOver(new AgentError('usage', 'too long')));
  assert.ok(!failsOver(new TypeError('a mistake of ours')));
});

test('registers its key-wrapping key again after 1135 and 1136 only', () => {
  for (let number = 1000; number <= 1158; number++)
    assert.equal(asksForRegistration(fault(number)), number === 1135 || number === 1136);
});

test('a KMA that is busy, failed or gave no answer may know what the others do not', () => {
  for (let number = 1000; number <= 1158; number++)
    assert.equal(answersNothing(fault(number)), number === 1001, String(number));
  assert.ok(answersNothing(fault(null, 'Server Error')));
  assert.ok(answersNothing(new TransportError('connection reset')));
});

test('names the kind of each failure', () => {
  const table: [unknown, FailureKind][] = [
    [fault(1000), 'denied'],
    [fault(1002), 'denied'],
    [fault(1008), 'usage'],
    [fault(1009), 'not-found'],
    [fault(1010), 'not-found'],
    [fault(1020), 'not-found'],
    [fault(1011), 'conflict'],
    [fault(1015), 'conflict'],
    [fault(1018), 'unavailable'],
    [fault(1021), 'unavailable'],
    [fault(1142), 'failure'],
    [fault(null, 'Server Error'), 'unavailable'],
    [new TransportError('x'), 'unavailable'],
    [new AgentError('damaged', 'x'), 'damaged'],
    [new Error('x'), 'failure'],
  ];
  for (const [error, kind] of table) assert.equal(kindOf(error), kind, String(error));
});
