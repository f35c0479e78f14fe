/** Typed lines as values of input fields, with the schemas of real operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputFieldsOf } from '../../operations/input-fields.ts';
import { fieldValueOf, introductionOf, promptOf } from './field-value.ts';
import { operationOf } from './menu.ts';

function typed(name: string, field: string, line: string): unknown {
  const operation = operationOf({ operation: name });
  const found = inputFieldsOf(operation).find((one) => one.name === field);
  assert.ok(found !== undefined);
  const read = fieldValueOf(operation, found, line);
  return 'value' in read ? read.value : `! ${read.advice}`;
}
const prompts = (name: string) => inputFieldsOf(operationOf({ operation: name })).map(promptOf);

test('a choice is its number or itself', () => {
  assert.equal(typed('SetAcceptableTls', 'minimum', '3'), '1.2');
  assert.equal(typed('SetAcceptableTls', 'minimum', '1.3'), '1.3');
  for (const line of ['0', '5', 'one', '1.4'])
    assert.equal(typed('SetAcceptableTls', 'minimum', line), '! a number from 1 to 4 is needed');
  assert.equal(typed('RenewRootCa', 'digest', 'sha-1'), 'SHA-1');
});

test('an empty line leaves out what may be left out, and nothing else', () => {
  assert.equal(typed('RenewRootCa', 'digest', ''), undefined);
  assert.equal(typed('SetDns', 'domain', ''), undefined);
  assert.match(String(typed('SetAcceptableTls', 'minimum', '')), /^! something/);
  assert.deepEqual(typed('SetDns', 'servers', ''), []);
});

test('the schema of the operation judges what was typed', () => {
  assert.deepEqual(typed('SetDns', 'servers', '192.0.2.53, 2001:db8::53'), ['192.0.2.53', '2001:db8::53']);
  assert.match(String(typed('SetDns', 'servers', 'dns.example')), /^! an IPv4 or IPv6 address/);
  assert.match(String(typed('SetDns', 'domain', 'no domain')), /^! a domain name/);
  assert.equal(typed('EnableTechnicalSupport', 'maximumAgeDays', '3'), 3);
  for (const line of ['three', '-1', '0', '61'])
    assert.match(String(typed('EnableTechnicalSupport', 'maximumAgeDays', line)), /^! /);
});

test('yes and no', () => {
  assert.equal(typed('ResetKma', 'zeroise', 'Y'), true);
  assert.equal(typed('ResetKma', 'zeroise', 'no'), false);
  assert.equal(typed('ResetKma', 'zeroise', 'perhaps'), '! type y or n');
});

test('a description that names the field is the prompt, and any other is said before it', () => {
  const [user, passphrase] = inputFieldsOf(operationOf({ operation: 'SetUserPassphrase' }));
  const [servers] = inputFieldsOf(operationOf({ operation: 'SetDns' }));
  assert.ok(user && passphrase && servers);
  assert.deepEqual([promptOf(user), introductionOf(user)], ['User ID: ', null]);
  assert.deepEqual([promptOf(passphrase), introductionOf(passphrase)], ['New passphrase: ', null]);
  assert.match(introductionOf(servers) ?? '', /^Addresses of up to \d+ servers; .*:$/);
});

test('brackets say what an empty line means', () => {
  assert.deepEqual(prompts('RenewRootCa'), ['Digest [SHA-256]: ']);
  assert.deepEqual(prompts('SetDns'), ['Servers: ', 'Domain [none]: ']);
  assert.deepEqual(prompts('ResetKma'), ['KMA: ', 'Zeroise [n]: ']);
  assert.deepEqual(prompts('EnableTechnicalSupport').slice(1), [
    'Authorized keys [none]: ',
    'Maximum age [7]: ',
    'New host keys [n]: ',
  ]);
});
