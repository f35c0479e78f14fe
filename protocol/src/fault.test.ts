/** Faults as agents read them (protocol 9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeResponse,
  encodeFault,
  type Fault,
  type FaultToSend,
  forbiddenWord,
  isFault,
  SoapFault,
} from './index.ts';
import { replaceIllegal } from './xml-text.ts';

function sent(fault: FaultToSend): Fault {
  const response = decodeResponse('agent', 'CreateKey2', Buffer.from(encodeFault(fault)));
  assert.ok(isFault(response));
  return response;
}

test('a numbered fault begins with its number and is a Client fault', () => {
  const xml = encodeFault({ number: 1015, text: 'External unique ID already exists' });
  assert.ok(
    xml.includes(
      '<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode>' +
        '<faultstring>1015 External unique ID already exists</faultstring></SOAP-ENV:Fault>',
    ),
  );
});

test('an unexpected failure is a Server fault with exactly the text Server Error, whatever else is known', () => {
  const xml = encodeFault({ number: 1149, text: 'disk /data is full', server: true });
  assert.ok(xml.includes('<faultcode>SOAP-ENV:Server</faultcode><faultstring>Server Error</faultstring>'));
  assert.ok(!xml.includes('disk') && !xml.includes('1149'));
  assert.deepEqual(sent({ text: '', server: true }), { kind: 'fault', number: null, text: 'Server Error' });
});

test('a fault comes back as number and text', () => {
  assert.deepEqual(sent({ number: 1009, text: 'Key does not exist' }), {
    kind: 'fault',
    number: 1009,
    text: 'Key does not exist',
  });
  assert.deepEqual(sent({ text: 'Method not implemented' }), {
    kind: 'fault',
    number: null,
    text: 'Method not implemented',
  });
});

test('a number that does not stand at the very start does not count', () => {
  for (const text of ['Error 1009', ' 1009 Key', 'x1009', '12345678901 too long'])
    assert.equal(sent({ text }).number, null);
});

test('words by which agents take a fault for a server failure are found in any letter case', () => {
  for (const word of ['Timeout', 'Unknown error', 'Connection refused', 'Server Error', 'server error'])
    assert.notEqual(forbiddenWord(`the ${word} came`), null);
  for (const text of ['Access denied', 'Server busy', 'Time is out', 'error unknown'])
    assert.equal(forbiddenWord(text), null);
});

test('a forbidden word never leaves in an ordinary fault', () => {
  for (const word of ['Timeout', 'Unknown error', 'Connection refused', 'Server Error'])
    assert.deepEqual(sent({ number: 1000, text: `no ${word}` }), {
      kind: 'fault',
      number: 1000,
      text: 'Refused',
    });
});

test('a long text is cut, so that number and text fit into what agents keep', () => {
  const fault = sent({ number: 1008, text: 'ä'.repeat(5_000) });
  assert.equal(fault.number, 1008);
  assert.ok(Buffer.byteLength(`1008 ${fault.text}`) <= 240);
});

test('any text makes a well-formed fault with the number unharmed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 2100 }),
      fc.string({ unit: 'binary', maxLength: 30 }),
      (number, text) => {
        fc.pre(forbiddenWord(text) === null);
        const fault = sent({ number, text });
        assert.equal(fault.number, number);
        assert.equal(fault.text.trim(), replaceIllegal(text).trim());
      },
    ),
  );
});

test('a fault is understood with other prefixes and without a code', () => {
  const xml =
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' +
    '<e:Fault>\n <faultstring>1021 No ready keys</faultstring></e:Fault></e:Body></e:Envelope>';
  const fault = decodeResponse('agent', 'CreateKey2', Buffer.from(xml));
  assert.deepEqual(fault, { kind: 'fault', number: 1021, text: 'No ready keys' });
});

test('a fault without any text is a fault without a number', () => {
  const xml =
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault/></e:Body></e:Envelope>';
  assert.deepEqual(decodeResponse('ca', 'RetrieveLocalClock', Buffer.from(xml)), {
    kind: 'fault',
    number: null,
    text: '',
  });
});

test('a SoapFault carries number and text', () => {
  const numbered = new SoapFault({ number: 1000, text: 'Access denied' });
  assert.equal(numbered.message, '1000 Access denied');
  assert.equal(numbered.number, 1000);
  assert.equal(numbered.text, 'Access denied');
  assert.equal(new SoapFault({ number: null, text: 'Server Error' }).message, 'Server Error');
});
