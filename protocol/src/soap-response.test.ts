/** Responses as protocol section 2.2 asks for them, compared with the examples of the document, and read tolerantly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeResponse,
  encodeResponse,
  MalformedResponseError,
  OPERATIONS,
  type OperationName,
  parseXml,
  RESPONSE_LIMITS,
  type XmlElement,
} from './index.ts';
import { KEY, MEMBER, SAMPLES, UNIT, WRAPPED } from './samples.ts';

const NAMES = Object.keys(OPERATIONS) as OperationName[];
const encode = (name: OperationName): string => encodeResponse(OPERATIONS[name].service, name, SAMPLES[name]);
const content = (xml: string): string => /<SOAP-ENV:Body>(.*)<\/SOAP-ENV:Body>/s.exec(xml)?.[1] ?? '';

const UNIT_ELEMENTS = 'DataUnit(DataUnitID ExternalUniqueID ExternalTag Description DataUnitState)';
const KEY_ELEMENTS = 'Key(KeyID KeyState KeyType KeyGroupID Key)';
const QUERY_ELEMENTS =
  'NextPageSize SortFieldName SortOrder FilterParameters PreviousPageLastIDValue PreviousPageLastSortFieldValue';
/** Sections 3 to 7, written down here independently of the table. */
const ELEMENTS: Readonly<Record<OperationName, string>> = {
  RetrieveRootCACertificate:
    'RootCACertificate AuthenticationHashIterationCount ClientAuthenticationChallenge',
  RetrieveLocalClock: 'CurrentTime',
  RetrieveEntityCertificate: 'ServerAuthenticationResponse Certificate WrappedPrivateKeyMaterial',
  BeginProof: 'Salt MemoryKiB Passes Lanes RootCACertificate ServerChallenge OneTimePublicKey',
  EnrolAgent: 'ServerSignature Certificate',
  EnrolKma: 'ServerSignature Certificate',
  LogInUser: 'ServerSignature ExpiresAt',
  DiscoverCluster:
    'EntitySiteID ArrayOfClusterMembers(KMS-Discovery-ClusterMember(KMAID KMAName KMASiteID KMAHostName KMANetworkAddress Enabled Load Responding))',
  ListKeyGroups: `KeyGroups(KeyGroup(KeyGroupID Description) KeyGroup(KeyGroupID Description)) LastPage NextPageQueryParameters(${QUERY_ELEMENTS})`,
  CreateDataUnit: UNIT_ELEMENTS,
  RetrieveDataUnit: UNIT_ELEMENTS,
  RetrieveDataUnitByExternalUniqueID: UNIT_ELEMENTS,
  DisassociateDataUnitKeys: '',
  CreateKey: KEY_ELEMENTS,
  CreateKey2: KEY_ELEMENTS,
  RetrieveKey: KEY_ELEMENTS,
  RetrieveKey2: KEY_ELEMENTS,
  RetrieveDataUnitKeys: `KeysRemaining Keys(${KEY_ELEMENTS} ${KEY_ELEMENTS})`,
  RetrieveDataUnitKeys2: `KeysRemaining Keys(${KEY_ELEMENTS})`,
  RetrieveProtectAndProcessKey: KEY_ELEMENTS,
  RetrieveProtectAndProcessKey2: KEY_ELEMENTS,
  CreateAuditLog: '',
  GetAgentKWKPublicKey: 'KWKPublicKey',
  RegisterAgentKWK: 'AgentKWKID',
  RevokeKey: '',
};

/** Of what is no part of the OKM protocol. */
const OWN_NAMESPACES: { readonly [Name in OperationName]?: RegExp } = {
  BeginProof: /^urn:openkma:proof:1$/,
  EnrolAgent: /^urn:openkma:proof:1$/,
  EnrolKma: /^urn:openkma:proof:1$/,
  LogInUser: /^urn:openkma:proof:1$/,
  RevokeKey: /^urn:openkma:agent:1$/,
};

function outline(elements: readonly XmlElement[]): string {
  return elements
    .map(({ name, children }) => (children.length === 0 ? name : `${name}(${outline(children)})`))
    .join(' ');
}

for (const name of NAMES)
  test(`${name}Response has exactly the elements of the document, in order, unqualified and untyped`, () => {
    const xml = encode(name);
    const response = parseXml(Buffer.from(xml), RESPONSE_LIMITS).children[0]?.children[0];
    assert.ok(response !== undefined);
    assert.equal(response.name, `${name}Response`);
    const namespace = /^http:\/\/www\.sun\.com\/KMS\/KMS-(CA|Certificate|Discovery|Agent)$/;
    assert.match(response.namespace, OWN_NAMESPACES[name] ?? namespace);
    assert.equal(outline(response.children), ELEMENTS[name]);
    assert.ok(!/xsi:|href=|id=/.test(content(xml)));
  });

const DATA_UNIT_XML =
  '<DataUnit><DataUnitID>24072F2D9892BE582A1E7FB320BA76F6</DataUnitID><ExternalUniqueID>5441504530303031</ExternalUniqueID>' +
  '<ExternalTag>VOL001</ExternalTag><Description>Beschreibung ä</Description><DataUnitState>DATA-UNIT-STATE-READABLE-NORMAL</DataUnitState></DataUnit>';
const KEY_XML =
  '<Key><KeyID>0000F293E1C6215923C757F3CA3183B6A7E89AB12251AE0806F776AB5E83</KeyID><KeyState>KEY-STATE-PROTECT-AND-PROCESS</KeyState>' +
  '<KeyType>KEY-TYPE-AES-256</KeyType><KeyGroupID>DefaultGroup</KeyGroupID>' +
  '<Key>117300E9F6799208B19C15411FB4FD6AFA414F0D108E29B4AA27B646C0655973E0CCEB88B2D8BCB0</Key></Key>';
const MEMBER_XML =
  '<KMS-Discovery-ClusterMember KMAVersion="Build700" KMAHostNameIPv6="" KMANetworkAddressIPv6="" KMS-Discovery:Locked="false">' +
  '<KMAID>1</KMAID><KMAName>KMA1</KMAName><KMASiteID>SiteA</KMASiteID><KMAHostName>kma1</KMAHostName>' +
  '<KMANetworkAddress>192.0.2.10</KMANetworkAddress><Enabled>true</Enabled><Load>0</Load><Responding>true</Responding></KMS-Discovery-ClusterMember>';

test('the examples of the document are written character by character', () => {
  assert.equal(
    content(encode('CreateDataUnit')),
    `<KMS-Agent:CreateDataUnitResponse>${DATA_UNIT_XML}</KMS-Agent:CreateDataUnitResponse>`,
  );
  assert.equal(
    content(encode('CreateKey2')),
    `<KMS-Agent:CreateKey2Response>${KEY_XML}</KMS-Agent:CreateKey2Response>`,
  );
  assert.equal(
    content(encode('RetrieveDataUnitKeys2')),
    `<KMS-Agent:RetrieveDataUnitKeys2Response><KeysRemaining>7</KeysRemaining><Keys>${KEY_XML}</Keys></KMS-Agent:RetrieveDataUnitKeys2Response>`,
  );
  assert.equal(
    content(encode('DiscoverCluster')),
    `<KMS-Discovery:DiscoverClusterResponse><EntitySiteID>SiteA</EntitySiteID><ArrayOfClusterMembers>${MEMBER_XML}</ArrayOfClusterMembers></KMS-Discovery:DiscoverClusterResponse>`,
  );
  assert.equal(
    content(encode('ListKeyGroups')),
    '<KMS-Agent:ListKeyGroupsResponse><KeyGroups><KeyGroup><KeyGroupID>DefaultGroup</KeyGroupID><Description>default</Description></KeyGroup>' +
      '<KeyGroup><KeyGroupID>Gruppe-Ä</KeyGroupID><Description>second &amp; more</Description></KeyGroup></KeyGroups><LastPage>true</LastPage>' +
      '<NextPageQueryParameters><NextPageSize>100</NextPageSize><SortFieldName></SortFieldName><SortOrder>SORT-ORDER-ASCENDING</SortOrder>' +
      '<FilterParameters></FilterParameters><PreviousPageLastIDValue></PreviousPageLastIDValue>' +
      '<PreviousPageLastSortFieldValue></PreviousPageLastSortFieldValue></NextPageQueryParameters></KMS-Agent:ListKeyGroupsResponse>',
  );
  assert.equal(
    content(encode('RetrieveLocalClock')),
    '<KMS-CA:RetrieveLocalClockResponse><CurrentTime>2026-11-23T07:30:00Z</CurrentTime></KMS-CA:RetrieveLocalClockResponse>',
  );
  assert.equal(
    content(encode('DisassociateDataUnitKeys')),
    '<KMS-Agent:DisassociateDataUnitKeysResponse></KMS-Agent:DisassociateDataUnitKeysResponse>',
  );
  assert.equal(
    content(encode('RegisterAgentKWK')),
    '<KMS-Agent:RegisterAgentKWKResponse><AgentKWKID>D8D64A361117E476</AgentKWKID></KMS-Agent:RegisterAgentKWKResponse>',
  );
});

test('the envelope declares the five namespaces of the document and no others', () => {
  assert.ok(
    encode('CreateKey').startsWith(
      '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"' +
        ' xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' +
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:KMS-Agent="http://www.sun.com/KMS/KMS-Agent"><SOAP-ENV:Body>',
    ),
  );
});

test('identifiers and bytes are written in upper-case hex', () => {
  const xml = encodeResponse('agent', 'CreateKey', {
    key: { ...KEY, keyId: KEY.keyId.toLowerCase(), key: Buffer.alloc(32, 0xab) },
  });
  assert.ok(xml.includes(`<KeyID>${KEY.keyId}</KeyID>`));
  assert.ok(xml.includes(`<Key>${'AB'.repeat(32)}</Key>`));
});

test('optional attributes are left out when nothing is given', () => {
  const { kmaVersion: _v, kmaHostNameIpv6: _h, kmaNetworkAddressIpv6: _a, locked: _l, ...member } = MEMBER;
  const response = { entitySiteId: '', clusterMembers: [member] };
  const xml = encodeResponse('discovery', 'DiscoverCluster', response);
  assert.ok(xml.includes('<KMS-Discovery-ClusterMember><KMAID>'));
  assert.deepEqual(decodeResponse('discovery', 'DiscoverCluster', Buffer.from(xml)), response);
});

test('Locked counts only in the namespace of the service', () => {
  const xml = encode('DiscoverCluster').replace('KMS-Discovery:Locked="false"', 'Locked="true"');
  const response = decodeResponse('discovery', 'DiscoverCluster', Buffer.from(xml));
  assert.ok('clusterMembers' in response && response.clusterMembers[0]?.locked === undefined);
  const other = encode('DiscoverCluster').replace('KMS-Discovery:Locked="false"', 'KMS-Discovery:Locked="1"');
  const locked = decodeResponse('discovery', 'DiscoverCluster', Buffer.from(other));
  assert.ok('clusterMembers' in locked && locked.clusterMembers[0]?.locked === true);
});

/** The rows of section 2.2 that agents accept: our own client accepts them, too. */
const ACCEPTED: Readonly<Record<string, (xml: string) => string>> = {
  'other prefixes': (xml) =>
    xml.replaceAll('SOAP-ENV', 'e').replaceAll('KMS-Agent:', 'k:').replace('xmlns:KMS-Agent', 'xmlns:k'),
  'a default namespace on the response element': (xml) =>
    xml
      .replace(
        '<KMS-Agent:CreateKey2Response>',
        '<CreateKey2Response xmlns="http://www.sun.com/KMS/KMS-Agent">',
      )
      .replace('</KMS-Agent:', '</'),
  'xsi:type present': (xml) => xml.replace('<KeyID>', '<KeyID xsi:type="xsd:string">'),
  'inner elements with a prefix': (xml) => xml.replace(/<(\/?)KeyGroupID>/g, '<$1KMS-Agent:KeyGroupID>'),
  'elements in another order': (xml) =>
    xml.replace(/(<KeyState>.*<\/KeyState>)(<KeyType>.*<\/KeyType>)/, '$2$1'),
  'an unknown attribute': (xml) => xml.replace('<KeyID>', '<KeyID other="1">'),
  'an enumeration as a number': (xml) => xml.replace('KEY-STATE-PROTECT-AND-PROCESS', '2'),
  'line breaks between elements': (xml) => xml.replaceAll('><', '>\n  <'),
  'an empty header': (xml) => xml.replace('<SOAP-ENV:Body>', '<SOAP-ENV:Header/><SOAP-ENV:Body>'),
  'no XML declaration': (xml) => xml.replace(/^<\?xml[^>]*>\n/, ''),
  'lower-case hex': (xml) => xml.replace('117300E9F6799208', '117300e9f6799208'),
  'an unknown element': (xml) => xml.replace('</KeyID>', '</KeyID><Other/>'),
};
for (const [row, change] of Object.entries(ACCEPTED))
  test(`a response is understood with ${row}`, () => {
    const changed = change(encode('CreateKey2'));
    assert.notEqual(changed, encode('CreateKey2'));
    assert.deepEqual(decodeResponse('agent', 'CreateKey2', Buffer.from(changed)), { key: WRAPPED });
  });

test('arrays are understood with SOAP-ENC:arrayType, and whatever the items are called', () => {
  const xml = encode('RetrieveDataUnitKeys2')
    .replace('<Keys>', '<Keys xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="KMS-Agent:Key[1]">')
    .replace('<Key><KeyID>', '<item><KeyID>')
    .replace('</Key></Key></Keys>', '</Key></item></Keys>');
  assert.deepEqual(
    decodeResponse('agent', 'RetrieveDataUnitKeys2', Buffer.from(xml)),
    SAMPLES.RetrieveDataUnitKeys2,
  );
});

test('a string that is missing or nil does not hurt our client', () => {
  const missing = encode('CreateDataUnit').replace('<ExternalTag>VOL001</ExternalTag>', '');
  const nil = encode('CreateDataUnit').replace('<ExternalTag>VOL001<', '<ExternalTag xsi:nil="true"><');
  for (const xml of [missing, nil])
    assert.deepEqual(decodeResponse('agent', 'CreateDataUnit', Buffer.from(xml)), {
      dataUnit: { ...UNIT, externalTag: '' },
    });
});

test('a KMAID beyond the safe integers is kept exactly', () => {
  const members = (kmaId: number | bigint) => ({ entitySiteId: '', clusterMembers: [{ ...MEMBER, kmaId }] });
  for (const kmaId of [2n ** 63n - 1n, -(2n ** 63n), 7]) {
    const xml = encodeResponse('discovery', 'DiscoverCluster', members(kmaId));
    assert.deepEqual(decodeResponse('discovery', 'DiscoverCluster', Buffer.from(xml)), members(kmaId));
  }
  assert.throws(() => encodeResponse('discovery', 'DiscoverCluster', members(2n ** 63n)));
});

test('a dateTime is understood with fractions and zones', () => {
  const at = (text: string): unknown =>
    decodeResponse(
      'ca',
      'RetrieveLocalClock',
      Buffer.from(encode('RetrieveLocalClock').replace('2026-11-23T07:30:00Z', text)),
    );
  for (const text of ['2026-11-23T07:30:00', '2026-11-23T08:30:00+01:00', '2026-11-23T07:30:00.000Z'])
    assert.deepEqual(at(text), SAMPLES.RetrieveLocalClock);
  for (const text of ['yesterday', '2026-13-23T07:30:00Z', '2026-11-23', ''])
    assert.throws(() => at(text), MalformedResponseError);
});

test('what is no response of the operation is refused as malformed', () => {
  const bodies = [
    '',
    'Not Found',
    '<html></html>',
    encode('CreateKey'),
    encode('CreateKey2').replace(/<KeyState>.*<\/KeyState>/, ''),
    encode('CreateKey2').replace('E0CCEB88B2D8BCB0</Key>', '</Key>'),
    encode('CreateKey2').replace('KEY-TYPE-AES-256', 'KEY-TYPE-OTHER'),
  ];
  for (const body of bodies)
    assert.throws(() => decodeResponse('agent', 'CreateKey2', Buffer.from(body)), MalformedResponseError);
});

test('an oversized response is refused', () => {
  const body = Buffer.alloc(RESPONSE_LIMITS.bytes + 1, 0x20);
  assert.throws(() => decodeResponse('agent', 'CreateKey2', body), MalformedResponseError);
});

test('a response is written only for the service of its operation', () => {
  assert.throws(() => encodeResponse('ca', 'CreateKey', SAMPLES.CreateKey), TypeError);
});
