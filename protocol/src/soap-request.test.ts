/** Reading requests with the tolerance of protocol section 2.1, and refusing with the name of the field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodedRequest, type DecodeError, decodeRequest, EncodeError, encodeRequest } from './index.ts';

const HEAD =
  '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.sun.com/KMS/KMS-Agent"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">';
const decode = (content: string): DecodedRequest<'agent'> | DecodeError =>
  decodeRequest('agent', Buffer.from(`${HEAD}<E:Body>${content}</E:Body></E:Envelope>`));

function fieldsOf(content: string): unknown {
  const decoded = decode(content);
  assert.ok(decoded.kind === 'request', JSON.stringify(decoded));
  return decoded.fields;
}
function refusalOf(content: string): string {
  const decoded = decode(content);
  assert.ok(decoded.kind === 'invalid-field', JSON.stringify(decoded));
  return `${decoded.name} ${decoded.field}: ${decoded.detail}`;
}

const CREATE = { externalUniqueId: '4131', externalTag: 'tag', description: 'text' };
const UNIT =
  '<DataUnit><DataUnitID/><ExternalUniqueID/><ExternalTag/><Description/><DataUnitState>0</DataUnitState></DataUnit>';
const audit = (fields: string): string => `<a:CreateAuditLog>${fields}</a:CreateAuditLog>`;
const AUDIT = '<Retention>1</Retention><Condition>2</Condition><Message>m</Message>';

test('elements are taken in any order', () => {
  const fields = fieldsOf(
    '<a:CreateDataUnit><Description>text</Description><ExternalUniqueID>4131</ExternalUniqueID><ExternalTag>tag</ExternalTag></a:CreateDataUnit>',
  );
  assert.deepEqual(fields, CREATE);
});

test('prefixes, a default namespace and white space between elements do not matter', () => {
  const fields = fieldsOf(
    `<CreateDataUnit xmlns="http://www.sun.com/KMS/KMS-Agent">
       <ExternalUniqueID>4131</ExternalUniqueID> <a:ExternalTag>tag</a:ExternalTag>
       <p:Description xmlns:p="urn:x">text</p:Description>
     </CreateDataUnit>`,
  );
  assert.deepEqual(fields, CREATE);
});

test('the first element of the body is the operation; elements behind it are ignored', () => {
  const decoded = decode(
    '<a:GetAgentKWKPublicKey/><id id="_2" xsi:type="xsd:string"></id><a:RegisterAgentKWK/><x>?</x>',
  );
  assert.deepEqual(decoded, { kind: 'request', name: 'GetAgentKWKPublicKey', fields: {} });
});

test('a header before the body is ignored', () => {
  const xml = `${HEAD}<E:Header><x/></E:Header><E:Body><a:GetAgentKWKPublicKey/></E:Body></E:Envelope>`;
  assert.equal(decodeRequest('agent', Buffer.from(xml)).kind, 'request');
});

test('a reference is followed to the element with its id', () => {
  const fields = fieldsOf(
    '<a:CreateDataUnit><ExternalUniqueID href="#i"/><ExternalTag href="#t"/><Description href="#t"/></a:CreateDataUnit>' +
      '<id id="t">both</id><id id="i">4131</id>',
  );
  assert.deepEqual(fields, { externalUniqueId: '4131', externalTag: 'both', description: 'both' });
});

test('a reference may stand for a struct, and lead on to another', () => {
  const fields = fieldsOf(
    `<a:CreateKey><DataUnit href="#u"/><KeyGroupID href="#g"/></a:CreateKey><x id="g" href="#h"/><x id="h">G</x>${UNIT.replace('<DataUnit>', '<DataUnit id="u">')}`,
  );
  assert.deepEqual(fields, {
    dataUnit: {
      dataUnitId: '',
      externalUniqueId: '',
      externalTag: '',
      description: '',
      state: 'DATA-UNIT-STATE-NO-KEY',
    },
    keyGroupId: 'G',
  });
});

test('a reference to nothing, to elsewhere or in a circle is refused', () => {
  const create = (href: string, rest: string): string =>
    `<a:CreateDataUnit><ExternalTag href="${href}"/></a:CreateDataUnit>${rest}`;
  const leadsNowhere = 'CreateDataUnit ExternalTag: a reference that leads nowhere';
  assert.equal(refusalOf(create('#x', '<id id="y"/>')), leadsNowhere);
  assert.equal(refusalOf(create('http://elsewhere.example/#x', '<id id="x"/>')), leadsNowhere);
  assert.equal(refusalOf(create('#x', '<id id="x" href="#y"/><id id="y" href="#x"/>')), leadsNowhere);
});

test('xsi:type and unknown attributes are ignored, right or wrong', () => {
  assert.deepEqual(
    fieldsOf(
      '<a:CreateDataUnit E:encodingStyle="x"><ExternalTag xsi:type="nonsense" other="1">tag</ExternalTag></a:CreateDataUnit>',
    ),
    { externalUniqueId: '', externalTag: 'tag', description: '' },
  );
});

test('a string that is empty, missing or nil is the empty string', () => {
  const empty = { externalUniqueId: '', externalTag: '', description: '' };
  assert.deepEqual(fieldsOf('<a:CreateDataUnit/>'), empty);
  assert.deepEqual(
    fieldsOf('<a:CreateDataUnit><ExternalTag/><Description xsi:nil="true"/></a:CreateDataUnit>'),
    empty,
  );
});

test('the start key of RetrieveDataUnitKeys is absent unless given', () => {
  const retrieve = (keyId: string): unknown =>
    fieldsOf(
      `<a:RetrieveDataUnitKeys>${UNIT}<PageSize>32</PageSize><PageOffset>0</PageOffset>${keyId}</a:RetrieveDataUnitKeys>`,
    );
  const keyId = `0000${'AB'.repeat(28)}`;
  assert.ok(!Object.hasOwn(Object(retrieve('')), 'keyId'));
  assert.ok(!Object.hasOwn(Object(retrieve('<KeyID></KeyID>')), 'keyId'));
  assert.equal(Object(retrieve(`<KeyID>${keyId}</KeyID>`)).keyId, keyId);
});

test('hex is accepted in both cases and comes out as upper case', () => {
  assert.deepEqual(
    fieldsOf('<a:CreateDataUnit><ExternalUniqueID>ab0F</ExternalUniqueID></a:CreateDataUnit>'),
    { externalUniqueId: 'AB0F', externalTag: '', description: '' },
  );
  assert.deepEqual(fieldsOf('<a:RegisterAgentKWK><AgentKWK>abCD</AgentKWK></a:RegisterAgentKWK>'), {
    agentKwk: Buffer.from([0xab, 0xcd]),
  });
});

test('an identifier that is no hex goes on unchanged, for the operation to refuse by its own number', () => {
  assert.deepEqual(
    fieldsOf('<a:CreateDataUnit><ExternalUniqueID>xyz</ExternalUniqueID></a:CreateDataUnit>'),
    { externalUniqueId: 'xyz', externalTag: '', description: '' },
  );
});

test('an enumeration is taken as text or as ordinal', () => {
  assert.deepEqual(fieldsOf(audit(`${AUDIT}<IssueAlert>true</IssueAlert>`)), {
    retention: 'AUDIT-LOG-MEDIUM-TERM-RETENTION',
    condition: 'AUDIT-LOG-WARNING-CONDITION',
    issueAlert: true,
    message: 'm',
  });
});

test('a boolean is true, false, 1 or 0', () => {
  for (const [text, value] of [
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ] as const)
    assert.equal(Object(fieldsOf(audit(`${AUDIT}<IssueAlert> ${text} </IssueAlert>`))).issueAlert, value);
});

test('a value of a wrong type is refused with its field and without its content', () => {
  const keys = (size: string): string =>
    `<a:RetrieveDataUnitKeys>${UNIT}<PageSize>${size}</PageSize><PageOffset>0</PageOffset></a:RetrieveDataUnitKeys>`;
  for (const size of ['', 'x', '1.5', '1e3', '0x10', '1 2', '--1'])
    assert.equal(refusalOf(keys(size)), 'RetrieveDataUnitKeys PageSize: not a whole number');
  for (const size of ['2147483648', '-2147483649'])
    assert.match(refusalOf(keys(size)), /^RetrieveDataUnitKeys PageSize: not from/);
  assert.match(refusalOf(keys('99999999999999999999')), /PageSize: beyond 64 bits/);
  assert.match(refusalOf(audit(`${AUDIT}<IssueAlert>yes</IssueAlert>`)), /IssueAlert: not a boolean/);
  for (const text of ['NO-SUCH', '4', 'a:AUDIT-LOG-ERROR-CONDITION', 'constructor'])
    assert.match(
      refusalOf(audit(`<Retention>0</Retention><Condition>${text}</Condition><IssueAlert>0</IssueAlert>`)),
      /Condition: not a text of its enumeration/,
    );
  for (const kwk of ['abc', 'xx', 'ab cd', 'abx'])
    assert.match(
      refusalOf(`<a:RegisterAgentKWK><AgentKWK>${kwk}</AgentKWK></a:RegisterAgentKWK>`),
      /AgentKWK: not hex digits in pairs/,
    );
});

test('the whole range of int is taken', () => {
  for (const size of [-(2 ** 31), -1, 0, 2 ** 31 - 1]) {
    const fields = fieldsOf(
      `<a:RetrieveDataUnitKeys>${UNIT}<PageSize> ${size} </PageSize><PageOffset>+7</PageOffset></a:RetrieveDataUnitKeys>`,
    );
    assert.equal(Object(fields).pageSize, size);
    assert.equal(Object(fields).pageOffset, 7);
  }
});

test('what must be there and is missing is refused', () => {
  assert.equal(refusalOf('<a:CreateKey><KeyGroupID/></a:CreateKey>'), 'CreateKey DataUnit: missing');
  assert.equal(
    refusalOf('<a:CreateKey><DataUnit></DataUnit></a:CreateKey>'),
    'CreateKey DataUnit.DataUnitState: missing',
  );
  assert.equal(refusalOf('<a:RegisterAgentKWK/>'), 'RegisterAgentKWK AgentKWK: missing');
});

test('a field given twice is refused', () => {
  assert.equal(
    refusalOf(
      '<a:CreateDataUnit><ExternalTag>1</ExternalTag><ExternalTag>2</ExternalTag></a:CreateDataUnit>',
    ),
    'CreateDataUnit ExternalTag: given twice',
  );
});

test('elements inside of a simple value are refused', () => {
  assert.match(
    refusalOf('<a:CreateDataUnit><ExternalTag><b/></ExternalTag></a:CreateDataUnit>'),
    /elements inside/,
  );
});

test('bytes of a wrong number are refused', () => {
  const xml = encodeRequest('certificate', 'RetrieveEntityCertificate', {
    entityId: 'a',
    clientAuthenticationResponse: Buffer.alloc(20),
    serverAuthenticationChallenge: Buffer.alloc(20, 1),
  });
  const decoded = decodeRequest('certificate', Buffer.from(xml.replace('01'.repeat(20), '01'.repeat(19))));
  assert.deepEqual(decoded, {
    kind: 'invalid-field',
    name: 'RetrieveEntityCertificate',
    field: 'ServerAuthenticationChallenge',
    detail: 'takes 20 to 20 bytes',
  });
});

test('an unknown operation is told apart, also one of another namespace or of no namespace', () => {
  for (const content of [
    '<a:NoSuchThing/>',
    '<CreateKey/>',
    '<x:CreateKey xmlns:x="urn:x"/>',
    '<a:constructor/>',
  ])
    assert.equal(decode(content).kind, 'unknown-operation');
  const decoded = decode(`<a:${'x'.repeat(1000)}/>`);
  assert.ok(decoded.kind === 'unknown-operation' && decoded.name.length <= 120);
});

test('an operation of our own is known in its own namespace only, and an OKM operation not in it', () => {
  const request = encodeRequest('ca', 'BeginProof', {
    role: 'user',
    entityId: 'olga',
    clientNonce: Buffer.alloc(32),
  });
  assert.equal(decodeRequest('ca', Buffer.from(request)).kind, 'request');
  const moved = request.replaceAll('urn:openkma:proof:1', 'http://www.sun.com/KMS/KMS-CA');
  assert.notEqual(moved, request);
  assert.equal(decodeRequest('ca', Buffer.from(moved)).kind, 'unknown-operation');
  assert.equal(decodeRequest('certificate', Buffer.from(request)).kind, 'unknown-operation');
  const clock = encodeRequest('ca', 'RetrieveLocalClock', { entityId: 'olga' });
  const ours = clock.replaceAll('http://www.sun.com/KMS/KMS-CA', 'urn:openkma:proof:1');
  assert.equal(decodeRequest('ca', Buffer.from(ours)).kind, 'unknown-operation');
});

test('what is no SOAP 1.1 request is malformed', () => {
  const bodies = [
    '',
    '<a/>',
    `${HEAD}</E:Envelope>`,
    `${HEAD}<E:Body/></E:Envelope>`,
    `${HEAD}<E:Body>text</E:Body></E:Envelope>`,
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><x/></e:Body></e:Envelope>',
    'GET / HTTP/1.1',
  ];
  for (const body of bodies) assert.equal(decodeRequest('agent', Buffer.from(body)).kind, 'malformed', body);
});

test('a request with a value of a wrong type is not written', () => {
  assert.throws(() => encodeRequest('agent', 'RegisterAgentKWK', { agentKwk: Buffer.alloc(0) }), EncodeError);
  assert.throws(() => encodeRequest('ca', 'DiscoverCluster', {}), TypeError);
});
